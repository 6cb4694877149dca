#include "views.h"

#include <math.h>
#include <stdlib.h>

#include "reader.h"

enum { ROWS_PER_PROTOTYPE = 4 };

/* What logarithms begin at, and the least variance of a residual. */
static const float value_min = 1e-6F, residual_variance_min = 1e-3F;

const char *const da3d_view_names[DA3D_VIEW_COUNT] = {
    [DA3D_VIEW_ALARM] = "alarm",           [DA3D_VIEW_RESIDUAL] = "residual",
    [DA3D_VIEW_PROTOTYPES] = "prototypes", [DA3D_VIEW_COMPONENTS] = "components",
    [DA3D_VIEW_NOVELTY] = "novelty",
};

uint32_t views_n_prototypes(const struct da3d_config *config, size_t rows)
{
    if (!da3d_has_view(config, DA3D_VIEW_PROTOTYPES)) {
        return 0;
    }
    return rows / ROWS_PER_PROTOTYPE < config->prototypes ? (uint32_t)(rows / ROWS_PER_PROTOTYPE)
                                                          : config->prototypes;
}

int views_alloc(struct views *views, const struct da3d_config *config, uint32_t inputs,
                uint32_t n_prototypes)
{
    *views = (struct views){.inputs = inputs};
    int result = 0;
    if (da3d_has_view(config, DA3D_VIEW_RESIDUAL)) {
        views->residual_weight = matrix_alloc(inputs, 1);
        result = views->residual_weight != NULL ? 0 : -1;
    }
    if (result == 0 && da3d_has_view(config, DA3D_VIEW_PROTOTYPES)) {
        result = prototypes_alloc(&views->prototypes, n_prototypes, inputs);
    }
    if (result == 0 && da3d_has_view(config, DA3D_VIEW_COMPONENTS)) {
        result = components_alloc(&views->components, inputs);
    }
    if (result != 0) {
        views_clear(views);
    }
    return result;
}

void views_clear(struct views *views)
{
    free(views->residual_weight);
    prototypes_clear(&views->prototypes);
    components_clear(&views->components);
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        evidence_clear(&views->evidence[i]);
    }
    *views = (struct views){0};
}

/* Adds the squared differences between n rows and their reconstructions. */
static void add_squares(double *sums, const float *x, struct matrix_in reconstruction, size_t n,
                        size_t inputs)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < inputs; c++) {
            float off = reconstruction.at[i * reconstruction.ld + c] - x[i * inputs + c];
            sums[c] += (double)(off * off);
        }
    }
}

static int fit_residual(struct views *views, const struct parts *parts,
                        const struct views_rows *rows)
{
    const size_t inputs = rows->inputs;
    struct reader reader = {0};
    double *sums = calloc(inputs, sizeof *sums);
    const struct reader_plan plan = {
        .blind = true,
        .reconstruct = true,
        .rows = MATRIX_CHUNK_ROWS,
    };
    int result = sums != NULL ? reader_init(&reader, parts, &plan) : -1;
    for (size_t done = 0; result == 0 && done < rows->n; done += MATRIX_CHUNK_ROWS) {
        const float *x = rows->x + done * inputs;
        size_t n = matrix_chunk(done, rows->n);
        reader_read(&reader, (struct matrix_in){x, inputs}, n);
        add_squares(sums, x, reader_reconstruction(&reader), n, inputs);
    }
    for (size_t c = 0; result == 0 && c < inputs; c++) {
        float variance = (float)(sums[c] / (double)rows->n);
        views->residual_weight[c] = 1.0F / sqrtf(variance + residual_variance_min);
    }
    reader_clear(&reader);
    free(sums);
    return result;
}

int views_fit(struct views *views, const struct da3d_config *config, const struct parts *parts,
              const struct views_rows *rows, struct rng *rng)
{
    if (views_alloc(views, config, rows->inputs, views_n_prototypes(config, rows->n)) != 0 ||
        (da3d_has_view(config, DA3D_VIEW_RESIDUAL) && fit_residual(views, parts, rows) != 0) ||
        (da3d_has_view(config, DA3D_VIEW_PROTOTYPES) &&
         prototypes_fit(&views->prototypes, rows->x, rows->n, rng) != 0)) {
        return -1;
    }
    return da3d_has_view(config, DA3D_VIEW_COMPONENTS)
               ? components_fit(&views->components, rows->x, rows->n)
               : 0;
}

int views_pass_init(struct views_pass *pass, const struct views *views, size_t rows)
{
    const size_t n = views->components.n;
    *pass = (struct views_pass){
        .products = {matrix_alloc(rows, views->prototypes.n), views->prototypes.n},
        .centred = {matrix_alloc(rows, n), n},
        .rotated = {matrix_alloc(rows, n), n},
        .column = matrix_alloc(rows, 1),
    };
    if (pass->products.at == NULL || pass->centred.at == NULL || pass->rotated.at == NULL ||
        pass->column == NULL) {
        views_pass_clear(pass);
        return -1;
    }
    return 0;
}

void views_pass_clear(struct views_pass *pass)
{
    free(pass->products.at);
    free(pass->centred.at);
    free(pass->rotated.at);
    free(pass->column);
    *pass = (struct views_pass){0};
}

/* column: rows values > 0, to the logarithms in a view's column of values. */
static void put(const float *column, size_t rows, enum da3d_view view, float *values)
{
    for (size_t i = 0; i < rows; i++) {
        values[i * DA3D_VIEW_COUNT + view] = logf(column[i] + value_min);
    }
}

/* One input's part of a row's residual. */
static inline float residual_term(const struct views *views, size_t c, float x, float restored)
{
    return fabsf(restored - x) * views->residual_weight[c];
}

static void sum_residuals(const struct views *views, struct matrix_in x, struct matrix_in restored,
                          size_t rows, float *column)
{
    for (size_t i = 0; i < rows; i++) {
        float sum = 0.0F;
        for (size_t c = 0; c < restored.ld; c++) {
            sum += residual_term(views, c, x.at[i * x.ld + c], restored.at[i * restored.ld + c]);
        }
        column[i] = sum;
    }
}

void views_measure(const struct views *views, struct views_pass *pass, struct matrix_in x,
                   struct matrix_in reconstruction, size_t rows, float *values)
{
    if (views->residual_weight != NULL) {
        sum_residuals(views, x, reconstruction, rows, pass->column);
        put(pass->column, rows, DA3D_VIEW_RESIDUAL, values);
    }
    if (views->prototypes.n > 0) {
        prototypes_distance(&views->prototypes, x, rows, pass->products, pass->column);
        put(pass->column, rows, DA3D_VIEW_PROTOTYPES, values);
    }
    if (views->components.n > 0) {
        components_size(&views->components, x, rows,
                        &(struct components_out){pass->centred, pass->rotated, pass->column});
        put(pass->column, rows, DA3D_VIEW_COMPONENTS, values);
    }
}

static void residual_terms(const struct views *views, const float *x, const float *restored,
                           float *terms)
{
    for (size_t c = 0; c < views->inputs; c++) {
        terms[c] = residual_term(views, c, x[c], restored[c]);
    }
}

void views_terms(const struct views *views, struct views_pass *pass, enum da3d_view view,
                 const struct views_row *row, float *terms)
{
    if (view == DA3D_VIEW_RESIDUAL) {
        residual_terms(views, row->x, row->reconstruction, terms);
    } else if (view == DA3D_VIEW_PROTOTYPES) {
        prototypes_terms(&views->prototypes, row->x, pass->products.at, terms);
    } else if (view == DA3D_VIEW_COMPONENTS) {
        components_terms(&views->components, pass->centred.at, pass->rotated.at, terms);
    }
}

/* Each is one of those that look at what a row is like. That of who is new is the only one of its
 * kind and weighs as two: less found fewer attacks on a recording of the lab, more would hide those
 * between ends that are known. */
static double unscaled_weight(const struct views *views, size_t view)
{
    const double one = view == DA3D_VIEW_NOVELTY ? 2.0 : 1.0;
    return views->evidence[view].n > 0 ? one : 0.0;
}

static double sum_of_weights(const struct views *views)
{
    double sum = 0.0;
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        sum += unscaled_weight(views, i);
    }
    return sum;
}

double views_weight(const struct views *views, enum da3d_view view)
{
    return unscaled_weight(views, view) / sum_of_weights(views);
}

float views_fuse(const struct views *views, const float *values, float *surprise)
{
    const double sum = sum_of_weights(views);
    double mean = 0.0;
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        const struct evidence *e = &views->evidence[i];
        surprise[i] = e->n > 0 ? (float)evidence_of(e, values[i]) : 0.0F;
        mean += unscaled_weight(views, i) / sum * (double)surprise[i];
    }
    mean = fmax(mean, 1e-9);
    return (float)(mean + log(-expm1(-mean)));
}
