/* da3dd --eval: captures, labels and a model to a report of what was found. */
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/metrics.h"
#include "labels.h"
#include "log.h"
#include "modes.h"
#include "scoring.h"
#include "store.h"

static const double reference_fpr = 0.01;

/* One kind of flow: an attack, or the normal ones, or all attacks together. */
struct tally {
    size_t flows;
    size_t alerted;      /* at the model's threshold */
    size_t at_reference; /* at the threshold that reference_fpr of the normal flows reach */
};

struct evaluation {
    struct labels labels;
    size_t n, capacity;
    float *logits;
    int *kinds; /* index into labels.kinds, -1 normal */
    bool *alerts;
    bool *anomaly;
    struct tally normal, attacks;
    struct tally *by_kind;
    double auc, ap, seconds;
};

static bool grow(void *array, size_t count, size_t size)
{
    void **pointer = array;
    void *grown = reallocarray(*pointer, count, size);

    if (grown)
        *pointer = grown;
    return grown != NULL;
}

static int evaluation_add(void *ctx, const struct flow *flow, const struct da3d_score *score)
{
    struct evaluation *e = ctx;

    if (e->n == e->capacity) {
        size_t capacity = e->capacity ? 2 * e->capacity : 1024;

        if (!grow(&e->logits, capacity, sizeof *e->logits) ||
            !grow(&e->kinds, capacity, sizeof *e->kinds) ||
            !grow(&e->alerts, capacity, sizeof *e->alerts) ||
            !grow(&e->anomaly, capacity, sizeof *e->anomaly)) {
            log_error("%s", strerror(errno));
            return -1;
        }
        e->capacity = capacity;
    }
    e->logits[e->n] = score->logit;
    e->kinds[e->n] = labels_find(&e->labels, flow);
    e->alerts[e->n] = score->alert;
    e->anomaly[e->n] = e->kinds[e->n] >= 0;
    e->n++;
    return 0;
}

static void tally_add(struct tally *tally, bool alert, bool at_reference)
{
    tally->flows++;
    tally->alerted += alert;
    tally->at_reference += at_reference;
}

static void summarise(struct evaluation *e)
{
    float reference = metrics_threshold_at_fpr(e->logits, e->anomaly, e->n, reference_fpr);

    for (size_t i = 0; i < e->n; i++) {
        bool above = e->logits[i] >= reference;

        tally_add(e->anomaly[i] ? &e->attacks : &e->normal, e->alerts[i], above);
        if (e->anomaly[i])
            tally_add(&e->by_kind[e->kinds[i]], e->alerts[i], above);
    }
    e->auc = metrics_auc(e->logits, e->anomaly, e->n);
    e->ap = metrics_ap(e->logits, e->anomaly, e->n);
}

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

static void print_share(size_t part, size_t whole)
{
    if (whole)
        printf("  %5.1f %%", 100 * share(part, whole));
    else
        printf("  %7s", "-");
}

static void print_tally(const char *name, const struct tally *tally)
{
    printf("%-24s %7zu %8zu", name, tally->flows, tally->alerted);
    print_share(tally->alerted, tally->flows);
    printf("      ");
    print_share(tally->at_reference, tally->flows);
    putchar('\n');
}

static void print_report(const struct evaluation *e)
{
    printf("%-24s %7s %8s  %7s  %13s\n", "", "flows", "alerted", "share", "at 1 % FPR");
    for (size_t i = 0; i < e->labels.n_kinds; i++)
        print_tally(e->labels.kinds[i], &e->by_kind[i]);
    print_tally("all attacks: found", &e->attacks);
    print_tally("normal: false alarms", &e->normal);
    printf("\nAUC %.4f AP %.4f\n", e->auc, e->ap);
    printf("%zu flows seen, %zu alerted, in %.1f s\n", e->n, e->attacks.alerted + e->normal.alerted,
           e->seconds);
}

static void add_number(struct json_object *object, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.6g", value);
    json_object_object_add(object, key,
                           isfinite(value) ? json_object_new_double_s(value, text) : NULL);
}

static struct json_object *tally_object(const char *label, const struct tally *tally)
{
    struct json_object *object = json_object_new_object();

    if (label)
        json_object_object_add(object, "label", json_object_new_string(label));
    json_object_object_add(object, "flows", json_object_new_uint64(tally->flows));
    json_object_object_add(object, "alerted", json_object_new_uint64(tally->alerted));
    add_number(object, "share", share(tally->alerted, tally->flows));
    add_number(object, "share_at_fpr_0.01", share(tally->at_reference, tally->flows));
    return object;
}

static void print_json(const struct evaluation *e)
{
    struct json_object *report = json_object_new_object();
    struct json_object *kinds = json_object_new_array();

    for (size_t i = 0; i < e->labels.n_kinds; i++)
        json_object_array_add(kinds, tally_object(e->labels.kinds[i], &e->by_kind[i]));
    json_object_object_add(report, "flows", json_object_new_uint64(e->n));
    json_object_object_add(report, "normal", tally_object(NULL, &e->normal));
    json_object_object_add(report, "attacks", tally_object(NULL, &e->attacks));
    json_object_object_add(report, "kinds", kinds);
    add_number(report, "auc", e->auc);
    add_number(report, "ap", e->ap);
    add_number(report, "seconds", e->seconds);
    puts(json_object_to_json_string_ext(report, JSON_C_TO_STRING_PLAIN));
    json_object_put(report);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int evaluate(const struct options *options, const struct stored_model *stored,
                    struct evaluation *e)
{
    struct pipeline_stats stats;
    double started = now();

    e->by_kind = calloc(e->labels.n_kinds + 1, sizeof *e->by_kind);
    if (!e->by_kind) {
        log_error("%s", strerror(errno));
        return -1;
    }
    if (scoring_run(stored->model, &options->inputs, options->filter, evaluation_add, e, &stats) <
        0)
        return -1;
    if (!options->quiet)
        pipeline_log_stats(&stats);
    summarise(e);
    e->seconds = now() - started;
    return 0;
}

static int evaluate_and_print(const struct options *options, const struct stored_model *stored,
                              struct evaluation *e)
{
    struct da3d_error error;

    if (labels_load(&e->labels, options->labels, &error) < 0) {
        log_error("%s: %s", options->labels, error.text);
        return -1;
    }
    if (evaluate(options, stored, e) < 0)
        return -1;
    (options->json ? print_json : print_report)(e);
    if (fflush(stdout) != EOF)
        return 0;
    log_error("standard output: %s", strerror(errno));
    return -1;
}

static void evaluation_clear(struct evaluation *e)
{
    labels_clear(&e->labels);
    free(e->logits);
    free(e->kinds);
    free(e->alerts);
    free(e->anomaly);
    free(e->by_kind);
}

int mode_eval(const struct options *options)
{
    struct stored_model stored;
    struct evaluation e = {0};
    struct da3d_error error;
    int rc;

    if (store_load(options->model, &stored, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return EXIT_FAILURE;
    }
    rc = evaluate_and_print(options, &stored, &e);
    evaluation_clear(&e);
    store_clear(&stored);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
