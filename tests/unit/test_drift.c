/* Has the traffic moved, and is it one host? On rows that a model was trained on, and on others. */
#include "daemon/drift.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/unit/core_sample.h"

enum { FLOWS = 4000, HOSTS = 40 };

static const struct drift_limits limits = {.window_ns = 2000, .flows = 1000, .threshold = 0.25};

static struct da3d_model *trained(void)
{
    struct da3d_config config = da3d_config_default;
    struct schema_column columns[SAMPLE_COLUMNS];
    struct schema schema = sample_schema(columns);
    double *rows = sample_rows(SAMPLE_ROWS, 1);
    struct da3d_model *model = NULL;
    struct da3d_error error;
    config.epochs_aae = 2;
    config.views = 1U << DA3D_VIEW_PROTOTYPES;
    cr_assert_eq(
        da3d_train(&config, &(struct da3d_rows){&schema, rows, SAMPLE_ROWS}, NULL, &model, &error),
        0, "%s", error.text);
    free(rows);
    return model;
}

/* Changes a flow of a host; by number. */
typedef void alter(double *row, size_t flow, unsigned host);

/* FLOWS of HOSTS, of which one has a quarter, one each nanosecond. Returns how often a window was
 * reported; *report is the last one. */
static unsigned feed(struct drift *drift, alter *change, struct drift_report *report)
{
    double *rows = sample_rows(FLOWS, 7);
    unsigned reported = 0;
    for (size_t i = 0; i < FLOWS; i++) {
        const unsigned host = i % 4 == 0 ? 3 : (unsigned)(i * 7 % HOSTS);
        struct drift_flow flow = {
            .x = rows + i * SAMPLE_COLUMNS,
            .p_value = ((double)(i * 389 % 1000) + 1) / 1000,
            .end_ns = (int64_t)i,
            .source = {.ip_version = 4, .address = {{10, 0, 0, (uint8_t)host}}},
        };
        change(rows + i * SAMPLE_COLUMNS, i, host);
        reported += drift_add(drift, &limits, &flow, report);
    }
    free(rows);
    return reported;
}

static struct drift *begun(void)
{
    struct da3d_model *model = trained();
    struct drift *drift = drift_new(1);
    cr_assert_eq(drift_begin(drift, model), 0);
    da3d_model_free(model); /* nothing of it is borrowed */
    return drift;
}

static void nothing(double *row, size_t flow, unsigned host)
{
    (void)row, (void)flow, (void)host;
}

/* A window for each half: the first alone is one, being large enough. */
Test(drift, normal_traffic_does_not)
{
    struct drift *drift = begun();
    struct drift_report report;
    cr_assert_eq(feed(drift, nothing, &report), 3U);
    cr_expect(report.since_ns == 1000 && report.until_ns == 2999 && report.flows == 2000);
    cr_expect_eq(report.drifted, 0U, "column %u: %g", report.top[0].column, report.top[0].psi);
    cr_expect(report.n_top == DRIFT_TOP && report.top[0].psi < 0.1 && !report.one_host);
    cr_expect_lt(report.p_value_psi, 0.02);
    for (size_t i = 1; i < DRIFT_TOP; i++) {
        cr_expect_geq(report.top[i - 1].psi, report.top[i].psi);
    }
    drift_free(drift);
}

static void everyone(double *row, size_t flow, unsigned host)
{
    (void)host;
    row[2] += flow % 2 ? 1.0 : 0.0;
}

Test(drift, of_the_network)
{
    struct drift *drift = begun();
    struct drift_report report;
    cr_assert_eq(feed(drift, everyone, &report), 3U);
    cr_expect(report.drifted == 1 && report.top[0].column == 2 && report.top[0].psi > 1);
    cr_expect_not(report.one_host);
    cr_expect(report.hosts > HOSTS / 4 && report.hosts <= HOSTS, "%u hosts", report.hosts);
    drift_free(drift);
}

/* Two columns: a number, and who of 20 it was, of whom one row in 50 shows another. */
static struct da3d_model *acquainted(void)
{
    static struct schema_column columns[] = {{.name = "x"},
                                             {.name = "who", .kind = SCHEMA_IDENTITY}};
    const struct schema schema = {.set = "t", .n_columns = 2, .columns = columns};
    struct da3d_config config = da3d_config_default;
    static double rows[SAMPLE_ROWS][2];
    struct da3d_model *model = NULL;
    struct da3d_error error;
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        rows[i][0] = (double)(i * 389 % 1000);
        rows[i][1] = (double)(i % 50 == 0 ? 1000 + i : i % 20);
    }
    config.epochs_aae = 1;
    config.trim = 0;
    cr_assert_eq(da3d_train(&config, &(struct da3d_rows){&schema, rows[0], SAMPLE_ROWS}, NULL,
                            &model, &error),
                 0, "%s", error.text);
    return model;
}

/* Flows of which one in every is of somebody new. Returns the index of who they are, which is among
 * those that moved most: there are three features. */
static double newcomers(const struct da3d_model *model, size_t every, struct drift_report *report)
{
    struct drift *drift = drift_new(1);
    unsigned reported = 0;
    double psi = -1;
    cr_assert_eq(drift_begin(drift, model), 0);
    for (size_t i = 0; i < FLOWS; i++) {
        const double x[] = {(double)(i * 389 % 1000), (double)(i % every == 0 ? 1 << 20 : i % 20)};
        const struct drift_flow flow = {
            .x = x,
            .model = model,
            .p_value = x[0] / 1000 + 0.001,
            .end_ns = (int64_t)i,
            .source = {.ip_version = 4, .address = {{10, 0, 0, (uint8_t)(i % HOSTS)}}},
        };
        reported += drift_add(drift, &limits, &flow, report);
    }
    drift_free(drift);
    cr_assert(reported == 3U && report->n_top == 3U);
    for (uint32_t i = 0; i < report->n_top; i++) {
        psi = report->top[i].column == 1 ? report->top[i].psi : psi;
    }
    return psi;
}

/* As many as before are no news; more are. */
Test(drift, of_who_there_is)
{
    struct da3d_model *model = acquainted();
    struct drift_report report;
    cr_expect_float_eq(da3d_model_columns(model)[1].fresh, 0.02, 0.015, "by the held-out rows");
    const double same = newcomers(model, 50, &report);
    cr_expect(same >= 0 && same < 0.05, "%g", same);
    cr_expect_eq(report.drifted, 0U);
    cr_expect_gt(newcomers(model, 3, &report), 0.25);
    cr_expect(report.drifted == 1 && !report.one_host);
    da3d_model_free(model);
}

/* Host 3, of whom a quarter of the flows is. */
static void one(double *row, size_t flow, unsigned host)
{
    (void)flow;
    row[2] += host == 3 ? 100.0 : 0.0;
}

Test(drift, of_one_host)
{
    struct drift *drift = begun();
    struct drift_report report;
    cr_assert_eq(feed(drift, one, &report), 3U);
    cr_expect(report.drifted >= 1 && report.top[0].column == 2);
    cr_assert(report.one_host, "top %u: %g", report.top[0].column, report.top[0].psi);
    cr_expect_eq(report.host.address.bytes[3], 3);
    cr_expect_eq(report.hosts, 1U);
    drift_free(drift);
}

static void without_two(double *row, size_t flow, unsigned host)
{
    (void)flow, (void)host;
    row[3] = row[4] = (double)NAN;
}

/* Missing more often is a change, too. */
Test(drift, of_what_is_missing)
{
    struct drift *drift = begun();
    struct drift_report report;
    feed(drift, without_two, &report);
    cr_expect_eq(report.drifted, 2U);
    cr_expect(report.top[0].column >= 3 && report.top[1].column >= 3);
    drift_free(drift);
}

Test(drift, a_thin_or_short_window_tells_nothing)
{
    const struct drift_limits many = {.window_ns = 2, .flows = 1000000, .threshold = 0.25};
    const struct drift_limits long_ones = {.window_ns = INT64_MAX, .flows = 1, .threshold = 0.25};
    struct drift *drift = begun();
    struct drift_report report;
    const double x[SAMPLE_COLUMNS] = {0};
    for (int64_t i = 0; i < 5000; i++) {
        const struct drift_flow flow = {.x = x, .p_value = 1, .end_ns = i};
        cr_assert_not(drift_add(drift, &many, &flow, &report));
        cr_assert_not(drift_add(drift, &long_ones, &flow, &report));
    }
    drift_free(drift);
    drift_free(NULL);
}
