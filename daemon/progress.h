/* progress.h - how far a training is: a bar with the time left on a terminal, else plain lines. */
#ifndef DAEMON_PROGRESS_H
#define DAEMON_PROGRESS_H

#include <stdbool.h>
#include <time.h>

#include "core/da3d.h"

struct progress {
    bool terminal;
    bool quiet;
    struct timespec started;
    double shown_at; /* seconds since started */
    int lines;       /* plain lines printed: one at each tenth */
};

void progress_init(struct progress *progress, bool quiet);

/* A struct da3d_watch's progress; ctx: a struct progress. */
bool progress_show(void *ctx, const struct da3d_progress *state);

/* Leaves the bar's line. Returns the seconds since progress_init(). */
double progress_end(struct progress *progress);

#endif
