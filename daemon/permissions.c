#include "permissions.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int permissions_init(struct permissions *out, unsigned mode, const char *group,
                     struct da3d_error *error)
{
    const struct group *entry;

    *out = (struct permissions){.mode = (mode_t)mode, .gid = (gid_t)-1};
    if (!group)
        return 0;
    errno = 0;
    entry = getgrnam(group);
    if (!entry)
        return da3d_fail(error, "group '%s': %s", group,
                         errno ? strerror(errno) : "there is none of this name");
    out->gid = entry->gr_gid;
    return 0;
}

/* The mode last: changing the group may clear bits of it. */
int permissions_apply(const struct permissions *permissions, const char *path,
                      struct da3d_error *error)
{
    if (permissions->gid != (gid_t)-1 && chown(path, (uid_t)-1, permissions->gid) < 0)
        return da3d_fail(error, "%s: its group cannot be set: %s", path, strerror(errno));
    if (chmod(path, permissions->mode) < 0)
        return da3d_fail(error, "%s: its mode cannot be set: %s", path, strerror(errno));
    return 0;
}
