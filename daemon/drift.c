#include "drift.h"

#include <stdlib.h>
#include <string.h>

#include "core/psi.h"
#include "core/rng.h"

/* Flows of a half that are kept; and the part of a sample that must be left without one host, or
 * what is left says nothing of the network. */
enum { SAMPLE = 2048, LEFT_PART = 10 };

/* Half a window: a reservoir sample of its flows (Vitter's algorithm R). */
struct half {
    uint64_t flows;
    int64_t since_ns, until_ns;
    uint32_t n;                /* kept */
    uint8_t *bins;             /* (SAMPLE, n_features) */
    struct drift_host *source; /* SAMPLE */
};

struct drift {
    struct rng rng;
    uint32_t n_features; /* columns, and p-values as the last; 0: nothing begun */
    struct psi_bins *features;
    struct half half[2]; /* the first is the one that is filled */
};

struct drift *drift_new(uint64_t seed)
{
    struct drift *drift = calloc(1, sizeof *drift);

    if (drift)
        rng_init(&drift->rng, seed, 0);
    return drift;
}

static void clear(struct drift *drift)
{
    for (uint32_t f = 0; drift->features && f < drift->n_features; f++)
        psi_bins_clear(&drift->features[f]);
    free(drift->features);
    for (size_t i = 0; i < 2; i++) {
        free(drift->half[i].bins);
        free(drift->half[i].source);
        drift->half[i] = (struct half){0};
    }
    drift->features = NULL;
    drift->n_features = 0;
}

void drift_free(struct drift *drift)
{
    if (!drift)
        return;
    clear(drift);
    free(drift);
}

static int make_room(struct drift *drift)
{
    drift->features = calloc(drift->n_features, sizeof *drift->features);
    for (size_t i = 0; i < 2; i++) {
        drift->half[i].bins = malloc((size_t)SAMPLE * drift->n_features);
        drift->half[i].source = calloc(SAMPLE, sizeof *drift->half[i].source);
    }
    return drift->features && drift->half[0].bins && drift->half[0].source && drift->half[1].bins &&
                   drift->half[1].source
               ? 0
               : -1;
}

int drift_begin(struct drift *drift, const struct da3d_model *model)
{
    const struct schema *schema = da3d_model_schema(model);
    const struct column_summary *summary = da3d_model_columns(model);
    int rc;

    clear(drift);
    drift->n_features = schema->n_columns + 1;
    rc = make_room(drift);
    for (uint32_t c = 0; rc == 0 && c < schema->n_columns; c++)
        rc = psi_bins_init(&drift->features[c], &summary[c], &schema->columns[c]);
    if (rc == 0)
        psi_bins_uniform(&drift->features[schema->n_columns]);
    else
        clear(drift);
    return rc;
}

/* The place that a flow takes in the sample; SAMPLE: none. */
static size_t draw_place(struct drift *drift, struct half *half)
{
    size_t place;

    if (half->n < SAMPLE)
        return half->n++;
    place = (size_t)(rng_u64(&drift->rng) % half->flows);
    return place < SAMPLE ? place : SAMPLE;
}

static uint8_t bin_of(const struct drift *drift, uint32_t column, const struct drift_flow *flow)
{
    const struct psi_bins *bins = &drift->features[column];
    const double x = flow->x[column];

    return psi_bin(bins, bins->identity ? !da3d_model_knows(flow->model, column, x) : x);
}

static void keep(struct drift *drift, const struct drift_flow *flow)
{
    struct half *half = &drift->half[0];
    const uint32_t columns = drift->n_features - 1;
    uint8_t *bins;
    size_t place;

    if (half->flows++ == 0)
        half->since_ns = half->until_ns = flow->end_ns;
    if (flow->end_ns > half->until_ns)
        half->until_ns = flow->end_ns;
    place = draw_place(drift, half);
    if (place == SAMPLE)
        return;
    bins = half->bins + place * drift->n_features;
    for (uint32_t c = 0; c < columns; c++)
        bins[c] = bin_of(drift, c, flow);
    bins[columns] = psi_bin(&drift->features[columns], flow->p_value);
    half->source[place] = flow->source;
}

static int compare_hosts(const void *a, const void *b)
{
    const struct drift_host *x = a, *y = b;
    const int versions = x->ip_version - y->ip_version;

    return versions ? versions : memcmp(&x->address, &y->address, sizeof x->address);
}

/* without: whose flows do not count; NULL: nobody's. counts: PSI_BINS_MAX. Returns how many do. */
static uint32_t count_bins(const struct drift *drift, uint32_t feature,
                           const struct drift_host *without, uint32_t *counts)
{
    uint32_t n = 0;

    memset(counts, 0, PSI_BINS_MAX * sizeof *counts);
    for (size_t i = 0; i < 2; i++) {
        const struct half *half = &drift->half[i];

        for (uint32_t row = 0; row < half->n; row++)
            if (!without || compare_hosts(without, &half->source[row]) != 0) {
                counts[half->bins[(size_t)row * drift->n_features + feature]]++;
                n++;
            }
    }
    return n;
}

static double index_of(const struct drift *drift, uint32_t feature,
                       const struct drift_host *without)
{
    uint32_t counts[PSI_BINS_MAX];

    count_bins(drift, feature, without, counts);
    return psi_index(&drift->features[feature], counts);
}

static void insert(struct drift_report *report, uint32_t feature, double psi)
{
    uint32_t place = report->n_top;

    while (place > 0 && report->top[place - 1].psi < psi)
        place--;
    if (place == DRIFT_TOP)
        return;
    report->n_top += report->n_top < DRIFT_TOP;
    memmove(&report->top[place + 1], &report->top[place],
            (report->n_top - place - 1) * sizeof *report->top);
    report->top[place] = (struct drift_feature){feature, psi};
}

/* The bin of a feature that became more frequent by most. */
static uint8_t grown_bin(const struct drift *drift, uint32_t feature)
{
    const struct psi_bins *bins = &drift->features[feature];
    uint32_t counts[PSI_BINS_MAX];
    const double kept = count_bins(drift, feature, NULL, counts);
    uint32_t best = 0;

    for (uint32_t b = 1; b < bins->n; b++)
        if (counts[b] / kept - bins->share[b] > counts[best] / kept - bins->share[best])
            best = b;
    return (uint8_t)best;
}

/* Originators of the flows in that bin, one for each flow; at most as many as are kept. Returns how
 * many. */
static size_t find_excess(const struct drift *drift, uint32_t feature, struct drift_host *out)
{
    const uint8_t bin = grown_bin(drift, feature);
    size_t n = 0;

    for (size_t i = 0; i < 2; i++) {
        const struct half *half = &drift->half[i];

        for (uint32_t row = 0; row < half->n; row++)
            if (half->bins[(size_t)row * drift->n_features + feature] == bin)
                out[n++] = half->source[row];
    }
    return n;
}

/* hosts: n > 0, sorted. Returns the one that is there most often, and how many there are. */
static const struct drift_host *most_frequent(const struct drift_host *hosts, size_t n,
                                              uint32_t *distinct)
{
    const struct drift_host *best = hosts;
    size_t most = 0;

    *distinct = 0;
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first; end < n && compare_hosts(&hosts[end], &hosts[first]) == 0; end++)
            ;
        if (end - first > most) {
            most = end - first;
            best = &hosts[first];
        }
        ++*distinct;
    }
    return best;
}

/* Does nothing drift without that host's flows, of which enough others are left? */
static bool explains(const struct drift *drift, const struct drift_host *host, double threshold)
{
    uint32_t counts[PSI_BINS_MAX];
    const uint32_t kept = drift->half[0].n + drift->half[1].n;

    if (count_bins(drift, 0, host, counts) < kept / LEFT_PART)
        return false;
    for (uint32_t f = 0; f < drift->n_features; f++)
        if (index_of(drift, f, host) >= threshold)
            return false;
    return true;
}

/* Where memory is short, it is the network. */
static void find_cause(const struct drift *drift, double threshold, struct drift_report *report)
{
    struct drift_host *hosts = calloc(2 * (size_t)SAMPLE, sizeof *hosts);
    const size_t n = hosts ? find_excess(drift, report->top[0].column, hosts) : 0;

    if (n > 0) {
        qsort(hosts, n, sizeof *hosts, compare_hosts);
        report->host = *most_frequent(hosts, n, &report->hosts);
        report->one_host = explains(drift, &report->host, threshold);
    }
    free(hosts);
}

static void measure(const struct drift *drift, double threshold, struct drift_report *report)
{
    const struct half *now = &drift->half[0], *before = &drift->half[1];

    *report = (struct drift_report){
        .since_ns = before->flows > 0 ? before->since_ns : now->since_ns,
        .until_ns = now->until_ns,
        .flows = before->flows + now->flows,
    };
    for (uint32_t f = 0; f < drift->n_features; f++) {
        const double psi = index_of(drift, f, NULL);

        insert(report, f, psi);
        report->drifted += psi >= threshold;
        report->p_value_psi = psi; /* the last one stays */
    }
    if (report->drifted > 0)
        find_cause(drift, threshold, report);
}

/* The half that is full becomes the one before, whose room is used again. */
static void turn(struct drift *drift)
{
    struct half old = drift->half[1];

    drift->half[1] = drift->half[0];
    drift->half[0] = (struct half){.bins = old.bins, .source = old.source};
}

bool drift_add(struct drift *drift, const struct drift_limits *limits,
               const struct drift_flow *flow, struct drift_report *report)
{
    const struct half *half = &drift->half[0];
    bool told = false;

    if (drift->n_features == 0)
        return false;
    if (half->flows > 0 && half->flows >= limits->flows / 2 &&
        flow->end_ns - half->since_ns >= limits->window_ns / 2) {
        told = half->flows + drift->half[1].flows >= limits->flows;
        if (told)
            measure(drift, limits->threshold, report);
        turn(drift);
    }
    keep(drift, flow);
    return told;
}
