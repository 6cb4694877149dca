#include "prototypes.h"

#include <math.h>
#include <string.h>

#include "blas.h"

/* Ten rounds on twenty thousand rows: more of either moved no score's third digit. */
enum { ROUNDS = 10, SAMPLE_ROWS = 20000 };

int prototypes_alloc(struct prototypes *p, uint32_t n, uint32_t columns)
{
    *p = (struct prototypes){.n = n, .columns = columns};
    p->at = matrix_alloc(n, columns);
    p->squares = matrix_alloc(n, 1);
    if (p->at == NULL || p->squares == NULL) {
        prototypes_clear(p);
        return -1;
    }
    return 0;
}

void prototypes_clear(struct prototypes *p)
{
    free(p->at);
    free(p->squares);
    *p = (struct prototypes){0};
}

static float square(const float *x, size_t n)
{
    float sum = 0.0F;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * x[i];
    }
    return sum;
}

void prototypes_square(struct prototypes *p)
{
    for (size_t i = 0; i < p->n; i++) {
        p->squares[i] = square(p->at + i * p->columns, p->columns);
    }
}

/* products: (n, p->n), x p. */
static void multiply(const struct prototypes *p, struct matrix_in x, size_t n,
                     struct matrix products)
{
    blas_nt((struct blas_shape){n, p->n, p->columns}, x, (struct matrix_in){p->at, p->columns},
            0.0F, products);
}

/* The prototypes with the least values of |p|^2 - 2 x p, ascending. */
struct near {
    float value[PROTOTYPES_NEAR];
    uint32_t index[PROTOTYPES_NEAR];
    uint32_t n;
};

/* products: one row of x p. */
static struct near find_near(const struct prototypes *p, const float *products)
{
    struct near near = {.n = p->n < PROTOTYPES_NEAR ? p->n : PROTOTYPES_NEAR};
    for (size_t k = 0; k < PROTOTYPES_NEAR; k++) {
        near.value[k] = INFINITY;
    }
    for (uint32_t j = 0; j < p->n; j++) {
        float value = p->squares[j] - 2.0F * products[j];
        for (size_t k = PROTOTYPES_NEAR; k > 0 && value < near.value[k - 1]; k--) {
            if (k < PROTOTYPES_NEAR) {
                near.value[k] = near.value[k - 1];
                near.index[k] = near.index[k - 1];
            }
            near.value[k - 1] = value;
            near.index[k - 1] = j;
        }
    }
    return near;
}

static float mean_least(const struct prototypes *p, const float *products)
{
    const struct near near = find_near(p, products);
    float sum = 0.0F;
    for (size_t k = 0; k < near.n; k++) {
        sum += near.value[k];
    }
    return sum / (float)near.n;
}

void prototypes_distance(const struct prototypes *p, struct matrix_in x, size_t n,
                         struct matrix products, float *squared)
{
    multiply(p, x, n, products);
    for (size_t i = 0; i < n; i++) {
        float mean = mean_least(p, products.at + i * products.ld);
        squared[i] = fmaxf(mean + square(x.at + i * x.ld, p->columns), 0.0F);
    }
}

uint32_t prototypes_nearest(const struct prototypes *p, const float *products,
                            uint32_t index[PROTOTYPES_NEAR])
{
    const struct near near = find_near(p, products);
    memcpy(index, near.index, near.n * sizeof *index);
    return near.n;
}

void prototypes_terms(const struct prototypes *p, const float *x, const float *products,
                      float *terms)
{
    const struct near near = find_near(p, products);
    memset(terms, 0, p->columns * sizeof *terms);
    for (size_t k = 0; k < near.n; k++) {
        const float *prototype = p->at + (size_t)near.index[k] * p->columns;
        for (size_t c = 0; c < p->columns; c++) {
            float off = x[c] - prototype[c];
            terms[c] += off * off / (float)near.n;
        }
    }
}

/* What a round of k-means needs. */
struct rounds {
    const float *x; /* (n, columns) */
    size_t *sample; /* n rows of x, of which n_sample are used */
    size_t n_sample;
    float *chunk;     /* (MATRIX_CHUNK_ROWS, columns) */
    float *products;  /* (MATRIX_CHUNK_ROWS, prototypes) */
    double *sums;     /* (prototypes, columns) */
    uint64_t *counts; /* prototypes */
};

static int rounds_init(struct rounds *r, const struct prototypes *p, const float *x, size_t n)
{
    *r = (struct rounds){
        .x = x,
        .sample = malloc(n * sizeof *r->sample),
        .n_sample = n < SAMPLE_ROWS ? n : SAMPLE_ROWS,
        .chunk = matrix_alloc(MATRIX_CHUNK_ROWS, p->columns),
        .products = matrix_alloc(MATRIX_CHUNK_ROWS, p->n),
        .sums = malloc((size_t)p->n * p->columns * sizeof *r->sums),
        .counts = malloc(p->n * sizeof *r->counts),
    };
    return r->sample != NULL && r->chunk != NULL && r->products != NULL && r->sums != NULL &&
                   r->counts != NULL
               ? 0
               : -1;
}

static void rounds_clear(struct rounds *r)
{
    free(r->sample);
    free(r->chunk);
    free(r->products);
    free(r->sums);
    free(r->counts);
}

static const float *sampled(const struct rounds *r, size_t i, size_t columns)
{
    return r->x + r->sample[i] * columns;
}

/* Index of the least value of |p|^2 - 2 x p. */
static uint32_t nearest(const struct prototypes *p, const float *products)
{
    uint32_t index = 0;
    float best = INFINITY;
    for (uint32_t j = 0; j < p->n; j++) {
        float value = p->squares[j] - 2.0F * products[j];
        index = value < best ? j : index;
        best = value < best ? value : best;
    }
    return index;
}

/* Adds n rows, from sample row first on, to the sums of the prototypes that are nearest. */
static void add_chunk(struct rounds *r, const struct prototypes *p, size_t first, size_t n)
{
    const size_t columns = p->columns;
    for (size_t i = 0; i < n; i++) {
        memcpy(r->chunk + i * columns, sampled(r, first + i, columns), columns * sizeof(float));
    }
    multiply(p, (struct matrix_in){r->chunk, columns}, n, (struct matrix){r->products, p->n});
    for (size_t i = 0; i < n; i++) {
        const uint32_t index = nearest(p, r->products + i * p->n);
        double *sum = r->sums + index * columns;
        r->counts[index]++;
        for (size_t c = 0; c < columns; c++) {
            sum[c] += (double)r->chunk[i * columns + c];
        }
    }
}

/* Moves each prototype to the mean of the rows that it is nearest to, if there are any. */
static void one_round(struct rounds *r, struct prototypes *p)
{
    memset(r->sums, 0, (size_t)p->n * p->columns * sizeof *r->sums);
    memset(r->counts, 0, p->n * sizeof *r->counts);
    for (size_t done = 0; done < r->n_sample; done += MATRIX_CHUNK_ROWS) {
        add_chunk(r, p, done, matrix_chunk(done, r->n_sample));
    }
    for (size_t i = 0; i < p->n; i++) {
        for (size_t c = 0; r->counts[i] > 0 && c < p->columns; c++) {
            p->at[i * p->columns + c] = (float)(r->sums[i * p->columns + c] / (double)r->counts[i]);
        }
    }
    prototypes_square(p);
}

int prototypes_fit(struct prototypes *p, const float *x, size_t n, struct rng *rng)
{
    struct rounds r;
    int result = rounds_init(&r, p, x, n);
    if (result == 0) {
        for (size_t i = 0; i < n; i++) {
            r.sample[i] = i;
        }
        rng_shuffle(rng, r.sample, n);
        for (size_t i = 0; i < p->n; i++) {
            memcpy(p->at + i * p->columns, sampled(&r, i, p->columns), p->columns * sizeof(float));
        }
        prototypes_square(p);
        for (int round = 0; round < ROUNDS; round++) {
            one_round(&r, p);
        }
    }
    rounds_clear(&r);
    return result;
}
