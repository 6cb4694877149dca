#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far beyond any network that can be trained here; keeps a wrong path from filling the memory. */
static const off_t size_max = (off_t)1 << 30;

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

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
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
    if (snprintf(temporary, PATH_MAX, "%s/.da3dd-model-XXXXXX", folder) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0)
        fchmod(fd, 0644 & ~mask);
    return fd;
}

int store_check_writable(const char *path, struct da3d_error *error)
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

/* What a model file consists of; borrowed. */
struct body {
    const uint8_t *bytes;
    size_t size;
    const uint8_t *digest;
};

static int write_synced(int fd, const struct body *body)
{
    int rc = 0;

    if (write_all(fd, body->bytes, body->size) < 0 ||
        write_all(fd, body->digest, STORE_DIGEST) < 0 || fsync(fd) < 0)
        rc = -1;
    if (close(fd) < 0)
        rc = -1;
    return rc;
}

/* Writes to a temporary file in the folder and renames it to path. Returns 0, or -1 with errno. */
static int replace_in(const char *folder, const char *path, const struct body *body)
{
    char temporary[PATH_MAX];
    int fd = create_beside(folder, temporary);
    int saved;

    if (fd < 0)
        return -1;
    if (write_synced(fd, body) < 0 || rename(temporary, path) < 0) {
        saved = errno;
        unlink(temporary);
        errno = saved;
        return -1;
    }
    return 0;
}

static int replace(const char *path, const struct body *body, struct da3d_error *error)
{
    char folder[PATH_MAX];
    int folder_fd, rc;

    if (folder_of(path, folder) < 0)
        return os_error(error);
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return os_error(error);
    rc = replace_in(folder, path, body) < 0 ? os_error(error) : 0;
    if (rc == 0 && fsync(folder_fd) < 0)
        rc = da3d_fail(error, "written, but its folder could not be synced: %s", strerror(errno));
    close(folder_fd);
    return rc;
}

int store_save(const char *path, const struct da3d_model *model, uint8_t digest[STORE_DIGEST],
               struct da3d_error *error)
{
    size_t size;
    uint8_t *body = da3d_model_encode(model, &size);
    int rc;

    if (!body)
        return os_error(error);
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, body, size);
    rc = replace(path, &(struct body){body, size, digest}, error);
    free(body);
    return rc;
}

/* Reads a whole file of known size. Returns a malloc'd buffer or NULL with errno. */
static uint8_t *read_all(int fd, size_t size)
{
    uint8_t *bytes = malloc(size);
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

static int verify(const uint8_t *bytes, size_t size, struct stored_model *out,
                  struct da3d_error *error)
{
    size_t body = size - STORE_DIGEST;

    gcry_md_hash_buffer(GCRY_MD_SHA256, out->digest, bytes, body);
    if (memcmp(bytes, da3d_model_magic, sizeof da3d_model_magic) != 0)
        return da3d_fail(error, "not a da3dd model");
    if (memcmp(out->digest, bytes + body, STORE_DIGEST) != 0)
        return da3d_fail(error, "damaged: its checksum does not match (truncated or altered)");
    return da3d_model_decode(bytes, body, &out->model, error);
}

static int load_from(int fd, struct stored_model *out, struct da3d_error *error)
{
    struct stat st;
    uint8_t *bytes;
    int rc;

    if (fstat(fd, &st) < 0)
        return os_error(error);
    if (!S_ISREG(st.st_mode))
        return da3d_fail(error, "not a regular file");
    if (st.st_size == 0)
        return da3d_fail(error, "empty file");
    if (st.st_size > size_max)
        return da3d_fail(error, "not a da3dd model: larger than any");
    if (st.st_size < (off_t)(sizeof da3d_model_magic + STORE_DIGEST))
        return da3d_fail(error, "not a da3dd model, or truncated");
    bytes = read_all(fd, (size_t)st.st_size);
    if (!bytes)
        return os_error(error);
    rc = verify(bytes, (size_t)st.st_size, out, error);
    free(bytes);
    return rc;
}

int store_load(const char *path, struct stored_model *out, struct da3d_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc;

    *out = (struct stored_model){0};
    if (fd < 0)
        return os_error(error);
    rc = load_from(fd, out, error);
    close(fd);
    return rc;
}

void store_clear(struct stored_model *stored)
{
    da3d_model_free(stored->model);
    *stored = (struct stored_model){0};
}
