/* fold.h - like alerts are counted instead of repeated: those of one source, destination,
 * destination port and protocol.
 *
 * The first is raised and opens a window; those that follow within it are counted. When it ends,
 * the highest of them is reported with their number, and the next window begins; a window in which
 * nothing was counted is forgotten. Where too many are open, the oldest ends early. So every alert
 * is either raised or part of exactly one report. */
#ifndef DAEMON_FOLD_H
#define DAEMON_FOLD_H

#include "judge.h"

struct fold;

/* Who folds. Neither call may call back into the fold. */
struct fold_owner {
    /* verdict: the highest of those counted, the first of equals, without its vector; reasons: as
     * they were found when it was counted. Both are borrowed for the call. */
    void (*report)(void *ctx, const struct verdict *verdict, const struct reasons *reasons,
                   uint64_t count);
    /* Finds the reasons of one that may have to be reported. NULL: none are. */
    void (*explain)(void *ctx, const struct verdict *verdict, struct reasons *out);
    void *ctx;
};

/* max: windows open at once, at most 2^30; window_ns 0: nothing is folded.
 * Returns NULL with errno ENOMEM. */
struct fold *fold_new(size_t max, int64_t window_ns, const struct fold_owner *owner);
void fold_free(struct fold *fold); /* NULL-safe; reports nothing */

/* Time never goes back. Returns true: to be raised; false: counted. */
bool fold_alert(struct fold *fold, const struct verdict *verdict, int64_t now_ns);

void fold_expire(struct fold *fold, int64_t now_ns); /* ends the windows that are over by then */
void fold_flush(struct fold *fold);                  /* ends all */

void fold_set_window(struct fold *fold, int64_t window_ns); /* flushes where it changes */

#endif
