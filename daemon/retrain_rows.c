#include "retrain_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "meter_settings.h"
#include "pipeline.h"
#include "scoring.h"
#include "spool_read.h"
#include "table.h"

static int read_captures(struct flow_rows *rows, const struct inputs *inputs, const char *filter,
                         const struct meter_config *meter)
{
    struct pipeline_stats stats;

    return pipeline_run(inputs, filter, meter, flow_rows_take, rows, &stats);
}

static int read_table(struct flow_rows *rows, struct input *input, const struct da3d_model *live)
{
    struct table_reader *reader = table_open(input, da3d_model_schema(live), NULL);
    double *x = malloc(rows->n_columns * sizeof *x);
    const char *label;
    int rc = reader && x ? 1 : -1;

    while (rc > 0) {
        rc = table_next(reader, x, &label);
        if (rc > 0 && flow_rows_add(rows, x) < 0)
            rc = log_fail(input->path, strerror(errno));
    }
    free(x);
    if (reader)
        table_close(reader);
    return rc;
}

/* By its content, not by its name. */
static int read_known(struct flow_rows *rows, const char *path, const struct meter_config *meter,
                      const struct da3d_model *live)
{
    struct inputs inputs = {0};
    struct da3d_error error;
    int rc = inputs_add(&inputs, path, &error);
    int capture = rc == 0 && inputs.n > 0 ? input_is_capture(inputs.items, &error) : -1;

    if (capture < 0)
        rc = log_fail(path, rc == 0 && inputs.n == 0 ? "there is nothing in it" : error.text);
    else if (capture)
        rc = read_captures(rows, &inputs, "", meter);
    else
        rc = read_table(rows, inputs.items, live);
    inputs_clear(&inputs);
    return rc;
}

static int find_meter(struct meter_config *meter, const struct config *config,
                      const struct da3d_model *live)
{
    struct da3d_error error;

    *meter = config->meter;
    meter->set = scoring_set_of(live, &error);
    if (!meter->set || meter_settings_take(meter, &da3d_model_config(live)->row_settings,
                                           config->model, &error) < 0)
        return log_fail(config->model, error.text);
    return 0;
}

int retrain_rows_read_captures(struct retrain_rows *rows, const struct options *options,
                               const struct config *config, const struct da3d_model *live)
{
    struct meter_config meter;

    if (find_meter(&meter, config, live) < 0)
        return -1;
    if (options->inputs.n > 0 &&
        read_captures(&rows->normal, &options->inputs, options->filter, &meter) < 0)
        return -1;
    rows->n_golden = (size_t)(config->retrain.golden * (double)rows->normal.n);
    return config->retrain.known ? read_known(&rows->known, config->retrain.known, &meter, live)
                                 : 0;
}

/* Those that are malicious: a new model must find them. */
static int take_marked(struct flow_rows *rows, const struct marks *marks)
{
    for (size_t i = 0; i < marks->n; i++)
        if (marks->items[i].record.mark == SPOOL_MARK_MALICIOUS &&
            flow_rows_add(rows, marks->items[i].x) < 0)
            return log_fail("marks", strerror(errno));
    return 0;
}

static int read_spool(struct retrain_rows *rows, const struct config *config,
                      const struct marks *marks, const struct feature_set *set)
{
    const struct spool_read_config spool = {
        .now_ns = wall_ns(),
        .quarantine_ns = (int64_t)config->spool.quarantine_ns,
        .change_hosts = config->spool.change_hosts,
        .golden = config->retrain.golden,
        .marks = marks,
    };
    struct spool_rows read;
    struct da3d_error error;
    int rc = 0;

    if (spool_read(config->spool.path, &spool, &read, &error) < 0)
        rc = log_fail(config->spool.path, error.text);
    else if (read.set != set)
        rc = log_fail(config->spool.path, "of another feature set than the model's");
    for (size_t i = 0; rc == 0 && i < read.n; i++)
        if (flow_rows_add(&rows->normal, read.x + i * set->n_columns) < 0)
            rc = log_fail(config->spool.path, strerror(errno));
    rows->n_golden = read.n_golden;
    rows->span_ns = spool_rows_span(&read);
    rows->suspect = read.suspect;
    rows->chance = read.chance;
    rows->change = read.change;
    spool_rows_clear(&read);
    return rc;
}

int retrain_rows_read_spool(struct retrain_rows *rows, const struct config *config,
                            const struct da3d_model *live)
{
    struct marks marks = {0};
    struct da3d_error error;
    const struct feature_set *set = scoring_set_of(live, &error);
    int rc = 0;

    if (config->marks && marks_read(config->marks, &marks, &error) < 0)
        rc = log_fail(config->marks, error.text);
    else if (marks.set && marks.set != set)
        rc = log_fail(config->marks, "of another feature set than the model's");
    if (rc == 0)
        rc = take_marked(&rows->marked, &marks);
    if (rc == 0 && config->spool.path)
        rc = read_spool(rows, config, marks.set ? &marks : NULL, set);
    marks_clear(&marks);
    return rc;
}

void retrain_rows_init(struct retrain_rows *rows, const struct da3d_model *live)
{
    const size_t columns = da3d_model_schema(live)->n_columns;

    *rows = (struct retrain_rows){.normal = {.n_columns = columns},
                                  .known = {.n_columns = columns},
                                  .marked = {.n_columns = columns}};
}

void retrain_rows_clear(struct retrain_rows *rows)
{
    flow_rows_clear(&rows->normal);
    flow_rows_clear(&rows->known);
    flow_rows_clear(&rows->marked);
}
