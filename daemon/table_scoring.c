#include "table_scoring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli_check.h"
#include "csv.h"
#include "images.h"
#include "log.h"
#include "table.h"

enum { BATCH = 256 }; /* rows in one matrix product */

struct table_scoring {
    struct da3d_scorer *scorer;
    const struct da3d_model *model;
    const struct options *options;
    const struct schema *schema;
    table_sink *sink;
    void *ctx;
    double *rows; /* (BATCH, columns) */
    size_t n;     /* rows waiting */
    size_t scored;
    char labels[BATCH][SCHEMA_VALUE_MAX];
    struct da3d_score scores[BATCH];
};

static int score_waiting(struct table_scoring *scoring)
{
    size_t n = scoring->n;

    scoring->n = 0;
    scoring->scored += n;
    da3d_score(scoring->scorer, scoring->rows, n, scoring->scores);
    for (size_t i = 0; i < n; i++)
        if (scoring->sink(scoring->ctx, scoring->labels[i], &scoring->scores[i]) < 0)
            return -1;
    return 0;
}

/* An input's rows. One of both. */
struct source {
    struct table_reader *table;
    struct images_reader *images;
};

static int source_open(struct source *source, const struct table_scoring *scoring,
                       struct input *input)
{
    const struct options *options = scoring->options;

    *source = (struct source){0};
    if (table_scoring_is_images(scoring->model))
        source->images =
            images_open(input, options->labels, da3d_model_config(scoring->model)->image);
    else
        source->table = table_open(input, scoring->schema, options->table.label);
    return source->images || source->table ? 0 : -1;
}

static int source_next(const struct source *source, double *x, const char **label)
{
    return source->images ? images_next(source->images, x, label)
                          : table_next(source->table, x, label);
}

static void source_close(struct source *source)
{
    table_close(source->table);
    images_close(source->images);
}

static int read_rows(struct table_scoring *scoring, const struct source *source)
{
    const size_t columns = scoring->schema->n_columns;
    const char *label;
    int rc;

    while ((rc = source_next(source, scoring->rows + scoring->n * columns, &label)) > 0) {
        csv_escape(label ? label : "", scoring->labels[scoring->n], sizeof scoring->labels[0]);
        scoring->n++;
        if (scoring->n == BATCH && score_waiting(scoring) < 0)
            return -1;
    }
    return rc;
}

/* Rows before one that cannot be read are scored. */
static int read_input(struct table_scoring *scoring, struct input *input)
{
    struct source source;
    int rc = source_open(&source, scoring, input) < 0 ? -1 : read_rows(scoring, &source);

    source_close(&source);
    return score_waiting(scoring) < 0 ? -1 : rc;
}

static int read_inputs(struct table_scoring *scoring, const struct inputs *inputs)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < inputs->n; i++)
        rc = read_input(scoring, &inputs->items[i]);
    if (rc == 0 && scoring->scored == 0) {
        log_error("%s: no rows behind the header",
                  inputs->n > 0 ? inputs->items[0].path : "tables");
        return -1;
    }
    return rc;
}

bool table_scoring_is_images(const struct da3d_model *model)
{
    return strcmp(da3d_model_schema(model)->set, images_set) == 0;
}

static int check_image_options(const struct options *options)
{
    if (options->table.label)
        log_error("--label-column is for tables, and %s was trained on images", options->model);
    else if (cli_check_flows(options))
        log_error("a filter, --tunnels and the options of flows are for captures, and %s was "
                  "trained on images",
                  options->model);
    else if (options->labels && options->inputs.n > 1)
        log_error("--labels: of one file of images, not %zu", options->inputs.n);
    else
        return 0;
    return -1;
}

static int check_model(const struct da3d_model *model, const struct options *options)
{
    const char *set = da3d_model_schema(model)->set;

    if (table_scoring_is_images(model))
        return check_image_options(options);
    if (strcmp(set, table_set) == 0)
        return 0;
    log_error("%s: trained on captures (feature set '%s'), not on a table", options->model, set);
    return -1;
}

int table_scoring_run(const struct options *options, const struct da3d_model *model,
                      table_sink *sink, void *ctx)
{
    const struct schema *schema = da3d_model_schema(model);
    struct table_scoring *scoring;
    int rc = -1;

    if (check_model(model, options) < 0)
        return -1;
    scoring = calloc(1, sizeof *scoring);
    if (!scoring) {
        log_error("%s", strerror(errno));
        return -1;
    }
    scoring->model = model;
    scoring->options = options;
    scoring->schema = schema;
    scoring->sink = sink;
    scoring->ctx = ctx;
    scoring->rows = calloc(BATCH * (size_t)schema->n_columns, sizeof *scoring->rows);
    scoring->scorer = da3d_scorer_new(model, BATCH);
    if (!scoring->rows || !scoring->scorer)
        log_error("%s", strerror(errno));
    else
        rc = read_inputs(scoring, &options->inputs);
    da3d_scorer_free(scoring->scorer);
    free(scoring->rows);
    free(scoring);
    return rc;
}
