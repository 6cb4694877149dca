#include "split.h"

#include <math.h>
#include <stdlib.h>

enum { TRAIN_ROWS_MIN = 50 };

/* Of rows in the order of their time: so many stretches, of which each has its held-out rows at its
 * end, and beside these one row in so many that is neither: what was under way then shows on both
 * sides. */
enum { STRETCHES = 5, GAP_PART = 50 };

static void split_by_chance(struct training *t, size_t held_out)
{
    for (size_t i = 0; i < t->n_rows; i++) {
        t->order[i] = i;
    }
    rng_shuffle(&t->streams[0].rng[STREAM_HOLDOUT], t->order, t->n_rows);
    t->n_holdout = held_out;
    t->n_train = t->n_rows > held_out ? t->n_rows - held_out : 0;
}

/* Rows from first to end - 1, of which the last held_out are. */
struct stretch {
    size_t first, end, held_out;
};

static struct stretch stretch_at(size_t i, size_t rows, double held_out)
{
    const size_t first = rows * i / STRETCHES, end = rows * (i + 1) / STRETCHES;
    const size_t last = (size_t)llround(held_out * (double)(end - first));
    return (struct stretch){first, end, last < end - first ? last : end - first};
}

/* Which rows of a stretch are learned from: not those near the held-out rows of it and of the one
 * before. */
static void take_train(struct training *t, const struct stretch *stretch)
{
    const size_t gap = (stretch->end - stretch->first) / GAP_PART;
    const size_t first = stretch->first > 0 ? stretch->first + gap : 0;
    for (size_t i = first; i + gap + stretch->held_out < stretch->end; i++) {
        t->order[t->n_holdout + t->n_train++] = i;
    }
}

static void split_by_time(struct training *t, double held_out)
{
    t->n_holdout = t->n_train = 0;
    for (size_t i = 0; i < STRETCHES; i++) {
        const struct stretch stretch = stretch_at(i, t->n_rows, held_out);
        for (size_t row = stretch.end - stretch.held_out; row < stretch.end; row++) {
            t->order[t->n_holdout++] = row;
        }
    }
    for (size_t i = 0; i < STRETCHES; i++) {
        const struct stretch stretch = stretch_at(i, t->n_rows, held_out);
        take_train(t, &stretch);
    }
}

int split_rows(struct training *t, const struct da3d_config *config)
{
    const size_t held_out = (size_t)llround((double)t->n_rows * (double)config->holdout);
    t->order = malloc((t->n_rows + 1) * sizeof *t->order);
    if (t->order == NULL) {
        return da3d_fail(t->error, "out of memory");
    }
    if (config->holdout_by == DA3D_HOLDOUT_TIME && held_out >= STRETCHES) {
        split_by_time(t, (double)config->holdout);
    } else {
        split_by_chance(t, held_out > 0 ? held_out : 1);
    }
    t->n_normal = t->n_holdout;
    if (t->n_train < TRAIN_ROWS_MIN) {
        return da3d_fail(t->error, "too few rows: %zu to learn from after the holdout, not %d",
                         t->n_train, TRAIN_ROWS_MIN);
    }
    return 0;
}
