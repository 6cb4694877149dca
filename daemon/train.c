/* da3dd --train: captures or tables to a model file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "modes.h"
#include "pipeline.h"
#include "progress.h"
#include "store.h"

/* Feature vectors of all flows, in the order in which they ended. */
struct rows {
    double *values; /* (n, n_columns) */
    size_t n, capacity, n_columns;
};

static int rows_add(void *ctx, const struct flow *flow, const double *x)
{
    struct rows *rows = ctx;

    (void)flow;
    if (rows->n == rows->capacity) {
        size_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        double *values =
            reallocarray(rows->values, capacity, rows->n_columns * sizeof *rows->values);

        if (!values) {
            log_error("%s", strerror(errno));
            return -1;
        }
        rows->values = values;
        rows->capacity = capacity;
    }
    memcpy(rows->values + rows->n * rows->n_columns, x, rows->n_columns * sizeof *x);
    rows->n++;
    return 0;
}

/* The model's view of a feature set. Returns 0 and the caller's *schema, or -1 with errno. */
static int schema_of(const struct feature_set *set, struct schema *schema)
{
    *schema = (struct schema){.n_columns = (uint32_t)set->n_columns};
    strncpy(schema->set, set->version, sizeof schema->set - 1);
    schema->columns = calloc(set->n_columns, sizeof *schema->columns);
    if (!schema->columns)
        return -1;
    for (size_t i = 0; i < set->n_columns; i++) {
        strncpy(schema->columns[i].name, set->columns[i].name, SCHEMA_NAME_MAX - 1);
        schema->columns[i].missing_group = set->columns[i].missing_group;
    }
    return 0;
}

static void log_report(const struct da3d_model *model, const char *path, double seconds)
{
    const struct da3d_report *report = da3d_model_report(model);

    log_info("trained in %.1f s on %llu flows, %llu held out", seconds,
             (unsigned long long)report->rows_train, (unsigned long long)report->rows_holdout);
    log_info("%llu parameters; reconstruction loss %.4f, alarm loss %.4f",
             (unsigned long long)report->n_parameters, report->reconstruction, report->alarm);
    log_info("threshold %.6f: %.2f %% of the held-out flows reach it", da3d_threshold_score(model),
             100 * report->holdout_alert_rate);
    log_info("model: %s", path);
}

static int train_on(const struct options *options, const struct da3d_rows *rows)
{
    uint8_t digest[STORE_DIGEST];
    struct progress progress;
    struct da3d_model *model;
    struct da3d_error error;
    double seconds;
    int rc;

    progress_init(&progress, options->quiet);
    rc = da3d_train(&options->config, rows, &(struct da3d_watch){progress_show, &progress}, &model,
                    &error);
    seconds = progress_end(&progress);
    if (rc < 0) {
        log_error("training: %s", error.text);
        return -1;
    }
    rc = store_save(options->model, model, digest, &error);
    if (rc < 0)
        log_error("%s: %s", options->model, error.text);
    else if (!options->quiet)
        log_report(model, options->model, seconds);
    da3d_model_free(model);
    return rc;
}

static int read_rows(const struct options *options, const struct feature_set *set,
                     struct rows *rows)
{
    struct meter_config config = {.set = set, .tunnels = options->tunnels};
    struct pipeline_stats stats;

    rows->n_columns = set->n_columns;
    if (pipeline_run(&options->inputs, options->filter, &config, rows_add, rows, &stats) < 0)
        return -1;
    if (!options->quiet)
        pipeline_log_stats(&stats);
    return 0;
}

static int train_on_captures(const struct options *options)
{
    const struct feature_set *set = options->set ? options->set : *feature_sets();
    const struct table_options *table = &options->table;
    struct rows rows = {0};
    struct schema schema = {0};
    int rc = -1;

    if (table->label || table->numeric || table->categorical || table->drop) {
        log_error("--label-column, --numeric, --categorical and --drop are for tables");
        return -1;
    }
    if (schema_of(set, &schema) < 0)
        log_error("%s", strerror(errno));
    else if (read_rows(options, set, &rows) == 0)
        rc = train_on(options, &(struct da3d_rows){&schema, rows.values, rows.n});
    free(schema.columns);
    free(rows.values);
    return rc;
}

static int train_on_tables(const struct options *options)
{
    struct table table;
    int rc;

    if (*options->filter || options->set) {
        log_error("a filter and --features are for captures, and %s is a table",
                  options->inputs.items[0].path);
        return -1;
    }
    if (table_learn(&table, &options->inputs, &options->table, options->quiet) < 0)
        return -1;
    rc = train_on(options, &(struct da3d_rows){&table.schema, table.values, table.n});
    table_clear(&table);
    return rc;
}

/* The first named input's content decides; in a directory captures are looked for. */
static int train(const struct options *options)
{
    struct input *first = options->inputs.items;
    struct da3d_error error;
    int captures = 1;

    if (options->inputs.n > 0 && first->named) {
        captures = input_is_capture(first, &error);
        if (captures < 0) {
            log_error("%s: %s", first->path, error.text);
            return -1;
        }
    }
    return captures ? train_on_captures(options) : train_on_tables(options);
}

int mode_train(const struct options *options)
{
    struct da3d_error error;

    if (store_check_writable(options->model, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return EXIT_FAILURE;
    }
    return train(options) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
