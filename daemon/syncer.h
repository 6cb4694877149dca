/* syncer.h - a thread that has a file written to the disk, once a second while something was
 * written to it: whoever writes never waits for the disk. */
#ifndef DAEMON_SYNCER_H
#define DAEMON_SYNCER_H

#include <stdbool.h>

struct syncer;

/* fd: borrowed while the syncer lives. Returns NULL with errno ENOMEM. */
struct syncer *syncer_new(int fd);
/* Starts the thread. Returns 0, or -1 with errno. */
int syncer_start(struct syncer *syncer);
void syncer_free(struct syncer *syncer); /* NULL-safe; syncs once more */

/* Something was written. */
void syncer_written(struct syncer *syncer);

#endif
