/* training.h - one training run on its way: what its steps, each in a file of its own, share.
 *
 * train.c is its life; train_aae.c and train_alarm.c run the two stages. */
#ifndef CORE_TRAINING_H
#define CORE_TRAINING_H

#include "draws.h"
#include "model.h"
#include "slices.h"

struct training {
    const double *rows; /* (n_rows, columns), raw; borrowed */
    size_t n_rows;
    const struct da3d_model *from; /* to begin with; NULL: random parameters; borrowed */
    const struct da3d_watch *watch;
    struct da3d_error *error;
    struct da3d_model *model;
    struct crew *crew;
    struct streams streams[SLICES_MAX]; /* the first one's for what is not a slice's, too */
    size_t *order; /* row numbers: n_holdout held-out ones, then n_train to learn from */
    size_t n_holdout, n_train;
    size_t n_normal;  /* held-out rows that count as normal, which are the first ones of order */
    bool *refused;    /* n_rows; whose identities stay unknown (trim.h) */
    float *inputs;    /* (n_train, inputs), scaled */
    float *codes;     /* (n_train, code), of the trained encoder; NULL if stage 2 takes inputs */
    double aae_share; /* of the whole training's work */
};

/* Each trains networks of t->model on all batches of its epochs.
 * Returns 0, or -1 with *t->error. */
int training_run_aae(struct training *t);
int training_run_alarm(struct training *t);

/* Fits the views of t->model to x: (n, inputs), scaled. Returns 0, or -1 with *t->error. */
int training_fit_views(struct training *t, const float *x, size_t n);

#endif
