/* da3dd --train: captures or tables to a model file. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "cli_check.h"
#include "clock.h"
#include "features/nanos.h"
#include "flow_rows.h"
#include "images.h"
#include "log.h"
#include "meter_settings.h"
#include "modes.h"
#include "pipeline.h"
#include "progress.h"
#include "set_schema.h"
#include "spool_alerts.h"
#include "spool_read.h"
#include "store.h"
#include "table_options.h"
#include "whole_file.h"

/* Held-out rows that are to reach a threshold: fewer set it by chance, and by an extrapolated tail
 * as good as so. */
static const double reaching_min = 5, reaching_min_of_tail = 0.1;

/* Can the held-out rows tell a score that only the target share of normal rows reaches? */
static void check_promise(const struct da3d_model *model, const char *noun)
{
    const double target = (double)da3d_model_config(model)->target_fpr;
    const double held_out = (double)da3d_model_report(model)->rows_holdout;
    const double needed =
        (da3d_model_tail(model)->used ? reaching_min_of_tail : reaching_min) / target;

    if (held_out < needed * (1 - 1e-6))
        log_warning(
            "%.0f %s held out are too few for --target-fpr %.6g: it takes %.0f to keep that "
            "promise",
            held_out, noun, target, ceil(needed * (1 - 1e-6)));
}

/* How far p-values reach beyond the held-out rows. */
static void log_tail(const struct da3d_tail *tail, const char *noun)
{
    if (tail->used)
        log_info(
            "p-values below %.3g by a generalised Pareto tail of %u %s: shape %.3f, scale %.3f, "
            "A^2 %.2f",
            tail->share, tail->rows, noun, tail->shape, tail->scale, tail->misfit);
    else if (tail->misfit > 0)
        log_info("p-values by rank alone: the highest %u held-out %s do not follow a generalised "
                 "Pareto distribution (A^2 %.2f)",
                 tail->rows, noun, tail->misfit);
    else
        log_info("p-values by rank alone: too few held-out %s for a tail", noun);
}

/* noun: of the rows. */
static void log_report(const struct da3d_model *model, const char *path, const char *noun,
                       double seconds)
{
    const struct da3d_report *report = da3d_model_report(model);

    log_info("trained in %.1f s on %llu %s, %llu held out", seconds,
             (unsigned long long)report->rows_train, noun,
             (unsigned long long)report->rows_holdout);
    if (report->rows_refused > 0)
        log_info("%llu %s hold identities that were in odd ones alone: these stay unknown "
                 "(--trim 0 learns them)",
                 (unsigned long long)report->rows_refused, noun);
    log_info("%llu parameters; reconstruction loss %.4f", (unsigned long long)report->n_parameters,
             report->reconstruction);
    if (da3d_has_view(da3d_model_config(model), DA3D_VIEW_ALARM))
        log_info("alarm loss %.4f", report->alarm);
    log_info("threshold %.6f: %.2f %% of the held-out %s reach it", da3d_threshold_score(model),
             100 * report->holdout_alert_rate, noun);
    log_tail(da3d_model_tail(model), noun);
    log_info("model: %s", path);
}

/* noun: what the rows are. */
static int train_on(const struct options *options, const struct da3d_config *config,
                    const struct da3d_rows *rows, const char *noun)
{
    uint8_t digest[STORE_DIGEST];
    struct progress progress;
    struct da3d_model *model;
    struct da3d_error error;
    double seconds;
    int rc;

    progress_init(&progress, options->quiet);
    rc = da3d_train(config, rows, &(struct da3d_watch){progress_show, &progress}, &model, &error);
    seconds = progress_end(&progress);
    if (rc < 0) {
        log_error("%s: training: %s", options->model, error.text);
        return -1;
    }
    rc = store_save(options->model, model, digest, &error);
    if (rc < 0)
        log_error("%s: %s", options->model, error.text);
    else if (!options->quiet)
        log_report(model, options->model, noun, seconds);
    if (rc == 0)
        check_promise(model, noun);
    da3d_model_free(model);
    return rc;
}

static int read_rows(const struct options *options, const struct meter_config *config,
                     struct flow_rows *rows)
{
    struct pipeline_stats stats;

    rows->n_columns = config->set->n_columns;
    if (pipeline_run(&options->inputs, options->filter, config, flow_rows_take, rows, &stats) < 0 ||
        pipeline_need_flows(&options->inputs, &stats) < 0)
        return -1;
    if (!options->quiet)
        pipeline_log_stats(&stats);
    return 0;
}

/* The first input is of another kind than these options are for. */
static int refuse_table_options(const struct options *options, const char *kind)
{
    const struct table_options *table = &options->table;

    if (!table->label && !table_options_of_inputs(table))
        return 0;
    log_error("--label-column, --numeric, --categorical, --identity and --drop are for tables, and "
              "%s is %s",
              options->inputs.items[0].path, kind);
    return -1;
}

static int refuse_labels(const struct options *options, const char *kind)
{
    if (!options->labels)
        return 0;
    log_error("--labels goes with --train for images, and %s is %s", options->inputs.items[0].path,
              kind);
    return -1;
}

static int refuse_spool_options(const struct options *options, const char *kind)
{
    if (!options->quarantine_given && !options->marks)
        return 0;
    log_error("--quarantine and --marks are for spools, and %s is %s",
              options->inputs.items[0].path, kind);
    return -1;
}

static int refuse_capture_options(const struct options *options, const char *kind)
{
    if (!cli_check_flows(options) && !options->set && options->alerts_per_day == 0)
        return 0;
    log_error("a filter, --features, --tunnels, --alerts-per-day and the options of flows are for "
              "captures, and %s is %s",
              options->inputs.items[0].path, kind);
    return -1;
}

/* Keeps how many flows a day has, if the captures took time, and what may alert of them. */
static int take_flows_per_day(const struct options *options, const struct flow_rows *rows,
                              struct da3d_config *config)
{
    const double days = (double)nanos_between(rows->start_ns, rows->end_ns) / (86400e9);
    const double flows = days > 0 ? (double)rows->n / days : 0;

    if (flows > 0)
        row_settings_add(&config->row_settings, meter_flows_per_day, flows);
    if (options->alerts_per_day == 0)
        return 0;
    if (options->alerts_per_day > 0.5 * flows) {
        log_error("--alerts-per-day: %u of %.0f flows a day are more than half",
                  options->alerts_per_day, flows);
        return -1;
    }
    config->target_fpr = (float)budget_target(options->alerts_per_day, flows);
    log_info("%.0f flows a day: --alerts-per-day %u is --target-fpr %.3g", flows,
             options->alerts_per_day, (double)config->target_fpr);
    return 0;
}

/* Unless the options say otherwise: of rows that are in the order of their time. */
static void hold_out_by_time(struct da3d_config *config)
{
    if (config->holdout_by == DA3D_HOLDOUT_AUTO)
        config->holdout_by = DA3D_HOLDOUT_TIME;
}

static int train_on_captures(const struct options *options)
{
    struct da3d_config config = options->config;
    struct meter_config meter = options->meter;
    struct flow_rows rows = {0};
    struct schema schema = {0};
    int rc = -1;

    if (refuse_table_options(options, "a capture") < 0 || refuse_labels(options, "a capture") < 0 ||
        refuse_spool_options(options, "a capture") < 0)
        return -1;
    meter.set = options->set ? options->set : *feature_sets();
    meter_settings_default(&meter);
    meter_settings_keep(&meter, &config.row_settings);
    hold_out_by_time(&config);
    if (set_schema_init(&schema, meter.set) < 0)
        log_error("%s", strerror(errno));
    else if (read_rows(options, &meter, &rows) == 0 &&
             take_flows_per_day(options, &rows, &config) == 0)
        rc = train_on(options, &config, &(struct da3d_rows){&schema, rows.values, rows.n}, "flows");
    schema_clear(&schema);
    flow_rows_clear(&rows);
    return rc;
}

/* So many inputs that the memory of their networks is worth a word. */
enum { MANY_INPUTS = 1000 };

/* Networks grow with the square of their inputs. Returns 0, or -1 (reported) where the machine has
 * less memory than they take. */
static int check_memory(const struct options *options, const struct table *table)
{
    const double gib = 1 << 30;
    const double needed = da3d_train_memory(&options->config, &table->schema, table->n) / gib;
    const double had = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / gib;
    const size_t inputs = schema_inputs(&table->schema);

    if (needed > had) {
        log_error(
            "%zu inputs: training takes %.1f GiB of memory at least, and the machine has %.1f: "
            "--drop or --numeric make fewer inputs, --encoder and --alarm smaller networks",
            inputs, needed, had);
        return -1;
    }
    if (inputs >= MANY_INPUTS)
        log_warning("%zu inputs: training takes %.1f GiB of memory at least", inputs, needed);
    return 0;
}

static int train_on_tables(const struct options *options)
{
    struct table table;
    int rc;

    if (refuse_capture_options(options, "a table") < 0 || refuse_labels(options, "a table") < 0 ||
        refuse_spool_options(options, "a table") < 0)
        return -1;
    if (table_learn(&table, &options->inputs, &options->table, options->quiet) < 0)
        return -1;
    rc = check_memory(options, &table);
    if (rc == 0)
        rc = train_on(options, &options->config,
                      &(struct da3d_rows){&table.schema, table.values, table.n}, "rows");
    table_clear(&table);
    return rc;
}

static int train_on_images(const struct options *options)
{
    struct da3d_config config = options->config;
    struct image_rows images;
    int rc = -1;

    if (refuse_capture_options(options, "images") < 0 ||
        refuse_table_options(options, "images") < 0 || refuse_spool_options(options, "images") < 0)
        return -1;
    if (images_learn(&images, options) == 0) {
        const struct table *table = &images.table;

        config.image = images.shape;
        rc = train_on(options, &config,
                      &(struct da3d_rows){&table->schema, table->values, table->n}, "images");
    }
    images_clear(&images);
    return rc;
}

static void log_spool(const char *path, const struct spool_rows *rows)
{
    log_info("%s: %" PRIu64 " of %" PRIu64 " slots have records; %" PRIu64 " of these are in "
             "quarantine, %" PRIu64 " suspect, %" PRIu64 " marked as malicious, %" PRIu64
             " damaged; %" PRIu64 " marked as benign join them",
             path, rows->slots - rows->empty, rows->slots, rows->quarantined, rows->suspect,
             rows->shunned, rows->bad, rows->benign);
    log_info("%s: %" PRIu64 " of the flows alerted by chance, %" PRIu64
             " as the network has changed",
             path, rows->chance, rows->change);
}

/* Returns 0, or -1 (reported). To be cleared in both cases. */
static int read_spool(const struct options *options, struct marks *marks, struct spool_rows *rows)
{
    const char *path = options->inputs.items[0].path;
    const struct spool_read_config config = {.now_ns = wall_ns(),
                                             .quarantine_ns = options->quarantine_ns,
                                             .change_hosts = SPOOL_CHANGE_HOSTS,
                                             .marks = marks};
    struct da3d_error error;

    if (options->marks && marks_read(options->marks, marks, &error) < 0) {
        log_error("%s: %s", options->marks, error.text);
        return -1;
    }
    if (options->marks && !marks->set) {
        log_error("%s: there is no such file", options->marks);
        return -1;
    }
    if (spool_read(path, &config, rows, &error) < 0) {
        log_error("%s: %s", path, error.text);
        return -1;
    }
    if (!options->quiet || rows->n == 0)
        log_spool(path, rows);
    if (rows->n == 0)
        log_error("%s: no record that may be trained on", path);
    return rows->n == 0 ? -1 : 0;
}

static int train_on_spool(const struct options *options)
{
    struct marks marks = {0};
    struct spool_rows rows = {0};
    struct schema schema = {0};
    struct da3d_config config = options->config;
    int rc = -1;

    if (refuse_capture_options(options, "a spool") < 0 ||
        refuse_table_options(options, "a spool") < 0 || refuse_labels(options, "a spool") < 0)
        return -1;
    if (options->inputs.n > 1)
        log_error("%s: a spool is trained on alone", options->inputs.items[0].path);
    else if (read_spool(options, &marks, &rows) == 0 && set_schema_init(&schema, rows.set) < 0)
        log_error("%s", strerror(errno));
    else if (rows.n > 0) {
        config.row_settings = rows.row_settings;
        hold_out_by_time(&config);
        config.judged = config.trim < 0; /* when the spool was read */
        rc = train_on(options, &config, &(struct da3d_rows){&schema, rows.x, rows.n}, "flows");
    }
    schema_clear(&schema);
    spool_rows_clear(&rows);
    marks_clear(&marks);
    return rc;
}

/* The first named input's content decides; in a directory captures are looked for. */
static int train(const struct options *options)
{
    struct input *first = options->inputs.items;
    struct da3d_error error;
    int captures, images, spool;

    if (options->inputs.n == 0 || !first->named)
        return train_on_captures(options);
    captures = input_is_capture(first, &error);
    images = input_is_images(first, &error);
    spool = input_is_spool(first, &error);
    if (captures < 0 || images < 0 || spool < 0) {
        log_error("%s: %s", first->path, error.text);
        return -1;
    }
    if (spool)
        return train_on_spool(options);
    if (images)
        return train_on_images(options);
    return captures ? train_on_captures(options) : train_on_tables(options);
}

int mode_train(const struct options *options)
{
    struct da3d_error error;

    if (whole_file_check_writable(options->model, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return EXIT_FAILURE;
    }
    return train(options) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
