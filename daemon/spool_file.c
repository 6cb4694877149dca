#include "spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "whole_file.h"

int spool_file_get(int fd, void *bytes, size_t size, off_t at)
{
    uint8_t *to = bytes;

    while (size > 0) {
        ssize_t n = pread(fd, to, size, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return -1;
        to += n;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

int spool_file_put(int fd, const void *bytes, size_t size, off_t at)
{
    const uint8_t *from = bytes;

    while (size > 0) {
        ssize_t n = pwrite(fd, from, size, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        from += n;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static int os_error(struct da3d_error *error)
{
    return da3d_fail(error, "%s", strerror(errno));
}

/* O_NONBLOCK: a pipe makes nobody wait. Returns a descriptor, or -1 with errno. */
static int open_regular(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

static int check_size(int fd, const struct spool_header *header, struct da3d_error *error)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return os_error(error);
    if (header->kind == SPOOL_FLOWS && status.st_size != spool_slot_at(header, header->slots))
        return da3d_fail(error, "is cut off, or longer than its header says");
    return 0;
}

static int read_header(int fd, enum spool_kind kind, struct spool_header *out,
                       struct da3d_error *error)
{
    uint8_t bytes[SPOOL_HEADER];

    if (spool_file_get(fd, bytes, sizeof bytes, 0) < 0)
        return errno == EIO ? da3d_fail(error, "not a spool of da3dd's, or cut off")
                            : os_error(error);
    if (spool_header_decode(bytes, out, error) < 0)
        return -1;
    if (out->kind != kind)
        return da3d_fail(error, kind == SPOOL_MARKS ? "a spool of flows, not of marks"
                                                    : "a file of marks, not a spool of flows");
    return check_size(fd, out, error);
}

int spool_file_read(const char *path, enum spool_kind kind, struct spool_header *out,
                    struct da3d_error *error)
{
    int fd = open_regular(path, O_RDONLY);

    if (fd < 0)
        return errno == EINVAL ? da3d_fail(error, "not a regular file") : os_error(error);
    if (read_header(fd, kind, out, error) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Empty slots are zeros behind the header. Returns a descriptor, or -1 with *error. */
static int create(const char *path, const struct spool_header *header, struct da3d_error *error)
{
    uint8_t bytes[SPOOL_HEADER];
    int fd;

    spool_header_encode(header, bytes);
    if (whole_file_replace(path, &(struct file_part){bytes, sizeof bytes}, 1, error) < 0)
        return -1;
    fd = open_regular(path, O_RDWR);
    if (fd < 0)
        return os_error(error);
    if (fchmod(fd, SPOOL_FILE_MODE) == 0 &&
        ftruncate(fd, spool_slot_at(header, header->slots)) == 0 && fsync(fd) == 0)
        return fd;
    os_error(error);
    close(fd);
    return -1;
}

static bool same_settings(const struct row_settings *a, const struct row_settings *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (strcmp(a->at[i].name, b->at[i].name) != 0 || a->at[i].value != b->at[i].value)
            return false;
    return true;
}

static bool fits(const struct spool_header *has, const struct spool_header *wanted,
                 struct da3d_error *error)
{
    if (strcmp(has->set, wanted->set) != 0 || has->columns != wanted->columns)
        da3d_fail(error, "of feature set '%s', not '%s'", has->set, wanted->set);
    else if (!same_settings(&has->row_settings, &wanted->row_settings))
        da3d_fail(error, "of flows that were made otherwise (flow.idle and the like)");
    else if (has->slots != wanted->slots)
        da3d_fail(error, "of %llu slots, not %llu", (unsigned long long)has->slots,
                  (unsigned long long)wanted->slots);
    else
        return true;
    return false;
}

static int set_aside(const char *path, const char *reason, struct da3d_error *error)
{
    char aside[PATH_MAX];

    if (snprintf(aside, sizeof aside, "%s.aside", path) >= (int)sizeof aside)
        return da3d_fail(error, "%s", strerror(ENAMETOOLONG));
    if (whole_file_rename(path, aside, error) < 0)
        return -1;
    log_warning("%s: %s; set aside as %s", path, reason, aside);
    return 0;
}

/* Returns the descriptor of a file that can be used, -1 with *error, or -2: there is none. */
static int open_fitting(const char *path, struct spool_header *wanted, struct da3d_error *error)
{
    int fd = open_regular(path, O_RDWR);
    struct spool_header has = {.kind = SPOOL_FLOWS};
    struct da3d_error reason;

    if (fd < 0 && errno == ENOENT)
        return -2;
    if (fd < 0)
        return errno == EINVAL ? da3d_fail(error, "not a regular file") : os_error(error);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        da3d_fail(error, "in use by another process");
        close(fd);
        return -1;
    }
    if (read_header(fd, wanted->kind, &has, &reason) == 0 && fits(&has, wanted, &reason)) {
        *wanted = has;
        return fd;
    }
    close(fd);
    return set_aside(path, reason.text, error) < 0 ? -1 : -2;
}

int spool_file_write(const char *path, struct spool_header *header, struct da3d_error *error)
{
    int fd = open_fitting(path, header, error);

    if (fd != -2)
        return fd;
    fd = create(path, header, error);
    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        da3d_fail(error, "in use by another process");
        close(fd);
        return -1;
    }
    return fd;
}
