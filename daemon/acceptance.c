#include "acceptance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascending.h"
#include "core/rng.h"
#include "json.h"
#include "threshold.h"

enum { CHUNK = 256, SYNTHETIC_MAX = 4096 };

static const double chance = 0.025;      /* that a model which keeps its promise is refused */
static const double beyond_range = 10.0; /* how far scaled anomalies lie */

static const char *const kind_names[ACCEPTANCE_KINDS] = {
    [ACCEPTANCE_KNOWN] = "known",
    [ACCEPTANCE_MARKED] = "marked",
    [ACCEPTANCE_PERMUTED] = "permuted",
    [ACCEPTANCE_SCALED] = "scaled",
};

/* A model with what it takes to score with it, and where its alerts begin. */
struct contestant {
    const struct da3d_model *model;
    struct da3d_scorer *scorer;
    float threshold; /* logit */
};

static int contestant_init(struct contestant *c, const struct da3d_model *model, double threshold)
{
    c->model = model;
    c->threshold =
        threshold > 0 ? threshold_at_score(threshold).logit : da3d_threshold_logit(model);
    c->scorer = da3d_scorer_new(model, CHUNK);
    return c->scorer ? 0 : -1;
}

static size_t columns_of(const struct contestant *c)
{
    return da3d_model_schema(c->model)->n_columns;
}

/* logits: rows->n. */
static void score(const struct contestant *c, const struct acceptance_rows *rows, float *logits)
{
    struct da3d_score scores[CHUNK];

    for (size_t done = 0, n; done < rows->n; done += n) {
        n = rows->n - done < CHUNK ? rows->n - done : CHUNK;
        da3d_score(c->scorer, rows->values + done * columns_of(c), n, scores);
        for (size_t i = 0; i < n; i++)
            logits[done + i] = scores[i].logit;
    }
}

static size_t count_reached(const float *logits, size_t n, float threshold)
{
    size_t reached = 0;

    for (size_t i = 0; i < n; i++)
        reached += logits[i] >= threshold;
    return reached;
}

/* How many of the rows the model finds; 0 where memory is short, with *rc -1. */
static size_t found(const struct contestant *c, const struct acceptance_rows *rows, int *rc)
{
    float *logits = malloc((rows->n + 1) * sizeof *logits);
    size_t n = 0;

    if (logits) {
        score(c, rows, logits);
        n = count_reached(logits, rows->n, c->threshold);
    } else {
        *rc = -1;
    }
    free(logits);
    return n;
}

/* Raises a threshold that more than the promised share of the golden rows reaches. */
static int hold_to_promise(struct contestant *c, const struct acceptance_rows *golden,
                           double promise)
{
    const size_t allowed = (size_t)(promise * (double)golden->n);
    float *logits = malloc((golden->n + 1) * sizeof *logits);

    if (!logits)
        return -1;
    score(c, golden, logits);
    ascending_sort(logits, golden->n);
    if (golden->n > allowed && logits[golden->n - 1 - allowed] >= c->threshold)
        c->threshold = nextafterf(logits[golden->n - 1 - allowed], INFINITY);
    free(logits);
    return 0;
}

/* P(X >= k) of a binomial distribution. */
static double upper_tail(size_t k, size_t n, double p)
{
    double below = 0;

    for (size_t i = 0; i < k; i++)
        below += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) +
                     (double)i * log(p) + (double)(n - i) * log1p(-p));
    return 1 - below;
}

/* Are there more alerts than so many promises allow, also by chance? */
static bool beyond_budget(const struct acceptance_found *golden, double allowed)
{
    return (double)golden->candidate > allowed * (double)golden->n &&
           (allowed >= 1 || upper_tail(golden->candidate, golden->n, allowed) < chance);
}

/* Of each column the values of other rows. */
static void permute(const struct acceptance_rows *golden, size_t columns, struct rng *rng,
                    double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < columns; c++)
            out[i * columns + c] = golden->values[rng_below(rng, golden->n) * columns + c];
}

/* Each column's largest value; -HUGE_VAL where all are missing. */
static void find_largest(const struct acceptance_rows *golden, size_t columns, double *largest)
{
    for (size_t c = 0; c < columns; c++) {
        largest[c] = -HUGE_VAL;
        for (size_t i = 0; i < golden->n; i++)
            largest[c] = fmax(largest[c], golden->values[i * columns + c]);
    }
}

static void scale(const struct acceptance_rows *golden, const struct schema *schema,
                  const double *largest, struct rng *rng, double *out, size_t n)
{
    const size_t columns = schema->n_columns;

    memcpy(out, golden->values, n * columns * sizeof *out);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < columns; c++)
            if (rng_below(rng, 4) == 0 && schema->columns[c].kind == SCHEMA_NUMERIC &&
                !isnan(out[i * columns + c]))
                out[i * columns + c] = beyond_range * (fabs(largest[c]) + 1);
}

/* out: (n, columns). Returns 0, or -1: out of memory. */
static int invent(const struct acceptance_config *config, enum acceptance_kind kind, double *out,
                  size_t n)
{
    const struct schema *schema = da3d_model_schema(config->live);
    double *largest = malloc(schema->n_columns * sizeof *largest);
    struct rng rng;

    if (!largest)
        return -1;
    rng_init(&rng, config->seed, kind);
    if (kind == ACCEPTANCE_PERMUTED) {
        permute(&config->golden, schema->n_columns, &rng, out, n);
    } else {
        find_largest(&config->golden, schema->n_columns, largest);
        scale(&config->golden, schema, largest, &rng, out, n);
    }
    free(largest);
    return 0;
}

struct contest {
    const struct acceptance_config *config;
    struct contestant live, candidate;
};

static int compare(const struct contest *contest, const struct acceptance_rows *rows,
                   struct acceptance_found *out)
{
    int rc = 0;

    out->n = rows->n;
    out->live = found(&contest->live, rows, &rc);
    out->candidate = found(&contest->candidate, rows, &rc);
    return rc;
}

static int compare_synthetic(const struct contest *contest, enum acceptance_kind kind,
                             struct acceptance_found *out)
{
    const size_t golden = contest->config->golden.n;
    const size_t n = golden < SYNTHETIC_MAX ? golden : SYNTHETIC_MAX;
    double *values = malloc((n + 1) * columns_of(&contest->live) * sizeof *values);
    int rc = -1;

    if (values && invent(contest->config, kind, values, n) == 0)
        rc = compare(contest, &(struct acceptance_rows){values, n}, out);
    free(values);
    return rc;
}

/* Known anomalies must be found as the live model finds them in use. Of what is made of golden rows
 * it may find no more than a model that keeps the promise on them. */
static int measure(struct contest *contest, struct acceptance *out)
{
    const struct acceptance_config *config = contest->config;

    if (compare(contest, &config->golden, &out->golden) < 0 ||
        compare(contest, &config->known, &out->kind[ACCEPTANCE_KNOWN]) < 0 ||
        compare(contest, &config->marked, &out->kind[ACCEPTANCE_MARKED]) < 0 ||
        hold_to_promise(&contest->live, &config->golden, out->promise) < 0)
        return -1;
    for (enum acceptance_kind kind = ACCEPTANCE_PERMUTED; kind < ACCEPTANCE_KINDS; kind++)
        if (compare_synthetic(contest, kind, &out->kind[kind]) < 0)
            return -1;
    return 0;
}

static bool enough(const struct acceptance_found *found, double tolerance)
{
    return (double)found->candidate >= (double)found->live - tolerance * (double)found->n;
}

/* Returns the kind of which too few are found, ACCEPTANCE_KINDS if there is none. */
static enum acceptance_kind find_missed(const struct acceptance *a,
                                        const struct acceptance_config *config)
{
    enum acceptance_kind kind = 0;

    while (kind < ACCEPTANCE_KINDS &&
           enough(&a->kind[kind],
                  kind < ACCEPTANCE_PERMUTED ? config->tolerance : config->synthetic_tolerance))
        kind++;
    return kind;
}

static void decide(const struct acceptance_config *config, struct acceptance *a)
{
    const enum acceptance_kind missed = find_missed(a, config);
    const struct acceptance_found *golden = &a->golden;

    if (golden->candidate > golden->live && beyond_budget(golden, config->budget * a->promise))
        snprintf(
            a->reason, sizeof a->reason,
            "it raises %zu alerts on %zu golden flows, the live model %zu; promised are %.3g %%",
            golden->candidate, golden->n, golden->live, 100 * a->promise);
    else if (missed < ACCEPTANCE_KINDS)
        snprintf(a->reason, sizeof a->reason,
                 "of %zu %s anomalies it finds %zu, the live model %zu", a->kind[missed].n,
                 kind_names[missed], a->kind[missed].candidate, a->kind[missed].live);
    else
        a->accepted = true;
    if (a->accepted)
        snprintf(a->reason, sizeof a->reason,
                 "it raises %zu alerts on %zu golden flows, and finds the anomalies that the live "
                 "model finds",
                 golden->candidate, golden->n);
}

int acceptance_judge(const struct acceptance_config *config, struct acceptance *out)
{
    struct contest contest = {.config = config};
    int rc = -1;

    *out = (struct acceptance){
        .promise = (double)da3d_model_config(config->candidate)->target_fpr,
    };
    if (contestant_init(&contest.live, config->live, config->threshold) == 0 &&
        contestant_init(&contest.candidate, config->candidate, config->threshold) == 0)
        rc = measure(&contest, out);
    if (rc == 0)
        decide(config, out);
    da3d_scorer_free(contest.live.scorer);
    da3d_scorer_free(contest.candidate.scorer);
    return rc;
}

static struct json_object *found_object(const struct acceptance_found *found)
{
    struct json_object *object = json_object_new_object();

    json_add_int(object, "rows", found->n);
    json_add_int(object, "live", found->live);
    json_add_int(object, "candidate", found->candidate);
    return object;
}

struct json_object *acceptance_object(const struct acceptance *acceptance)
{
    struct json_object *object = json_object_new_object();

    json_add_number(object, "promise", acceptance->promise);
    json_object_object_add(object, "golden", found_object(&acceptance->golden));
    for (size_t i = 0; i < ACCEPTANCE_KINDS; i++)
        if (acceptance->kind[i].n > 0)
            json_object_object_add(object, kind_names[i], found_object(&acceptance->kind[i]));
    return object;
}
