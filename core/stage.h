/* stage.h - the loop of one training stage: epochs over reshuffled rows, batch by batch.
 *
 * The last batch of an epoch may be smaller; it is trained on too, its losses being means over its
 * own rows. */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include "da3d.h"
#include "rng.h"

/* Trains on one batch. rows: (n, columns), the stage's, borrowed. done: share of the stage's work
 * before it, 0 to 1. Returns the loss to report; not
 * finite if any of the stage's losses is not, which ends the training. */
typedef double stage_batch_fn(void *ctx, const float *rows, size_t n, double done);

struct stage {
    enum da3d_stage kind;
    uint32_t epochs, batch;
    const float *rows; /* (n_rows, columns); borrowed */
    size_t n_rows, columns;
    struct rng *shuffle; /* borrowed */
    stage_batch_fn *train;
    void *ctx;
    double done, share; /* of the whole training's work: before this stage, and its own */
};

/* watch may be NULL. *loss: the last epoch's mean over its rows.
 * Returns 0, or -1 with *error: diverged, stopped by watch, out of memory. */
int stage_run(const struct stage *stage, const struct da3d_watch *watch, double *loss,
              struct da3d_error *error);

#endif
