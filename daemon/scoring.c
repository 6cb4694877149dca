#include "scoring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "meter_settings.h"
#include "set_schema.h"
#include "table.h"

struct scoring {
    struct da3d_scorer *scorer;
    size_t n_columns;
    scoring_sink *sink;
    void *ctx;
    double *rows; /* (SCORING_ROWS, n_columns) */
    size_t n;     /* rows waiting */
    bool stopped; /* the sink's answer */
    struct flow flows[SCORING_ROWS];
    struct da3d_score scores[SCORING_ROWS];
};

static int score_waiting(struct scoring *scoring)
{
    size_t n = scoring->n;

    scoring->n = 0;
    da3d_score(scoring->scorer, scoring->rows, n, scoring->scores);
    for (size_t i = 0; i < n; i++)
        if (scoring->sink(scoring->ctx, &scoring->flows[i], scoring->rows + i * scoring->n_columns,
                          &scoring->scores[i]) < 0) {
            scoring->stopped = true;
            return -1;
        }
    return 0;
}

static int on_flow(void *ctx, const struct flow *flow, const double *x)
{
    struct scoring *scoring = ctx;

    memcpy(scoring->rows + scoring->n * scoring->n_columns, x, scoring->n_columns * sizeof *x);
    scoring->flows[scoring->n] = *flow;
    scoring->flows[scoring->n].samples = NULL;
    scoring->flows[scoring->n].sketch = NULL;
    scoring->n++;
    return scoring->n == SCORING_ROWS ? score_waiting(scoring) : 0;
}

const struct feature_set *scoring_set_of(const struct da3d_model *model, struct da3d_error *error)
{
    const struct schema *schema = da3d_model_schema(model);

    if (strcmp(schema->set, table_set) != 0)
        return set_schema_find(schema, error);
    da3d_fail(error, "trained on a table ('%s'), not on captures", schema->set);
    return NULL;
}

int scoring_run(const struct options *options, const struct da3d_model *model, scoring_sink *sink,
                void *ctx, struct pipeline_stats *stats)
{
    struct da3d_error error;
    const struct feature_set *set = scoring_set_of(model, &error);
    struct meter_config config = options->meter;
    struct scoring *scoring;
    int rc = -1;

    if (!set || meter_settings_take(&config, &da3d_model_config(model)->row_settings,
                                    options->model, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return -1;
    }
    scoring = calloc(1, sizeof *scoring);
    if (!scoring) {
        log_error("%s", strerror(errno));
        return -1;
    }
    config.set = set;
    scoring->n_columns = set->n_columns;
    scoring->sink = sink;
    scoring->ctx = ctx;
    scoring->rows = calloc(SCORING_ROWS * set->n_columns, sizeof *scoring->rows);
    scoring->scorer = da3d_scorer_new(model, SCORING_ROWS);
    if (!scoring->rows || !scoring->scorer)
        log_error("%s", strerror(errno));
    else
        rc = pipeline_run(&options->inputs, options->filter, &config, on_flow, scoring, stats);
    if (scoring->n > 0 && !scoring->stopped && score_waiting(scoring) < 0)
        rc = -1;
    da3d_scorer_free(scoring->scorer);
    free(scoring->rows);
    free(scoring);
    return rc;
}
