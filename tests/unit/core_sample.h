/* core_sample.h - small schemas, rows and configurations that core's tests share. */
#ifndef TESTS_UNIT_CORE_SAMPLE_H
#define TESTS_UNIT_CORE_SAMPLE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/da3d.h"
#include "core/rng.h"

enum { SAMPLE_COLUMNS = 5, SAMPLE_ROWS = 1200 };

/* Five columns "c0".."c4", the last two in missing group 1. columns: room for them, borrowed. */
static inline struct schema sample_schema(struct schema_column columns[SAMPLE_COLUMNS])
{
    struct schema schema = {.set = "sample-v1", .n_columns = SAMPLE_COLUMNS, .columns = columns};
    memset(columns, 0, SAMPLE_COLUMNS * sizeof *columns);
    for (unsigned i = 0; i < SAMPLE_COLUMNS; i++) {
        snprintf(columns[i].name, sizeof columns[i].name, "c%u", i);
        columns[i].missing_group = i >= 3 ? 1 : 0;
    }
    return schema;
}

/* Networks and epochs small enough for a test. */
static inline struct da3d_config sample_config(void)
{
    struct da3d_config config = da3d_config_paper;
    config.encoder = (struct da3d_layers){4, {8, 6, 5, 2}};
    config.alarm = (struct da3d_layers){2, {16, 8}};
    config.epochs_aae = 3;
    config.epochs_alarm = 3;
    config.learning_rate = 1e-3F;
    return config;
}

/* n normal rows: two clusters along a line, c1 = 2 c0 + noise, c2 small noise, c3 and c4 present
 * in three rows of four. The caller's. */
static inline double *sample_rows(size_t n, uint64_t seed)
{
    double *rows = malloc(n * SAMPLE_COLUMNS * sizeof *rows);
    struct rng rng;
    rng_init(&rng, seed, 0);
    for (size_t i = 0; rows != NULL && i < n; i++) {
        float z[SAMPLE_COLUMNS];
        double *row = rows + i * SAMPLE_COLUMNS;
        rng_normal(&rng, z, SAMPLE_COLUMNS, 0.0F, 1.0F);
        row[0] = (i % 2 == 0 ? 10.0 : 20.0) + (double)z[0];
        row[1] = 2.0 * row[0] + 0.3 * (double)z[1];
        row[2] = 0.1 * (double)z[2];
        row[3] = i % 4 == 3 ? (double)NAN : 5.0 + (double)z[3];
        row[4] = i % 4 == 3 ? (double)NAN : 100.0 - row[0] + 0.3 * (double)z[4];
    }
    return rows;
}

#endif
