#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "log.h"

enum { BAR_WIDTH = 30, PLAIN_LINES = 10, DESCRIPTION = 64, TIME_LEFT = 32 };

static const double redraw_seconds = 0.1;

void progress_init(struct progress *progress, bool quiet)
{
    *progress = (struct progress){.terminal = isatty(STDERR_FILENO), .quiet = quiet};
    clock_gettime(CLOCK_MONOTONIC, &progress->started);
}

static double elapsed(const struct progress *progress)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - progress->started.tv_sec) +
           (double)(now.tv_nsec - progress->started.tv_nsec) * 1e-9;
}

static void describe(const struct da3d_progress *state, char text[DESCRIPTION])
{
    if (state->stage == DA3D_STAGE_AAE)
        snprintf(text, DESCRIPTION, "autoencoder epoch %u/%u, reconstruction %.4f", state->epoch,
                 state->epochs, state->reconstruction);
    else
        snprintf(text, DESCRIPTION, "alarm network epoch %u/%u, loss %.4f", state->epoch,
                 state->epochs, state->alarm);
}

static void time_left(double seconds, double fraction, char text[TIME_LEFT])
{
    double left = fraction > 0 ? seconds * (1 - fraction) / fraction : 0;
    int whole = left > 359999 ? 359999 : (int)left;

    snprintf(text, TIME_LEFT, "%d:%02d:%02d left", whole / 3600, whole / 60 % 60, whole % 60);
}

static void draw_bar(const struct da3d_progress *state, const char *what, const char *left)
{
    int filled = (int)(state->fraction * BAR_WIDTH);

    fprintf(stderr, "\r[%.*s%*s] %3.0f %%  %s  %s\033[K", filled, "##############################",
            BAR_WIDTH - filled, "", 100 * state->fraction, left, what);
    fflush(stderr);
}

bool progress_show(void *ctx, const struct da3d_progress *state)
{
    struct progress *progress = ctx;
    char what[DESCRIPTION], left[TIME_LEFT];
    double seconds = elapsed(progress);

    if (progress->quiet)
        return true;
    describe(state, what);
    time_left(seconds, state->fraction, left);
    if (progress->terminal) {
        if (seconds - progress->shown_at < redraw_seconds && state->fraction < 1)
            return true;
        draw_bar(state, what, left);
        progress->shown_at = seconds;
    } else if (state->fraction * PLAIN_LINES >= progress->lines + 1) {
        log_info("%3.0f %%, %s, %s", 100 * state->fraction, left, what);
        progress->lines = (int)(state->fraction * PLAIN_LINES);
    }
    return true;
}

double progress_end(struct progress *progress)
{
    if (progress->terminal && !progress->quiet)
        fputc('\n', stderr);
    return elapsed(progress);
}
