#include "report.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/metrics.h"
#include "log.h"
#include "roc.h"

/* Shares of false alarms at which recall is reported. */
static const struct {
    double fpr;
    const char *title, *key;
} rates[REPORT_RATES] = {
    {0.001, "at 0.1 % FPR", "share_at_fpr_0.001"},
    {0.01, "at 1 % FPR", "share_at_fpr_0.01"},
    {0.05, "at 5 % FPR", "share_at_fpr_0.05"},
};

static bool grow(void *array, size_t count, size_t size)
{
    void **pointer = array;
    void *grown = reallocarray(*pointer, count, size);

    if (grown)
        *pointer = grown;
    else
        log_error("%s", strerror(errno));
    return grown != NULL;
}

int report_kind(struct report *report, const char *name)
{
    for (size_t i = 0; i < report->n_kinds; i++)
        if (strcmp(report->by_kind[i].name, name) == 0)
            return (int)i;
    if (report->n_kinds == REPORT_KINDS_MAX) {
        log_error("more than %d different labels", REPORT_KINDS_MAX);
        return -1;
    }
    if (!grow(&report->by_kind, report->n_kinds + 1, sizeof *report->by_kind))
        return -1;
    report->by_kind[report->n_kinds] = (struct tally){.rows = 0};
    snprintf(report->by_kind[report->n_kinds].name, REPORT_NAME_MAX, "%s", name);
    return (int)report->n_kinds++;
}

int report_add(struct report *report, int kind, const struct da3d_score *score)
{
    if (report->n == report->capacity) {
        size_t capacity = report->capacity ? 2 * report->capacity : 1024;

        if (!grow(&report->logits, capacity, sizeof *report->logits) ||
            !grow(&report->kinds, capacity, sizeof *report->kinds) ||
            !grow(&report->alerts, capacity, sizeof *report->alerts) ||
            !grow(&report->anomaly, capacity, sizeof *report->anomaly))
            return -1;
        report->capacity = capacity;
    }
    report->logits[report->n] = score->logit;
    report->kinds[report->n] = kind;
    report->alerts[report->n] = score->alert;
    report->anomaly[report->n] = kind >= 0;
    report->n++;
    return 0;
}

static void tally_add(struct tally *tally, const struct report *report, size_t row,
                      const float thresholds[REPORT_RATES])
{
    tally->rows++;
    tally->alerted += report->alerts[row];
    for (size_t r = 0; r < REPORT_RATES; r++)
        tally->at_rate[r] += report->logits[row] >= thresholds[r];
}

/* What cannot be told of rows that are all normal, or all attacks. */
static void warn_of_one_class(const struct report *report)
{
    if (report->normal.rows == 0)
        log_warning("no normal %s: neither AUC, AP nor detection at a share of false alarms",
                    report->noun);
    else if (report->attacks.rows == 0)
        log_warning("no attacks among the %s: neither AUC nor AP", report->noun);
}

static bool has_both(const struct report *report)
{
    return report->normal.rows > 0 && report->attacks.rows > 0;
}

int report_finish(struct report *report)
{
    float thresholds[REPORT_RATES];

    for (size_t r = 0; r < REPORT_RATES; r++)
        thresholds[r] =
            metrics_threshold_at_fpr(report->logits, report->anomaly, report->n, rates[r].fpr);
    for (size_t i = 0; i < report->n; i++) {
        tally_add(report->anomaly[i] ? &report->attacks : &report->normal, report, i, thresholds);
        if (report->anomaly[i])
            tally_add(&report->by_kind[report->kinds[i]], report, i, thresholds);
    }
    report->auc = metrics_auc(report->logits, report->anomaly, report->n);
    report->ap = metrics_ap(report->logits, report->anomaly, report->n);
    if (has_both(report) && (isnan(thresholds[0]) || isnan(report->auc) || isnan(report->ap))) {
        log_error("%s", strerror(ENOMEM));
        return -1;
    }
    warn_of_one_class(report);
    return 0;
}

/* Rows of a tally whose shares at false alarms are known: none where no row is normal. */
static size_t rated_rows(const struct report *report, const struct tally *tally)
{
    return report->normal.rows > 0 ? tally->rows : 0;
}

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

static void print_share(int width, size_t part, size_t whole)
{
    if (whole)
        printf("  %*.1f %%", width - 2, 100 * share(part, whole));
    else
        printf("  %*s", width, "-");
}

static void print_tally(const struct report *report, const char *name, const struct tally *tally)
{
    printf("%-24s %7zu %8zu", name, tally->rows, tally->alerted);
    print_share(7, tally->alerted, tally->rows);
    for (size_t r = 0; r < REPORT_RATES; r++)
        print_share(12, tally->at_rate[r], rated_rows(report, tally));
    putchar('\n');
}

static void print_text(const struct report *report)
{
    printf("%-24s %7s %8s  %7s", "", report->noun, "alerted", "share");
    for (size_t r = 0; r < REPORT_RATES; r++)
        printf("  %12s", rates[r].title);
    putchar('\n');
    for (size_t i = 0; i < report->n_kinds; i++)
        print_tally(report, report->by_kind[i].name, &report->by_kind[i]);
    print_tally(report, "all attacks: found", &report->attacks);
    print_tally(report, "normal: false alarms", &report->normal);
    if (has_both(report))
        printf("\nAUC %.4f AP %.4f\n", report->auc, report->ap);
    else
        printf("\nAUC - AP -\n");
    printf("%zu %s seen, %zu alerted, in %.1f s\n", report->n, report->noun,
           report->attacks.alerted + report->normal.alerted, report->seconds);
}

static void add_number(struct json_object *object, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.6g", value);
    json_object_object_add(object, key,
                           isfinite(value) ? json_object_new_double_s(value, text) : NULL);
}

static struct json_object *tally_object(const struct report *report, const struct tally *tally)
{
    struct json_object *object = json_object_new_object();

    if (*tally->name)
        json_object_object_add(object, "label", json_object_new_string(tally->name));
    json_object_object_add(object, "flows", json_object_new_uint64(tally->rows));
    json_object_object_add(object, "alerted", json_object_new_uint64(tally->alerted));
    add_number(object, "share", share(tally->alerted, tally->rows));
    for (size_t r = 0; r < REPORT_RATES; r++)
        add_number(object, rates[r].key, share(tally->at_rate[r], rated_rows(report, tally)));
    return object;
}

static void print_json(const struct report *report)
{
    struct json_object *object = json_object_new_object();
    struct json_object *kinds = json_object_new_array();

    for (size_t i = 0; i < report->n_kinds; i++)
        json_object_array_add(kinds, tally_object(report, &report->by_kind[i]));
    json_object_object_add(object, "flows", json_object_new_uint64(report->n));
    json_object_object_add(object, "normal", tally_object(report, &report->normal));
    json_object_object_add(object, "attacks", tally_object(report, &report->attacks));
    json_object_object_add(object, "kinds", kinds);
    add_number(object, "auc", report->auc);
    add_number(object, "ap", report->ap);
    add_number(object, "seconds", report->seconds);
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    json_object_put(object);
}

void report_print(const struct report *report, bool json)
{
    (json ? print_json : print_text)(report);
}

int report_write_roc(const struct report *report, const char *csv, const char *svg)
{
    struct metrics_point *points;
    struct da3d_error error;
    size_t n = 0;
    int rc = 0;

    if (!has_both(report)) {
        log_error("no ROC curve: it needs both normal %s and attacks", report->noun);
        return -1;
    }
    points = calloc(report->n + 1, sizeof *points);
    if (points)
        n = metrics_roc(report->logits, report->anomaly, report->n, points);
    if (n == 0) {
        log_error("no ROC curve: %s", strerror(ENOMEM));
        rc = -1;
    }
    if (rc == 0 && csv && roc_write_csv(csv, points, n, &error) < 0) {
        log_error("%s: %s", csv, error.text);
        rc = -1;
    }
    if (rc == 0 && svg && roc_write_svg(svg, points, n, report->auc, report->ap, &error) < 0) {
        log_error("%s: %s", svg, error.text);
        rc = -1;
    }
    free(points);
    return rc;
}

void report_clear(struct report *report)
{
    free(report->logits);
    free(report->kinds);
    free(report->alerts);
    free(report->anomaly);
    free(report->by_kind);
}
