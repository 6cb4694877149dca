/* da3dd --explain: captures and a model to a page of each of the most anomalous flows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explanation.h"
#include "json.h"
#include "log.h"
#include "modes.h"
#include "page.h"
#include "scoring.h"

struct kept {
    struct flow flow;
    struct da3d_score score;
    double *x; /* the vector; owned */
};

/* The flows with the highest scores, so far in no order. */
struct keeper {
    const struct options *options;
    size_t columns, n;
    struct kept kept[CLI_TOP_MAX]; /* options->top of them are used */
};

/* Where the next flow goes: the next free place, or that of the lowest score. */
static struct kept *place(struct keeper *keeper)
{
    struct kept *lowest = keeper->kept;

    if (keeper->n < keeper->options->top)
        return &keeper->kept[keeper->n++];
    for (size_t i = 1; i < keeper->n; i++)
        if (keeper->kept[i].score.logit < lowest->score.logit)
            lowest = &keeper->kept[i];
    return lowest;
}

static int keep(void *ctx, const struct flow *flow, const double *x, const struct da3d_score *score)
{
    struct keeper *keeper = ctx;
    struct kept *kept;

    if (keeper->options->flow_id && flow->flow_id != keeper->options->flow_id)
        return 0;
    kept = place(keeper);
    if (kept->x && kept->score.logit >= score->logit)
        return 0;
    if (!kept->x)
        kept->x = calloc(keeper->columns, sizeof *x);
    if (!kept->x) {
        log_error("%s", strerror(errno));
        return -1;
    }
    kept->flow = *flow;
    kept->score = *score;
    memcpy(kept->x, x, keeper->columns * sizeof *x);
    return 0;
}

/* Of equal ones, the earlier first. */
static int by_score(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;

    if (x->score.logit != y->score.logit)
        return x->score.logit < y->score.logit ? 1 : -1;
    return (x->flow.start_ns > y->flow.start_ns) - (x->flow.start_ns < y->flow.start_ns);
}

static int print_json(struct json_object *explanation)
{
    size_t length;
    char *line = json_line(explanation, &length);
    const bool written = line && fwrite(line, 1, length, stdout) == length;

    free(line);
    return written ? 0 : -1;
}

static int explain_all(const struct keeper *keeper, const struct event_source *source,
                       struct da3d_explainer *explainer)
{
    int rc = 0;

    for (size_t i = 0; i < keeper->n && rc == 0; i++) {
        const struct kept *kept = &keeper->kept[i];
        struct json_object *explanation = explanation_object(&(struct explanation_input){
            .source = source,
            .explainer = explainer,
            .event = {.flow = &kept->flow, .score = &kept->score},
            .x = kept->x,
        });

        if (keeper->options->json) {
            rc = print_json(explanation);
        } else {
            fputs(i > 0 ? "\n\n" : "", stdout);
            page_print(explanation, stdout);
        }
        json_object_put(explanation);
    }
    return rc;
}

static int explain(struct keeper *keeper, const struct stored_model *stored,
                   struct da3d_explainer *explainer)
{
    struct event_source source;
    struct pipeline_stats stats;

    event_source_init(&source, stored);
    if (scoring_run(keeper->options, stored->model, keep, keeper, &stats) < 0 ||
        pipeline_need_flows(&keeper->options->inputs, &stats) < 0)
        return -1;
    if (!keeper->options->quiet)
        pipeline_log_stats(&stats);
    if (keeper->n == 0) {
        log_error("there is no flow %llu", (unsigned long long)keeper->options->flow_id);
        return -1;
    }
    qsort(keeper->kept, keeper->n, sizeof *keeper->kept, by_score);
    return explain_all(keeper, &source, explainer);
}

int mode_explain(const struct options *options, const struct stored_model *stored)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    struct da3d_explainer *explainer = da3d_explainer_new(stored->model);
    int rc = -1;

    if (keeper && explainer) {
        keeper->options = options;
        keeper->columns = da3d_model_schema(stored->model)->n_columns;
        rc = explain(keeper, stored, explainer);
    } else {
        log_error("%s", strerror(errno));
    }
    for (size_t i = 0; keeper && i < keeper->n; i++)
        free(keeper->kept[i].x);
    free(keeper);
    da3d_explainer_free(explainer);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
