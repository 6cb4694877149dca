/* da3dd --eval: captures or tables, labels and a model to a report of what was found. */
#include <stdlib.h>
#include <time.h>

#include "labels.h"
#include "log.h"
#include "modes.h"
#include "report.h"
#include "roc.h"
#include "scoring.h"
#include "table_scoring.h"

struct evaluation {
    const struct options *options;
    struct report report;
    struct labels labels; /* of captures */
};

static int add_flow(void *ctx, const struct flow *flow, const double *x,
                    const struct da3d_score *score)
{
    struct evaluation *e = ctx;

    (void)x;
    return report_add(&e->report, labels_find(&e->labels, flow), score);
}

static int add_row(void *ctx, const char *label, const struct da3d_score *score)
{
    struct evaluation *e = ctx;
    int kind = -1;

    if (!table_is_normal(&e->options->table, label)) {
        kind = report_kind(&e->report, label);
        if (kind < 0)
            return -1;
    }
    return report_add(&e->report, kind, score);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Every attack of the labels has its line in the report, also if no flow belongs to it. */
static int load_labels(struct evaluation *e)
{
    struct da3d_error error;

    if (labels_load(&e->labels, e->options->labels, &error) < 0) {
        log_error("%s: %s", e->options->labels, error.text);
        return -1;
    }
    for (size_t i = 0; i < e->labels.n_kinds; i++)
        if (report_kind(&e->report, e->labels.kinds[i]) < 0)
            return -1;
    return 0;
}

static int evaluate_captures(struct evaluation *e, const struct da3d_model *model)
{
    const struct options *options = e->options;
    struct pipeline_stats stats;

    if (options->table.normal) {
        log_error("--normal-label is for tables and images");
        return -1;
    }
    if (load_labels(e) < 0 || scoring_run(options, model, add_flow, e, &stats) < 0 ||
        pipeline_need_flows(&options->inputs, &stats) < 0)
        return -1;
    if (!options->quiet)
        pipeline_log_stats(&stats);
    return 0;
}

static int evaluate(struct evaluation *e, const struct da3d_model *model)
{
    const struct options *options = e->options;
    const bool images = table_scoring_is_images(model);
    const bool captures = !options->table.label && !images;
    double started = now();
    int rc;

    e->report.noun = captures ? "flows" : images ? "images" : "rows";
    rc = captures ? evaluate_captures(e, model) : table_scoring_run(options, model, add_row, e);
    if (rc < 0 || report_finish(&e->report) < 0)
        return -1;
    e->report.seconds = now() - started;
    report_print(&e->report, options->json);
    if (!options->roc && !options->roc_svg)
        return 0;
    return report_write_roc(&e->report, options->roc, options->roc_svg);
}

/* path: NULL: nothing is written. */
static int check_writable(const char *path)
{
    struct da3d_error error;

    if (!path || roc_check_writable(path, &error) == 0)
        return 0;
    log_error("%s: %s", path, error.text);
    return -1;
}

int mode_eval(const struct options *options, const struct stored_model *stored)
{
    struct evaluation e = {.options = options};
    int rc;

    if (check_writable(options->roc) < 0 || check_writable(options->roc_svg) < 0)
        return EXIT_FAILURE;
    rc = evaluate(&e, stored->model);
    report_clear(&e.report);
    labels_clear(&e.labels);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
