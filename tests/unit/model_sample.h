/* model_sample.h - small models of a table of two columns, quickly trained, for tests of what is
 * done with models. */
#ifndef TESTS_MODEL_SAMPLE_H
#define TESTS_MODEL_SAMPLE_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/da3d.h"
#include "core/rng.h"

enum { SAMPLE_ROWS = 600, SAMPLE_COLUMNS = 2 };

/* (n, 2): the second column is the first one and a little noise. */
static inline double *sample_rows(size_t n, uint64_t seed)
{
    double *rows = malloc(n * SAMPLE_COLUMNS * sizeof *rows);
    float *noise = malloc(n * SAMPLE_COLUMNS * sizeof *noise);
    struct rng rng;

    cr_assert(rows && noise);
    rng_init(&rng, seed, 0);
    rng_normal(&rng, noise, n * SAMPLE_COLUMNS, 0.0F, 1.0F);
    for (size_t i = 0; i < n; i++) {
        rows[2 * i] = (double)noise[2 * i];
        rows[2 * i + 1] = (double)noise[2 * i] + 0.05 * (double)noise[2 * i + 1];
    }
    free(noise);
    return rows;
}

/* steps: of the training; few make a bad model. */
static inline struct da3d_model *sample_model(const double *rows, uint32_t epochs, uint64_t seed)
{
    struct schema_column columns[SAMPLE_COLUMNS] = {{.name = "a"}, {.name = "b"}};
    const struct schema schema = {.set = "sample", .n_columns = SAMPLE_COLUMNS, .columns = columns};
    struct da3d_config config = da3d_config_default;
    struct da3d_error error = {""};
    struct da3d_model *model = NULL;

    config.encoder = (struct da3d_layers){2, {8, 2}};
    config.epochs_aae = epochs;
    config.seed = seed;
    config.threads = 1;
    cr_assert_eq(
        da3d_train(&config, &(struct da3d_rows){&schema, rows, SAMPLE_ROWS}, NULL, &model, &error),
        0, "%s", error.text);
    return model;
}

#endif
