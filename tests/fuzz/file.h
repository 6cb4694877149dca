/* file.h - a fuzzer's bytes as a file with a path. */
#ifndef TESTS_FUZZ_FILE_H
#define TESTS_FUZZ_FILE_H

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

struct fuzz_file {
    int fd;
    char path[32];
};

static inline void fuzz_file_open(struct fuzz_file *file, const uint8_t *data, size_t size)
{
    file->fd = memfd_create("fuzz", MFD_CLOEXEC);
    fuzz_check(file->fd >= 0);
    fuzz_check(write(file->fd, data, size) == (ssize_t)size);
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

static inline void fuzz_file_close(struct fuzz_file *file)
{
    close(file->fd);
}

/* Would another program be started on it? Such inputs are theirs to fuzz. */
static inline bool fuzz_is_compressed(const uint8_t *data, size_t size)
{
    static const uint8_t magics[][2] = {{0x1f, 0x8b}, {0xfd, '7'}, {0x28, 0xb5}};

    for (size_t i = 0; size >= 2 && i < sizeof magics / sizeof *magics; i++)
        if (memcmp(data, magics[i], 2) == 0)
            return true;
    return false;
}

#endif
