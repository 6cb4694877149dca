#include "components.h"

#include <math.h>
#include <string.h>

#include "blas.h"
#include "eigen.h"

/* Of a component that counts. Along the others training rows hardly differ: what they are is
 * chance, and the roots of their roundings would add up. */
static const float variance_min = 1e-4F;

int components_alloc(struct components *c, uint32_t n)
{
    *c = (struct components){
        .n = n,
        .mean = matrix_alloc(n, 1),
        .rotation = matrix_alloc(n, n),
    };
    if (c->mean == NULL || c->rotation == NULL) {
        components_clear(c);
        return -1;
    }
    return 0;
}

void components_clear(struct components *c)
{
    free(c->mean);
    free(c->rotation);
    *c = (struct components){0};
}

static void fit_mean(struct components *c, const float *x, size_t rows, double *sums)
{
    memset(sums, 0, c->n * sizeof *sums);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < c->n; j++) {
            sums[j] += (double)x[i * c->n + j];
        }
    }
    for (size_t j = 0; j < c->n; j++) {
        c->mean[j] = (float)(sums[j] / (double)rows);
    }
}

static void centre(const struct components *c, struct matrix_in x, size_t rows, struct matrix to)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < c->n; j++) {
            to.at[i * to.ld + j] = x.at[i * x.ld + j] - c->mean[j];
        }
    }
}

/* covariance: (n, n), overwritten. chunk: (MATRIX_CHUNK_ROWS, n), scratch. */
static void fit_covariance(const struct components *c, const float *x, size_t rows, float *chunk,
                           float *covariance)
{
    const size_t n = c->n;
    memset(covariance, 0, n * n * sizeof *covariance);
    for (size_t done = 0; done < rows; done += MATRIX_CHUNK_ROWS) {
        size_t now = matrix_chunk(done, rows);
        struct matrix centred = {chunk, n};
        centre(c, (struct matrix_in){x + done * n, n}, now, centred);
        blas_tn((struct blas_shape){n, n, now}, matrix_in(centred), matrix_in(centred), 1.0F,
                (struct matrix){covariance, n});
    }
    for (size_t i = 0; i < n * n; i++) {
        covariance[i] /= (float)rows;
    }
}

/* vectors: (n, n), one a row. */
static void set_rotation(struct components *c, const float *vectors, const float *variances)
{
    for (size_t k = 0; k < c->n; k++) {
        float scale = variances[k] > variance_min ? 1.0F / sqrtf(variances[k]) : 0.0F;
        for (size_t j = 0; j < c->n; j++) {
            c->rotation[j * c->n + k] = vectors[k * c->n + j] * scale;
        }
    }
}

int components_fit(struct components *c, const float *x, size_t rows)
{
    const size_t n = c->n;
    double *sums = malloc(n * sizeof *sums);
    float *chunk = matrix_alloc(MATRIX_CHUNK_ROWS, n);
    float *matrix = matrix_alloc(n, n), *variances = matrix_alloc(n, 1);
    int result = -1;
    if (sums != NULL && chunk != NULL && matrix != NULL && variances != NULL) {
        fit_mean(c, x, rows, sums);
        fit_covariance(c, x, rows, chunk, matrix);
        result = eigen_symmetric(matrix, n, variances);
    }
    if (result == 0) {
        set_rotation(c, matrix, variances);
    }
    free(sums);
    free(chunk);
    free(matrix);
    free(variances);
    return result;
}

void components_size(const struct components *c, struct matrix_in x, size_t rows,
                     const struct components_out *out)
{
    const size_t n = c->n;
    centre(c, x, rows, out->centred);
    blas_nn((struct blas_shape){rows, n, n}, matrix_in(out->centred),
            (struct matrix_in){c->rotation, n}, 0.0F, out->rotated);
    for (size_t i = 0; i < rows; i++) {
        const float *component = out->rotated.at + i * out->rotated.ld;
        float sum = 0.0F;
        for (size_t k = 0; k < n; k++) {
            sum += sqrtf(fabsf(component[k]));
        }
        out->size[i] = sum;
    }
}

/* sums: of each component, the squares of what the columns of a row give to it. */
static void sum_squares(const struct components *c, const float *centred, float *sums)
{
    memset(sums, 0, c->n * sizeof *sums);
    for (size_t j = 0; j < c->n; j++) {
        const float *row = c->rotation + j * c->n;
        const float square = centred[j] * centred[j];
        for (size_t k = 0; k < c->n; k++) {
            sums[k] += square * row[k] * row[k];
        }
    }
}

void components_terms(const struct components *c, const float *centred, float *rotated,
                      float *terms)
{
    sum_squares(c, centred, terms);
    for (size_t k = 0; k < c->n; k++) {
        rotated[k] = terms[k] > 0.0F ? sqrtf(fabsf(rotated[k])) / terms[k] : 0.0F;
    }
    for (size_t j = 0; j < c->n; j++) {
        const float *row = c->rotation + j * c->n;
        float sum = 0.0F;
        for (size_t k = 0; k < c->n; k++) {
            sum += row[k] * row[k] * rotated[k];
        }
        terms[j] = centred[j] * centred[j] * sum;
    }
}
