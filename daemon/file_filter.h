/* file_filter.h - which files and folders the process can still open, by Landlock (landlock(7)).
 * The only module that knows it. */
#ifndef DAEMON_FILE_FILTER_H
#define DAEMON_FILE_FILTER_H

#include <stdint.h>

struct file_filter {
    int fd;           /* of the ruleset; -1: none */
    int abi;          /* the kernel's version of Landlock */
    uint64_t handled; /* rights that need a rule from now on */
};

enum file_access { FILE_ACCESS_READ, FILE_ACCESS_WRITE /* also make and remove */ };

/* Returns 0, or -1 with errno: ENOSYS or EOPNOTSUPP where the kernel has no Landlock. */
int file_filter_init(struct file_filter *filter);
void file_filter_clear(struct file_filter *filter);

/* Allows a file, or a folder and all below it. What does not exist or cannot be
 * reached is passed over.
 * Returns 0, or -1 with errno. */
int file_filter_allow(struct file_filter *filter, const char *path, enum file_access access);

/* From now on, for this thread and those that it starts, and for good. Needs no_new_privs.
 * Returns 0, or -1 with errno. */
int file_filter_apply(const struct file_filter *filter);

#endif
