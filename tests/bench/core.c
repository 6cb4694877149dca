/* core - one round of measurements of DA3D's training steps and scoring, beside the products alone
 * and large square ones: core THREADS prints timing_run()'s lines; core --blas names the kernels. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aae.h"
#include "core/detector.h"
#include "core/hyper.h"
#include "tests/bench/products.h"
#include "tests/bench/timing.h"

enum { SQUARES = 3, SCORED_ROWS = 4096, SINGLE_ROWS = 32, KDD_INPUTS = 126, DOH_INPUTS = 29 };

static void *checked(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "core: out of memory\n");
        exit(1);
    }
    return p;
}

static void check(int result)
{
    checked(result == 0 ? &result : NULL);
}

/* C = A B of n x n. */
struct square {
    blasint n;
    float *a, *b, *c;
};

static void multiply(void *ctx)
{
    const struct square *s = ctx;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, s->n, s->n, s->n, 1.0F, s->a, s->n,
                s->b, s->n, 0.0F, s->c, s->n);
}

static struct square square_new(size_t n)
{
    struct rng rng;
    struct square s = {(blasint)n, checked(matrix_alloc(n, n)), checked(matrix_alloc(n, n)),
                       checked(matrix_alloc(n, n))};
    rng_init(&rng, 1, 0);
    rng_uniform(&rng, s.a, n * n, -1.0F, 1.0F);
    rng_uniform(&rng, s.b, n * n, -1.0F, 1.0F);
    return s;
}

/* Fills tasks with the squares that a share of the peak is taken of. */
static void add_squares(struct task *tasks)
{
    static const char *const names[SQUARES] = {"square-512", "square-768", "square-1024"};
    static const size_t sizes[SQUARES] = {512, 768, 1024};
    static struct square squares[SQUARES];
    for (size_t i = 0; i < SQUARES; i++) {
        double n = (double)sizes[i];
        squares[i] = squares[i].a != NULL ? squares[i] : square_new(sizes[i]);
        tasks[i] = (struct task){names[i], multiply, &squares[i], 2.0 * n * n * n, {0}};
    }
}

/* Both training stages at one size. */
struct subject {
    struct da3d_config config;
    struct parts parts;
    struct streams streams;
    struct aae aae;
    struct aae_draws aae_draws;
    struct detector detector;
    struct detector_draws detector_draws;
    float *inputs, *codes; /* a batch of each */
};

static void step_aae(void *ctx)
{
    struct subject *s = ctx;
    aae_draws_fill(&s->aae_draws, &s->parts, s->config.batch, &s->streams);
    aae_train_batch(&s->aae, s->inputs, s->config.batch, &s->aae_draws, &s->config);
}

static void step_alarm(void *ctx)
{
    struct subject *s = ctx;
    const size_t n = s->config.batch;
    detector_draws_fill(&s->detector_draws, &s->parts, &s->config, n, &s->streams);
    detector_train_batch(&s->detector, s->codes, n, &s->detector_draws);
}

static struct subject *subject_new(const struct da3d_config *config, uint32_t inputs)
{
    struct subject *s = checked(calloc(1, sizeof *s));
    const size_t n = config->batch;
    s->config = *config;
    hyper_derive(&s->config, inputs, n);
    streams_init(&s->streams, 1);
    parts_shape(&s->parts, &s->config, inputs);
    check(parts_alloc(&s->parts));
    for (size_t i = 0; i < PART_COUNT; i++) {
        net_randomise(&s->parts.net[i], &s->streams.rng[STREAM_PARAMETERS + i]);
    }
    check(aae_init(&s->aae, &s->parts, n));
    check(aae_draws_init(&s->aae_draws, &s->parts, n));
    check(detector_init(&s->detector, &s->parts, &s->config, n));
    check(detector_draws_init(&s->detector_draws, &s->parts, n));
    s->inputs = checked(matrix_alloc(n, inputs));
    s->codes = checked(matrix_alloc(n, net_out(&s->parts.net[PART_ENCODER])));
    rng_uniform(&s->streams.rng[STREAM_HOLDOUT], s->inputs, n * inputs, 0.0F, 1.0F);
    rng_normal(&s->streams.rng[STREAM_HOLDOUT], s->codes,
               n * net_out(&s->parts.net[PART_ENCODER]), 0.0F, 1.0F);
    return s;
}

static void subject_free(struct subject *s)
{
    parts_clear(&s->parts);
    aae_clear(&s->aae);
    aae_draws_clear(&s->aae_draws);
    detector_clear(&s->detector);
    detector_draws_clear(&s->detector_draws);
    free(s->inputs);
    free(s->codes);
    free(s);
}

/* Times work, named, beside its products alone, named too, and the squares. */
static void time_beside(const char *const names[2], void (*work)(void *ctx), void *ctx,
                        unsigned threads, double seconds)
{
    static struct task tasks[2 + SQUARES];
    static struct products products;
    openblas_set_num_threads(1);
    products_record(&products, work, ctx);
    openblas_set_num_threads((int)threads);
    tasks[0] = (struct task){names[0], work, ctx, products.flop, {0}};
    tasks[1] = (struct task){names[1], products_repeat, &products, products.flop, {0}};
    add_squares(tasks + 2);
    timing_run(tasks, 2 + SQUARES, threads, seconds);
}

static void time_training(const char *const names[2][2], const struct da3d_config *config,
                          uint32_t inputs, unsigned threads)
{
    struct subject *s = subject_new(config, inputs);
    time_beside(names[0], step_aae, s, threads, 0.4);
    time_beside(names[1], step_alarm, s, threads, 0.8);
    subject_free(s);
}

/* Rows to score, with a model that has seen as many of them as it must. */
struct scoring {
    struct da3d_scorer *scorer;
    double *rows; /* (SCORED_ROWS, KDD_INPUTS) */
    size_t n;     /* of them to score */
    size_t calls; /* in so many calls */
    struct da3d_score scores[SCORED_ROWS];
};

static void score(void *ctx)
{
    struct scoring *s = ctx;
    const size_t n = s->n / s->calls;
    for (size_t i = 0; i < s->calls; i++) {
        da3d_score(s->scorer, s->rows + i * n * KDD_INPUTS, n, s->scores + i * n);
    }
}

static double *random_rows(void)
{
    const size_t n = (size_t)SCORED_ROWS * KDD_INPUTS;
    float *drawn = checked(matrix_alloc(1, n));
    double *rows = checked(malloc(n * sizeof *rows));
    struct rng rng;
    rng_init(&rng, 2, 0);
    rng_uniform(&rng, drawn, n, 0.0F, 1.0F);
    for (size_t i = 0; i < n; i++) {
        rows[i] = (double)drawn[i];
    }
    free(drawn);
    return rows;
}

static struct da3d_model *train(const struct da3d_config *config, const double *rows)
{
    static struct schema_column columns[KDD_INPUTS];
    struct schema schema = {.set = "bench", .n_columns = KDD_INPUTS, .columns = columns};
    struct da3d_config brief = *config;
    struct da3d_model *model = NULL;
    struct da3d_error error;
    for (unsigned i = 0; i < KDD_INPUTS; i++) {
        snprintf(columns[i].name, sizeof columns[i].name, "c%u", i);
    }
    brief.epochs_aae = brief.epochs_alarm = 1;
    struct da3d_rows normal = {&schema, rows, config->batch};
    if (da3d_train(&brief, &normal, NULL, &model, &error) != 0) {
        fprintf(stderr, "core: %s\n", error.text);
        exit(1);
    }
    return model;
}

static void time_scoring(const struct da3d_config *config, unsigned threads)
{
    static struct scoring s;
    s.rows = random_rows();
    struct da3d_model *model = train(config, s.rows);
    s.scorer = checked(da3d_scorer_new(model, SCORED_ROWS));
    s.n = SCORED_ROWS;
    s.calls = 1;
    time_beside((const char *const[]){"kdd-score", "kdd-score-products"}, score, &s, threads, 0.3);
    s.n = s.calls = SINGLE_ROWS;
    time_beside((const char *const[]){"kdd-score-1", "kdd-score-1-products"}, score, &s, threads,
                0.2);
    da3d_scorer_free(s.scorer);
    da3d_model_free(model);
    free(s.rows);
}

/* The sizes of the paper's own KDD and of DoH, an alarm network of 1000-500-200-75 for both. */
static void round_of(unsigned threads)
{
    static const char *const kdd_names[2][2] = {{"kdd-stage1", "kdd-stage1-products"},
                                                {"kdd-stage2", "kdd-stage2-products"}};
    static const char *const doh_names[2][2] = {{"doh-stage1", "doh-stage1-products"},
                                                {"doh-stage2", "doh-stage2-products"}};
    struct da3d_config kdd = da3d_config_paper, doh = da3d_config_paper;
    kdd.encoder = (struct da3d_layers){6, {150, 100, 70, 40, 25, 10}};
    kdd.batch = 512;
    doh.encoder = (struct da3d_layers){6, {50, 40, 30, 20, 10, 2}};
    doh.batch = 128;
    time_training(kdd_names, &kdd, KDD_INPUTS, threads);
    time_training(doh_names, &doh, DOH_INPUTS, threads);
    time_scoring(&kdd, threads);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--blas") == 0) {
        puts(da3d_blas());
        return 0;
    }
    unsigned threads = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (threads < 1 || threads > 64) {
        fprintf(stderr, "usage: core THREADS | --blas\n");
        return 2;
    }
    round_of(threads);
    return 0;
}
