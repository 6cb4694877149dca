#include "training_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 64 };

static int open_mark(const struct history *history, int flags)
{
    char path[HISTORY_PATH];

    history_path(history, ".training", "", path);
    return open(path, flags | O_CLOEXEC, 0640);
}

int training_mark_take(const struct history *history, struct da3d_error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open_mark(history, O_RDWR | O_CREAT);

    if (fd < 0)
        return da3d_fail(error, "%s: %s", history->folder, strerror(errno));
    if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
        close(fd);
        return da3d_fail(error, "another retraining is running");
    }
    return fd;
}

void training_mark_tell(int fd, const struct training_progress *progress)
{
    char line[LINE];
    int n =
        snprintf(line, sizeof line, "%.4f %" PRId64 "\n", progress->fraction, progress->started_s);

    if (pwrite(fd, line, (size_t)n, 0) != n)
        return; /* nobody sees how far it is, which harms nothing */
}

bool training_mark_read(const struct history *history, struct training_progress *out)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open_mark(history, O_RDONLY);
    char line[LINE] = "";
    bool held;

    if (fd < 0)
        return false;
    held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    held = held && pread(fd, line, sizeof line - 1, 0) > 0 &&
           sscanf(line, "%lf %" SCNd64, &out->fraction, &out->started_s) == 2;
    close(fd);
    return held;
}
