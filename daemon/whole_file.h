/* whole_file.h - files that are read and written as a whole: who opens one by its name finds the
 * old bytes or the new ones, at any moment and after any crash. */
#ifndef DAEMON_WHOLE_FILE_H
#define DAEMON_WHOLE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Names of files that are being written; what a crash has left of them may be removed. */
#define WHOLE_FILE_TEMPORARY ".da3dd-"

/* Bytes that follow each other in a file; borrowed. */
struct file_part {
    const void *bytes;
    size_t size;
};

/* Could a file be written there? To be asked before hours of training. Returns 0, or -1 with
 * *error. */
int whole_file_check_writable(const char *path, struct da3d_error *error);

/* Writes beside path, syncs, renames. Returns 0, or -1 with *error: path is untouched, unless
 * *error says that it was written and only its folder could not be synced. */
int whole_file_replace(const char *path, const struct file_part *parts, size_t n,
                       struct da3d_error *error);

/* Renames a file, within a folder, so that a crash does not undo it. Returns 0, or -1 with
 * *error. */
int whole_file_rename(const char *from, const char *to, struct da3d_error *error);

/* Reads a regular file of 1 to max bytes. Returns a malloc'd buffer, the caller's, and its *size;
 * NULL with *error. */
uint8_t *whole_file_read(const char *path, size_t max, size_t *size, struct da3d_error *error);

#endif
