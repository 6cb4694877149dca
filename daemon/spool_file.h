/* spool_file.h - opening, making and setting aside the files of spool_format.h. */
#ifndef DAEMON_SPOOL_FILE_H
#define DAEMON_SPOOL_FILE_H

#include "spool_format.h"

enum { SPOOL_FILE_MODE = 0640 }; /* for user and group alone: it tells who talks to whom */

/* To read it; its length fits its header. Returns a descriptor, or -1 with *error. */
int spool_file_read(const char *path, enum spool_kind kind, struct spool_header *out,
                    struct da3d_error *error);

/* To read and write it, alone. It is made where there is none; one that is damaged or not of this
 * header's kind, set, settings and number of slots is set aside first, as path.aside, and the
 * log says so.
 * header: what is wanted, as initialised; then what is there. Returns a descriptor, or -1 with
 * *error. */
int spool_file_write(const char *path, struct spool_header *header, struct da3d_error *error);

/* pread() and pwrite() of all that is asked for: 0, or -1 with errno, EIO where the file ends. */
int spool_file_get(int fd, void *bytes, size_t size, off_t at);
int spool_file_put(int fd, const void *bytes, size_t size, off_t at);

#endif
