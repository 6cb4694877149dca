/* psi.h - the population stability index: how far values have moved from what they were in
 * training. The sum over bins of (share now - share then) ln(share now / share then), less what
 * chance alone gives of so many values, (bins - 1) / n; by custom, below .1 is nothing and above
 * .25 a change. Source: Yurdakul, "Statistical properties of population stability index", 2018.
 *
 *   numeric       a bin between any two quantiles of training that differ, one below and one above
 *                 all of them
 *   categorical   one for each category of at least a fiftieth of the rows, one for the others, one
 *                 for words that training had not
 *   both          one for missing values, the last
 *   identity      one for those that the model knows, one for new ones */
#ifndef CORE_PSI_H
#define CORE_PSI_H

#include <stdbool.h>

#include "summary.h"

enum { PSI_BINS_MAX = 64 };

struct psi_bins {
    uint32_t n;
    double share[PSI_BINS_MAX]; /* n: of the training rows; they sum to 1 */
    uint32_t n_edges;           /* of a numeric column */
    double edge[SUMMARY_QUANTILES];
    uint32_t n_values; /* of a categorical column, with bin_of; else bin_of is NULL */
    uint8_t *bin_of;   /* n_values + 1; owned */
    bool identity;
};

/* Returns 0, or -1 with errno ENOMEM. */
int psi_bins_init(struct psi_bins *bins, const struct column_summary *summary,
                  const struct schema_column *column);
void psi_bins_clear(struct psi_bins *bins);

/* Of p-values, which are uniform from 0 to 1 as long as nothing changes. */
void psi_bins_uniform(struct psi_bins *bins);

/* The bin of a raw value, below bins->n; of an identity, of 0 where the model knows it, else 1. */
uint8_t psi_bin(const struct psi_bins *bins, double value);

/* counts: bins->n, of values by bin. At least 0; 0 where there are none, and where no more
 * identities are new than were: that there are fewer is no news. */
double psi_index(const struct psi_bins *bins, const uint32_t *counts);

#endif
