#include "trim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ascending.h"
#include "calibrate.h"

/* With fewer rows in a half to learn from, or fewer held-out ones, there is nobody to judge. */
enum { ROUNDS = 2, PARTINGS = 4, HALVES = 2, HALF_TRAIN_MIN = 50, HALF_HOLDOUT_MIN = 10 };

enum { JUDGES_PROTOTYPES = 1024 }; /* at most: many halves are fitted, and none of them is kept */

static const double odd_share = 0.5; /* of what is trimmed */

/* Of the held-out rows as many count as normal although they are refused: normal rows, too, are
 * refused now and then, and a promise of false alarms is about all of these. */
static const double normal_share = 0.005;

struct trimming {
    struct training *t;
    uint8_t *half;     /* n_rows; by the identities that a row holds, of the parting at hand */
    float *nats;       /* n_rows; evidence of the views that judge, the least of all partings */
    float *least;      /* n_rows; of the same in the round at hand */
    float *sorted;     /* n_train; the training rows' nats, ascending */
    bool *odd;         /* n_rows */
    size_t *rows;      /* n_rows; scratch: row numbers, */
    size_t *holdout;   /* n_holdout: the same, */
    float *logits;     /* n_rows, */
    float *inputs;     /* (n_train, inputs): training rows, scaled */
    unsigned partings; /* of the round at hand, in which each half had rows enough */
};

static int init(struct trimming *s, struct training *t)
{
    *s = (struct trimming){
        .t = t,
        .half = malloc(t->n_rows * sizeof *s->half),
        .nats = calloc(t->n_rows, sizeof *s->nats),
        .least = malloc(t->n_rows * sizeof *s->least),
        .sorted = malloc(t->n_train * sizeof *s->sorted),
        .odd = malloc(t->n_rows * sizeof *s->odd),
        .rows = malloc(t->n_rows * sizeof *s->rows),
        .holdout = malloc(t->n_holdout * sizeof *s->holdout),
        .logits = malloc(t->n_rows * sizeof *s->logits),
        .inputs = matrix_alloc(t->n_train, t->model->scaler.n_inputs),
    };
    return s->half != NULL && s->nats != NULL && s->least != NULL && s->sorted != NULL &&
                   s->odd != NULL && s->rows != NULL && s->holdout != NULL && s->logits != NULL &&
                   s->inputs != NULL
               ? 0
               : da3d_fail(t->error, "out of memory");
}

static void clear(struct trimming *s)
{
    free(s->half);
    free(s->nats);
    free(s->least);
    free(s->sorted);
    free(s->odd);
    free(s->rows);
    free(s->holdout);
    free(s->logits);
    free(s->inputs);
}

/* Of MurmurHash3's finalizer (Appleby). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdU;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53U;
    return x ^ x >> 33;
}

/* Rows of the same identities are in the same half; those that have none, as chance has it. */
static void part(struct trimming *s, unsigned parting)
{
    const struct training *t = s->t;
    const struct novelty *novelty = &t->model->novelty;
    for (size_t row = 0; row < t->n_rows; row++) {
        uint64_t hash = parting + (novelty->n == 0 ? mix(row + 1) : 0);
        for (uint32_t i = 0; i < novelty->n; i++) {
            const double id = t->rows[row * t->model->schema.n_columns + novelty->of[i].column];
            uint64_t bits;
            memcpy(&bits, &id, sizeof bits);
            hash = mix(hash) + bits;
        }
        s->half[row] = mix(hash) % HALVES;
    }
}

/* The rows of a half among n, of which index holds the numbers. of: n, overwritten. Returns how
 * many there are. */
static size_t take_half(const struct trimming *s, int half, const size_t *index, size_t n,
                        size_t *of)
{
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->half[index[i]] == half) {
            of[taken++] = index[i];
        }
    }
    return taken;
}

static size_t training_row(const struct training *t, size_t i)
{
    return t->order[t->n_holdout + i];
}

/* Whether each half has rows enough, of the training rows those of no more nats than limit. */
static bool can_judge(const struct trimming *s, float limit)
{
    const struct training *t = s->t;
    size_t n[HALVES] = {0};
    bool enough = true;
    for (size_t i = 0; i < t->n_train; i++) {
        const size_t row = training_row(t, i);
        n[s->half[row]] += s->nats[row] <= limit;
    }
    for (int half = 0; half < HALVES; half++) {
        enough = enough && n[half] >= HALF_TRAIN_MIN &&
                 take_half(s, half, t->order, t->n_holdout, s->holdout) >= HALF_HOLDOUT_MIN;
    }
    return enough;
}

/* Which training rows the views are fitted to. */
struct keep {
    int but;     /* not to those of this half; -1: to both */
    float limit; /* nor to rows of more nats */
};

static int fit(struct trimming *s, const struct keep *keep)
{
    struct training *t = s->t;
    const size_t inputs = t->model->scaler.n_inputs;
    size_t n = 0;
    for (size_t i = 0; i < t->n_train; i++) {
        const size_t row = training_row(t, i);
        if (s->half[row] != keep->but && s->nats[row] <= keep->limit) {
            memcpy(s->inputs + n++ * inputs, t->inputs + i * inputs, inputs * sizeof *s->inputs);
        }
    }
    return training_fit_views(t, s->inputs, n);
}

/* Of a model that judges: the views that are fitted to rows. */
static struct da3d_config judging(const struct da3d_config *config)
{
    const uint32_t fitted =
        config->views & (1U << DA3D_VIEW_PROTOTYPES | 1U << DA3D_VIEW_COMPONENTS);
    struct da3d_config judging = *config;
    judging.views = fitted != 0 ? fitted : 1U << DA3D_VIEW_RESIDUAL;
    judging.prototypes =
        config->prototypes < JUDGES_PROTOTYPES ? config->prototypes : JUDGES_PROTOTYPES;
    return judging;
}

/* The evidence of a half's rows, by views that are fitted to the other's, where it is the least. */
static int judge_half(struct trimming *s, const struct keep *keep)
{
    struct training *t = s->t;
    const int half = keep->but;
    const size_t n_holdout = take_half(s, half, t->order, t->n_holdout, s->holdout);
    size_t n = 0;
    for (size_t row = 0; row < t->n_rows; row++) {
        if (s->half[row] == half) {
            s->rows[n++] = row;
        }
    }
    if (fit(s, keep) != 0 || calibrate_views(t, s->holdout, n_holdout) != 0 ||
        calibrate_logits(t, s->rows, n, s->logits) != 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        float *least = &s->least[s->rows[i]];
        *least = fminf(*least, log1pf(expf(s->logits[i])));
    }
    return 0;
}

/* All rows' nats, by views without the rows that have more than limit so far; these stay if nobody
 * can judge. */
static int judge(struct trimming *s, float limit)
{
    const struct training *t = s->t;
    s->partings = 0;
    for (size_t row = 0; row < t->n_rows; row++) {
        s->least[row] = EVIDENCE_MAX;
    }
    for (unsigned parting = 0; parting < PARTINGS; parting++) {
        part(s, parting);
        if (!can_judge(s, limit)) {
            continue;
        }
        s->partings++;
        for (int half = 0; half < HALVES; half++) {
            if (judge_half(s, &(struct keep){half, limit}) != 0) {
                return -1;
            }
        }
    }
    if (s->partings > 0) {
        memcpy(s->nats, s->least, t->n_rows * sizeof *s->nats);
    }
    for (size_t i = 0; i < t->n_train; i++) {
        s->sorted[i] = s->nats[training_row(t, i)];
    }
    ascending_sort(s->sorted, t->n_train);
    return 0;
}

/* The nats that no more than this share of the training rows exceeds. */
static float limit_of(const struct trimming *s, double share)
{
    const size_t last = s->t->n_train - 1;
    return s->sorted[last - (size_t)(share * (double)last)];
}

/* Of the held-out rows those that count come first: all that are not refused, in their order, and
 * as many of the refused, evenly picked, as may be normal. What is behind them is void. */
static void part_holdout(struct trimming *s)
{
    struct training *t = s->t;
    const size_t most = (size_t)llround(normal_share * (double)t->n_holdout);
    size_t kept = 0, refused = 0;
    for (size_t i = 0; i < t->n_holdout; i++) {
        const size_t row = t->order[i];
        if (t->refused[row]) {
            s->holdout[refused++] = row;
        } else {
            t->order[kept++] = row;
        }
    }
    const size_t picked = kept == 0 || refused < most ? refused : most;
    for (size_t i = 0; i < picked; i++) {
        t->order[kept + i] = s->holdout[i * refused / picked];
    }
    t->n_normal = kept + picked;
}

static int refuse(struct trimming *s)
{
    struct training *t = s->t;
    const struct novelty_rows rows = {t->rows, t->model->schema.n_columns, NULL, t->n_rows};
    const float limit = limit_of(s, odd_share * (double)t->model->config.trim);
    for (size_t row = 0; row < t->n_rows; row++) {
        s->odd[row] = s->nats[row] > limit;
    }
    if (novelty_refuse(&t->model->novelty, &rows, s->odd, t->refused) != 0) {
        return da3d_fail(t->error, "out of memory");
    }
    for (size_t row = 0; row < t->n_rows; row++) {
        t->model->report.rows_refused += t->refused[row];
    }
    part_holdout(s);
    return 0;
}

/* Returns the nats beyond which rows are trimmed, infinite if nobody can judge; or NaN with
 * *t->error. */
static float find_limit(struct trimming *s, double share)
{
    float limit = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        if (judge(s, limit) != 0) {
            return NAN;
        }
        if (s->partings == 0) {
            break;
        }
        limit = limit_of(s, share);
    }
    return limit;
}

static int run(struct trimming *s)
{
    struct da3d_model *model = s->t->model;
    const struct da3d_config config = model->config;
    model->config = judging(&config);
    const float limit = find_limit(s, (double)config.trim);
    model->config = config;
    if (isnan(limit) || fit(s, &(struct keep){-1, limit}) != 0) {
        return -1;
    }
    return isfinite(limit) && da3d_has_view(&config, DA3D_VIEW_NOVELTY) ? refuse(s) : 0;
}

int trim(struct training *t)
{
    struct trimming s;
    if (t->model->config.judged || t->model->config.trim == 0.0F) {
        return training_fit_views(t, t->inputs, t->n_train);
    }
    const int result = init(&s, t) == 0 ? run(&s) : -1;
    clear(&s);
    return result;
}
