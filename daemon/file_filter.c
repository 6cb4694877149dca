#include "file_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.2; not in the headers of Debian 12. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

static const uint64_t rights_of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                        LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

static const uint64_t rights[] = {
    [FILE_ACCESS_READ] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    [FILE_ACCESS_WRITE] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                          LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |
                          LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                          LANDLOCK_ACCESS_FS_REMOVE_FILE,
};

/* All that the kernel can be asked to watch; what it does not know it refuses. */
static uint64_t rights_of_abi(int abi)
{
    uint64_t known = LANDLOCK_ACCESS_FS_MAKE_SYM | (LANDLOCK_ACCESS_FS_MAKE_SYM - 1);

    if (abi >= 2)
        known |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        known |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return known;
}

int file_filter_init(struct file_filter *filter)
{
    struct landlock_ruleset_attr attr;

    *filter = (struct file_filter){.fd = -1};
    filter->abi =
        (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    if (filter->abi < 0)
        return -1;
    filter->handled = rights_of_abi(filter->abi);
    attr = (struct landlock_ruleset_attr){.handled_access_fs = filter->handled};
    filter->fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0U);
    return filter->fd < 0 ? -1 : 0;
}

void file_filter_clear(struct file_filter *filter)
{
    if (filter->fd >= 0)
        close(filter->fd);
    filter->fd = -1;
}

/* fd: of the file or folder. */
static int add_rule(const struct file_filter *filter, int fd, enum file_access access)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights[access] & filter->handled,
        .parent_fd = fd,
    };
    struct stat status;

    if (fstat(fd, &status) < 0)
        return -1;
    if (!S_ISDIR(status.st_mode))
        rule.allowed_access &= rights_of_files;
    return (int)syscall(SYS_landlock_add_rule, filter->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
}

int file_filter_allow(struct file_filter *filter, const char *path, enum file_access access)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    int rc, saved;

    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? 0 : -1;
    rc = add_rule(filter, fd, access);
    saved = errno;
    close(fd);
    errno = saved;
    return rc;
}

int file_filter_apply(const struct file_filter *filter)
{
    return (int)syscall(SYS_landlock_restrict_self, filter->fd, 0U);
}
