#include "psi.h"

#include <math.h>
#include <stdlib.h>

/* Shares below it count as it: logarithms of nothing would outweigh everything else. */
static const double share_min = 1e-4;

static const double category_share_min = 0.02;

static uint32_t add_bin(struct psi_bins *bins, double share)
{
    bins->share[bins->n] = fmax(share, 0.0);
    return bins->n++;
}

/* Bin 0 is below all edges, bin i + 1 ends with edge[i], the one behind the last is above all. */
static void add_edges(struct psi_bins *bins, const struct column_summary *summary)
{
    const double present = 1.0 - summary->missing;
    double before = 0.0;
    add_bin(bins, 0.0);
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++) {
        if (q > 0 && summary->quantile[q] <= summary->quantile[q - 1]) {
            continue;
        }
        bins->edge[bins->n_edges++] = summary->quantile[q];
        add_bin(bins, (summary->up_to[q] - before) * present);
        before = summary->up_to[q];
    }
    add_bin(bins, (1.0 - before) * present);
}

static int add_categories(struct psi_bins *bins, const struct column_summary *summary,
                          const struct schema_column *column)
{
    const uint32_t n = column->n_values;
    bins->n_values = n;
    bins->bin_of = malloc(n + 1U);
    if (bins->bin_of == NULL) {
        return -1;
    }
    const uint32_t others = add_bin(bins, 0.0);
    for (uint32_t v = 0; v < n; v++) {
        if (summary->share[v] >= category_share_min) {
            bins->bin_of[v] = (uint8_t)add_bin(bins, summary->share[v]);
        } else {
            bins->bin_of[v] = (uint8_t)others;
            bins->share[others] += summary->share[v];
        }
    }
    bins->bin_of[n] = (uint8_t)add_bin(bins, summary->share[n]);
    return 0;
}

int psi_bins_init(struct psi_bins *bins, const struct column_summary *summary,
                  const struct schema_column *column)
{
    *bins = (struct psi_bins){0};
    bins->identity = column->kind == SCHEMA_IDENTITY;
    if (bins->identity) {
        add_bin(bins, 1.0 - summary->fresh);
        add_bin(bins, summary->fresh);
        return 0;
    }
    if (summary->share == NULL) {
        add_edges(bins, summary);
    } else if (add_categories(bins, summary, column) != 0) {
        return -1;
    }
    add_bin(bins, summary->missing);
    return 0;
}

void psi_bins_clear(struct psi_bins *bins)
{
    free(bins->bin_of);
    *bins = (struct psi_bins){0};
}

void psi_bins_uniform(struct psi_bins *bins)
{
    *bins = (struct psi_bins){.n_edges = SUMMARY_QUANTILES};
    add_bin(bins, 0.0);
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++) {
        bins->edge[q] = summary_levels[q];
        add_bin(bins, q > 0 ? summary_levels[q] - summary_levels[q - 1] : 0.0);
    }
    add_bin(bins, 0.0);
    add_bin(bins, 0.0);
}

/* How many of the edges are below x: a binary search, as few as they are. */
static uint32_t edges_below(const struct psi_bins *bins, double x)
{
    uint32_t low = 0, high = bins->n_edges;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (bins->edge[middle] < x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint8_t psi_bin(const struct psi_bins *bins, double value)
{
    if (isnan(value)) {
        return (uint8_t)(bins->n - 1);
    }
    if (bins->identity) {
        return value != 0.0;
    }
    if (bins->bin_of != NULL) {
        return bins->bin_of[schema_category_at(bins->n_values, value)];
    }
    return value < bins->edge[0] ? 0 : (uint8_t)(edges_below(bins, value) + 1);
}

double psi_index(const struct psi_bins *bins, const uint32_t *counts)
{
    double n = 0.0, used = 0.0, sum = 0.0;
    for (uint32_t b = 0; b < bins->n; b++) {
        n += counts[b];
        used += bins->share[b] > 0.0;
    }
    for (uint32_t b = 0; n > 0.0 && b < bins->n; b++) {
        const double then = fmax(bins->share[b], share_min);
        const double now = fmax((double)counts[b] / n, share_min);
        sum += (now - then) * log(now / then);
    }
    if (bins->identity && (double)counts[1] <= bins->share[1] * n) {
        return 0.0;
    }
    return n > 0.0 ? fmax(sum - (used - 1.0) / n, 0.0) : 0.0;
}
