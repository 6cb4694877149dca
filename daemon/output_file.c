/* Events appended to a file. What cannot be written is counted, and said once until it can be
 * again: a full disk costs lines, never the service. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "output.h"
#include "permissions.h"

struct file_output {
    char *path;
    struct permissions permissions; /* of a file that it creates */
    int fd;
    struct output_counts counts;
    uint64_t failed; /* lines since the last one that was written */
};

/* Another's file keeps its permissions. O_NONBLOCK: a pipe without a reader is refused at once. */
static int open_or_create(const struct file_output *file, struct da3d_error *error)
{
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = open(file->path, flags | O_CREAT | O_EXCL, 0600);

    if (fd >= 0 && permissions_apply(&file->permissions, file->path, error) < 0) {
        close(fd);
        return -1;
    }
    if (fd < 0 && errno == EEXIST)
        fd = open(file->path, flags);
    return fd >= 0 ? fd : da3d_fail(error, "%s: %s", file->path, strerror(errno));
}

/* Only a regular file never makes its writer wait for a reader. */
static int open_regular(const struct file_output *file, struct da3d_error *error)
{
    struct stat status;
    int fd = open_or_create(file, error);

    if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        return da3d_fail(error, "%s: not a regular file", file->path);
    }
    return fd;
}

static void file_clear(struct file_output *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file);
}

static void file_close(void *state, int64_t until_ns)
{
    (void)until_ns;
    file_clear(state);
}

static int file_init(struct file_output *file, const struct config_output *config,
                     struct da3d_error *error)
{
    if (!config->path)
        return da3d_fail(error, "output 'file' needs a path");
    if (permissions_init(&file->permissions, config->mode, config->group, error) < 0)
        return -1;
    file->path = strdup(config->path);
    if (!file->path)
        return da3d_fail(error, "%s", strerror(errno));
    file->fd = open_regular(file, error);
    return file->fd < 0 ? -1 : 0;
}

static void *file_open(const struct config_output *config, const struct output_context *context,
                       struct da3d_error *error)
{
    struct file_output *file = calloc(1, sizeof *file);

    (void)context;
    if (!file) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    file->fd = -1;
    if (file_init(file, config, error) < 0) {
        file_clear(file);
        return NULL;
    }
    return file;
}

static void count_failure(struct file_output *file, int reason)
{
    if (file->failed == 0)
        log_warning("%s: %s: events are lost until it can be written again", file->path,
                    strerror(reason));
    file->failed++;
    file->counts.dropped++;
}

static void count_success(struct file_output *file)
{
    if (file->failed > 0)
        log_info("%s: can be written again; %llu events were lost", file->path,
                 (unsigned long long)file->failed);
    file->failed = 0;
    file->counts.written++;
}

/* Half a line would spoil the next one: it is taken back. */
static void take_back(const struct file_output *file, size_t written)
{
    off_t end = lseek(file->fd, 0, SEEK_CUR);

    if (end < (off_t)written || ftruncate(file->fd, end - (off_t)written) < 0)
        log_warning("%s: holds an incomplete line: %s", file->path, strerror(errno));
}

static void file_emit(void *state, const struct output_event *event)
{
    struct file_output *file = state;
    ssize_t n;

    do
        n = write(file->fd, event->line, event->length);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)event->length) {
        count_success(file);
    } else {
        count_failure(file, n < 0 ? errno : ENOSPC);
        if (n > 0)
            take_back(file, (size_t)n);
    }
}

/* Where the new file cannot be opened, the old one is better than none. */
static void file_reopen(void *state)
{
    struct file_output *file = state;
    struct da3d_error error;
    int fd = open_regular(file, &error);

    if (fd < 0) {
        log_warning("%s; events go on to the file that was open", error.text);
        return;
    }
    close(file->fd);
    file->fd = fd;
}

static void file_counts(const void *state, struct output_counts *out)
{
    *out = ((const struct file_output *)state)->counts;
}

const struct output_kind output_file = {
    .type = "file",
    .open = file_open,
    .emit = file_emit,
    .reopen = file_reopen,
    .counts = file_counts,
    .close = file_close,
};
