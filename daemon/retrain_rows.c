#include "retrain_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "meter_settings.h"
#include "pipeline.h"
#include "scoring.h"
#include "table.h"

static int fail(const char *what, const char *reason)
{
    log_error("%s: %s", what, reason);
    return -1;
}

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
            rc = fail(input->path, strerror(errno));
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
        rc = fail(path, rc == 0 && inputs.n == 0 ? "there is nothing in it" : error.text);
    else if (capture)
        rc = read_captures(rows, &inputs, "", meter);
    else
        rc = read_table(rows, inputs.items, live);
    inputs_clear(&inputs);
    return rc;
}

int retrain_rows_read(struct retrain_rows *rows, const struct options *options,
                      const struct config *config, const struct da3d_model *live)
{
    struct meter_config meter = config->meter;
    struct da3d_error error;
    size_t columns;

    meter.set = scoring_set_of(live, &error);
    if (!meter.set)
        return fail(config->model, error.text);
    if (meter_settings_take(&meter, &da3d_model_config(live)->row_settings, config->model, &error) <
        0)
        return fail(config->model, error.text);
    columns = meter.set->n_columns;
    *rows = (struct retrain_rows){
        {.n_columns = columns}, {.n_columns = columns}, {.n_columns = columns}};
    if (options->inputs.n > 0 &&
        read_captures(&rows->normal, &options->inputs, options->filter, &meter) < 0)
        return -1;
    return config->retrain.known ? read_known(&rows->known, config->retrain.known, &meter, live)
                                 : 0;
}

void retrain_rows_clear(struct retrain_rows *rows)
{
    flow_rows_clear(&rows->normal);
    flow_rows_clear(&rows->known);
    flow_rows_clear(&rows->marked);
}
