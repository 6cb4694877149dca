#include "core/metrics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

#define EXPECT_NEAR(got, want)                                                                     \
    cr_assert_lt(fabs((double)(got) - (want)), 1e-12, "%.15g, not %.15g", (double)(got), want)

enum { N = 400 };

static void random_case(uint32_t seed, float *scores, bool *anomaly)
{
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525U + 1013904223U;
        scores[i] = (float)(seed >> 26); /* 64 values: many ties */
        anomaly[i] = (seed >> 8) % 5 == 0;
        scores[i] += anomaly[i] ? 9.0F : 0.0F;
    }
}

static double brute_auc(const float *scores, const bool *anomaly)
{
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            if (anomaly[i] && !anomaly[j]) {
                pairs++;
                wins += scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0;
            }
        }
    }
    return wins / pairs;
}

/* Precision at each anomaly's own score, averaged: equal to the sum over thresholds. */
static double brute_ap(const float *scores, const bool *anomaly)
{
    double sum = 0, anomalies = 0;
    for (size_t i = 0; i < N; i++) {
        double above = 0, hits = 0;
        for (size_t j = 0; j < N; j++) {
            above += scores[j] >= scores[i];
            hits += scores[j] >= scores[i] && anomaly[j];
        }
        sum += anomaly[i] ? hits / above : 0.0;
        anomalies += anomaly[i];
    }
    return sum / anomalies;
}

Test(metrics, by_hand)
{
    /* scikit-learn's example: roc_auc_score .75, average_precision_score .8333... */
    const float scores[] = {0.1F, 0.4F, 0.35F, 0.8F};
    const bool anomaly[] = {false, false, true, true};
    EXPECT_NEAR(metrics_auc(scores, anomaly, 4), 0.75);
    EXPECT_NEAR(metrics_ap(scores, anomaly, 4), 5.0 / 6.0);
}

Test(metrics, ties_and_infinities)
{
    const float same[] = {1, 1, 1, 1};
    const bool anomaly[] = {true, false, false, false};
    EXPECT_NEAR(metrics_auc(same, anomaly, 4), 0.5);
    EXPECT_NEAR(metrics_ap(same, anomaly, 4), 0.25);
    const float infinite[] = {INFINITY, -INFINITY, 0, INFINITY};
    EXPECT_NEAR(metrics_auc(infinite, anomaly, 4), 2.5 / 3.0);
}

Test(metrics, equal_brute_force)
{
    float scores[N];
    bool anomaly[N];
    for (uint32_t seed = 0; seed < 20; seed++) {
        random_case(seed, scores, anomaly);
        EXPECT_NEAR(metrics_auc(scores, anomaly, N), brute_auc(scores, anomaly));
        EXPECT_NEAR(metrics_ap(scores, anomaly, N), brute_ap(scores, anomaly));
    }
}

Test(metrics, one_class_is_nan)
{
    const float scores[] = {1, 2};
    const bool none[] = {false, false}, all[] = {true, true};
    cr_assert(isnan(metrics_auc(scores, none, 2)) && isnan(metrics_auc(scores, all, 2)));
    cr_assert(isnan(metrics_ap(scores, none, 2)) && isnan(metrics_ap(scores, none, 0)));
    cr_assert(isnan(metrics_threshold_at_fpr(scores, all, 2, 0.5)));
}

Test(metrics, threshold_by_hand)
{
    const float scores[] = {1, 2, 2, 3, 5, 4, 0};
    const bool anomaly[] = {false, false, false, false, true, true, true};
    cr_assert_eq(metrics_threshold_at_fpr(scores, anomaly, 7, 0.0), 4.0F);
    cr_assert_eq(metrics_threshold_at_fpr(scores, anomaly, 7, 0.25), 3.0F);
    cr_assert_eq(metrics_threshold_at_fpr(scores, anomaly, 7, 0.5), 3.0F); /* the 2s tie */
    cr_assert_eq(metrics_threshold_at_fpr(scores, anomaly, 7, 0.75), 2.0F);
    cr_assert_eq(metrics_threshold_at_fpr(scores, anomaly, 7, 1.0), 0.0F);
    const float high_normal[] = {9, 1};
    const bool second[] = {false, true};
    cr_assert_eq(metrics_threshold_at_fpr(high_normal, second, 2, 0.1), INFINITY);
}

Test(metrics, threshold_keeps_its_promise)
{
    float scores[N];
    bool anomaly[N];
    for (uint32_t seed = 0; seed < 20; seed++) {
        random_case(seed, scores, anomaly);
        double fpr = 0.01 + 0.04 * seed, normals = 0, alerts = 0, alerts_below = 0;
        float threshold = metrics_threshold_at_fpr(scores, anomaly, N, fpr), below = -INFINITY;
        for (size_t i = 0; i < N; i++) {
            below = scores[i] < threshold ? fmaxf(below, scores[i]) : below;
        }
        for (size_t i = 0; i < N; i++) {
            normals += !anomaly[i];
            alerts += !anomaly[i] && scores[i] >= threshold;
            alerts_below += !anomaly[i] && scores[i] >= below;
        }
        cr_assert_leq(alerts, fpr * normals);
        cr_assert_gt(alerts_below, fpr * normals, "a lower threshold would do");
    }
}

Test(metrics, roc_by_hand)
{
    const float scores[] = {3, 1, 3, 2, 0};
    const bool anomaly[] = {true, false, false, true, false};
    struct metrics_point points[6];
    cr_assert_eq(metrics_roc(scores, anomaly, 5, points), 5U);
    cr_expect_eq(points[0].fpr + points[0].tpr, 0.0);
    cr_expect(isinf(points[0].threshold));
    EXPECT_NEAR(points[1].fpr, 1.0 / 3.0);
    EXPECT_NEAR(points[1].tpr, 0.5);
    cr_expect_eq(points[1].threshold, 3.0F);
    EXPECT_NEAR(points[2].tpr, 1.0);
    EXPECT_NEAR(points[4].fpr, 1.0);
    cr_expect_eq(metrics_roc(scores, (const bool[]){true, true}, 2, points), 0U);
}
