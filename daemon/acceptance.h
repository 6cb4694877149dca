/* acceptance.h - is a new model fit to take the live one's place? Judged on golden rows, normal
 * traffic newer than what either was trained on, and on anomalies that the live model finds:
 *
 *   budget   of the golden rows no more alert than the promise allows, by chance (97.5 %) and
 *            config.budget times over, unless the live model raises as many
 *   known    anomalies that somebody has collected
 *   permuted golden rows whose columns are shuffled, each for itself: values that never occur
 *            together
 *   scaled   golden rows with a quarter of their numbers far beyond all that was seen
 *
 * Of those that are known the new model must find as many as the live one, less config.tolerance;
 * of the last two, less config.synthetic_tolerance. For these the live model is held to the promise
 * as well: one that alerts on everything finds everything. Not for those that are known: whoever
 * spoils golden rows could loosen it so. */
#ifndef DAEMON_ACCEPTANCE_H
#define DAEMON_ACCEPTANCE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "core/da3d.h"

/* n rows of the models' schema, as da3d_score() takes them; borrowed. */
struct acceptance_rows {
    const double *values;
    size_t n;
};

struct acceptance_config {
    const struct da3d_model *live, *candidate; /* of one schema */
    struct acceptance_rows golden, known, marked;
    double threshold; /* score at which alerts begin, in (0,1); 0: where each model says */
    double budget;    /* alerts on golden rows, in promises */
    double tolerance; /* share of known ones that may be missed beyond the live model's misses */
    double synthetic_tolerance; /* likewise, of permuted and scaled ones */
    uint64_t seed;              /* of the synthetic anomalies */
};

enum acceptance_kind {
    ACCEPTANCE_KNOWN,
    ACCEPTANCE_MARKED,
    ACCEPTANCE_PERMUTED,
    ACCEPTANCE_SCALED,
    ACCEPTANCE_KINDS
};

struct acceptance_found {
    size_t n, live, candidate; /* rows, and how many of them each model finds */
};

struct acceptance {
    bool accepted;
    char reason[256]; /* a sentence, also where it is accepted */
    double promise;   /* share of normal rows that may alert */
    struct acceptance_found golden, kind[ACCEPTANCE_KINDS];
};

/* Returns 0, or -1 with errno ENOMEM. */
int acceptance_judge(const struct acceptance_config *config, struct acceptance *out);

/* The figures, for a report; json-c's, the caller's. */
struct json_object *acceptance_object(const struct acceptance *acceptance);

#endif
