/* training_mark.h - the file by which one retraining at a time runs, and others see how far it is.
 * It is locked while one runs: what a crash leaves behind is no lock. */
#ifndef DAEMON_TRAINING_MARK_H
#define DAEMON_TRAINING_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "history.h"

struct training_progress {
    int64_t started_s; /* since the epoch */
    double fraction;   /* of the work, 0 to 1 */
};

/* Returns a descriptor, held and closed by who trains; -1 with *error: somebody else does, or the
 * folder cannot be written. */
int training_mark_take(const struct history *history, struct da3d_error *error);
void training_mark_tell(int fd, const struct training_progress *progress);

/* Does one run? */
bool training_mark_read(const struct history *history, struct training_progress *out);

#endif
