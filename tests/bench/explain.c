/* How long an explanation takes: of rows whose values are drawn from a model's own quantiles.
 * Usage: explain MODEL...   a line for each: microseconds of processor time a row */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/da3d.h"
#include "core/rng.h"

enum { ROWS = 64, ROUNDS = 10, TOP = 10, DIGEST = 32, MODEL_MAX = 1 << 28 };

static struct da3d_model *load(const char *path)
{
    static uint8_t bytes[MODEL_MAX];
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    struct da3d_model *model = NULL;
    struct da3d_error error = {"cannot be read"};
    if (size <= DIGEST || da3d_model_decode(bytes, size - DIGEST, &model, &error) != 0) {
        fprintf(stderr, "explain: %s: %s\n", path, error.text);
        exit(1);
    }
    fclose(file);
    return model;
}

/* (ROWS, columns); categories: any of them. */
static double *draw_rows(const struct da3d_model *model)
{
    const struct schema *schema = da3d_model_schema(model);
    const struct column_summary *summary = da3d_model_columns(model);
    double *rows = malloc(ROWS * (size_t)schema->n_columns * sizeof *rows);
    struct rng rng;
    rng_init(&rng, 1, 0);
    for (size_t i = 0; rows != NULL && i < ROWS; i++) {
        for (size_t c = 0; c < schema->n_columns; c++) {
            float drawn;
            rng_uniform(&rng, &drawn, 1, 0.0F, SUMMARY_QUANTILES - 0.5F);
            rows[i * schema->n_columns + c] = schema->columns[c].kind == SCHEMA_CATEGORICAL
                                                  ? (double)(int)drawn
                                                  : summary[c].quantile[(int)drawn];
        }
    }
    return rows;
}

static double explain_all(struct da3d_explainer *explainer, const double *rows, size_t columns)
{
    struct da3d_reason top[TOP];
    const clock_t begun = clock();
    for (size_t i = 0; i < ROWS; i++) {
        da3d_explain(explainer, rows + i * columns, top, TOP);
    }
    return 1e6 * (double)(clock() - begun) / CLOCKS_PER_SEC / ROWS;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct da3d_model *model = load(argv[i]);
        struct da3d_explainer *explainer = da3d_explainer_new(model);
        double *rows = draw_rows(model), best = 1e9;
        for (int round = 0; round < ROUNDS && explainer != NULL && rows != NULL; round++) {
            double now = explain_all(explainer, rows, da3d_model_schema(model)->n_columns);
            best = now < best ? now : best;
        }
        printf("%s: %.1f us a row\n", argv[i], best);
        free(rows);
        da3d_explainer_free(explainer);
        da3d_model_free(model);
    }
    return 0;
}
