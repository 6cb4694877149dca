#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int os_error(struct da3d_error *error)
{
    return da3d_fail(error, "%s", strerror(errno));
}

static int folder_of(const char *path, char *folder)
{
    char copy[PATH_MAX];

    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(folder, dirname(copy));
    return 0;
}

static int write_all(int fd, const struct file_part *part)
{
    const uint8_t *bytes = part->bytes;
    size_t size = part->size;

    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

/* A file that nobody else opens, readable as the umask allows. Returns its descriptor. */
static int create_beside(const char *folder, char *temporary)
{
    mode_t mask = umask(0);
    int fd;

    umask(mask);
    if (snprintf(temporary, PATH_MAX, "%s/" WHOLE_FILE_TEMPORARY "XXXXXX", folder) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0)
        fchmod(fd, 0644 & ~mask);
    return fd;
}

int whole_file_check_writable(const char *path, struct da3d_error *error)
{
    char folder[PATH_MAX], temporary[PATH_MAX];
    size_t length = strlen(path);
    struct stat st;
    int fd;

    if (length == 0 || path[length - 1] == '/')
        return da3d_fail(error, "'%s' does not name a file", path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return da3d_fail(error, "exists and is not a regular file");
    if ((stat(path, &st) < 0 && errno != ENOENT) || folder_of(path, folder) < 0)
        return os_error(error);
    fd = create_beside(folder, temporary);
    if (fd < 0)
        return os_error(error);
    close(fd);
    unlink(temporary);
    return 0;
}

static int write_synced(int fd, const struct file_part *parts, size_t n)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = write_all(fd, &parts[i]);
    if (rc == 0)
        rc = fsync(fd);
    if (close(fd) < 0)
        rc = -1;
    return rc;
}

int whole_file_rename(const char *from, const char *to, struct da3d_error *error)
{
    char folder[PATH_MAX];
    int fd, rc;

    if (folder_of(to, folder) < 0)
        return os_error(error);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return os_error(error);
    rc = rename(from, to) < 0 ? os_error(error) : 0;
    if (rc == 0 && fsync(fd) < 0)
        rc = da3d_fail(error, "written, but its folder could not be synced: %s", strerror(errno));
    close(fd);
    return rc;
}

int whole_file_replace(const char *path, const struct file_part *parts, size_t n,
                       struct da3d_error *error)
{
    char folder[PATH_MAX], temporary[PATH_MAX];
    int fd, rc;

    if (folder_of(path, folder) < 0)
        return os_error(error);
    fd = create_beside(folder, temporary);
    if (fd < 0)
        return os_error(error);
    rc = write_synced(fd, parts, n) < 0 ? os_error(error)
                                        : whole_file_rename(temporary, path, error);
    if (rc < 0)
        unlink(temporary); /* where it was renamed, there is none */
    return rc;
}

/* Reads a whole file of known size. Returns a malloc'd buffer or NULL with errno. */
static uint8_t *read_all(int fd, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    size_t done = 0;

    while (bytes && done < size) {
        ssize_t n = read(fd, bytes + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = EIO; /* it shrank while it was read */
            free(bytes);
            return NULL;
        }
        done += (size_t)n;
    }
    return bytes;
}

static uint8_t *read_open(int fd, size_t max, size_t *size, struct da3d_error *error)
{
    uint8_t *bytes;
    struct stat st;
    int rc = 0;

    if (fstat(fd, &st) < 0)
        rc = os_error(error);
    else if (!S_ISREG(st.st_mode))
        rc = da3d_fail(error, "not a regular file");
    else if (st.st_size == 0)
        rc = da3d_fail(error, "empty file");
    else if (st.st_size > (off_t)max)
        rc = da3d_fail(error, "larger than %zu bytes", max);
    if (rc < 0)
        return NULL;
    *size = (size_t)st.st_size;
    bytes = read_all(fd, *size);
    if (!bytes)
        os_error(error);
    return bytes;
}

uint8_t *whole_file_read(const char *path, size_t max, size_t *size, struct da3d_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint8_t *bytes;

    if (fd < 0) {
        os_error(error);
        return NULL;
    }
    bytes = read_open(fd, max, size, error);
    close(fd);
    return bytes;
}
