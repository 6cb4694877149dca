/* core - one round of measurements of DA3D's training steps and scoring, beside their products
 * alone and large square ones: core THREADS prints timing_run()'s lines; core --blas names the
 * kernels. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aae.h"
#include "core/detector.h"
#include "core/hyper.h"
#include "tests/bench/products.h"
#include "tests/bench/timing.h"

enum {
    SQUARES = 3,
    SCORED_ROWS = 4096,
    SINGLE_ROWS = 32,
    KDD_INPUTS = 126,
    DOH_INPUTS = 29,
    IMAGE_SIDE = 28,
    PIXELS = IMAGE_SIDE * IMAGE_SIDE,
    IMAGES = 512, /* in a batch, and scored in one call: 512 * 784 fewer than 4096 * 126 numbers */
};

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

/* C = A B of n x n, by each thread its own. */
struct square {
    struct crew *crew;
    unsigned threads;
    size_t n;
    float *a, *b, *c; /* c: one for each thread */
};

static void multiply_one(void *ctx, size_t i)
{
    const struct square *s = ctx;
    const blasint n = (blasint)s->n;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0F, s->a, n, s->b, n, 0.0F,
                s->c + i * s->n * s->n, n);
}

static void multiply(void *ctx)
{
    struct square *s = ctx;
    crew_run(s->crew, s->threads, multiply_one, s);
}

static struct square square_new(size_t n, unsigned threads, struct crew *crew)
{
    struct rng rng;
    struct square s = {crew,
                       threads,
                       n,
                       checked(matrix_alloc(n, n)),
                       checked(matrix_alloc(n, n)),
                       checked(matrix_alloc(threads * n, n))};
    rng_init(&rng, 1, 0);
    rng_uniform(&rng, s.a, n * n, -1.0F, 1.0F);
    rng_uniform(&rng, s.b, n * n, -1.0F, 1.0F);
    return s;
}

/* What everything is measured with and beside. */
struct bench {
    unsigned threads;
    struct crew *crew;
    struct square square[SQUARES];
};

static void bench_init(struct bench *bench, unsigned threads)
{
    static const size_t sizes[SQUARES] = {512, 768, 1024};
    bench->threads = threads;
    bench->crew = checked(crew_new(threads));
    for (size_t i = 0; i < SQUARES; i++) {
        bench->square[i] = square_new(sizes[i], threads, bench->crew);
    }
}

static void bench_clear(struct bench *bench)
{
    crew_free(bench->crew);
    for (size_t i = 0; i < SQUARES; i++) {
        free(bench->square[i].a);
        free(bench->square[i].b);
        free(bench->square[i].c);
    }
}

/* A piece of work, and the products in it. */
struct piece {
    const char *name, *products_name;
    void (*work)(void *ctx);
    void *ctx;
    struct products products;
    double seconds; /* to time it for */
};

/* Times it beside its products alone, which BLAS's own threads share out, and the squares. */
static void time_piece(struct piece *piece, struct bench *bench)
{
    static const char *const squares[SQUARES] = {"square-512", "square-768", "square-1024"};
    static struct task tasks[2 + SQUARES];
    const double flop = piece->products.flop;
    tasks[0] = (struct task){piece->name, piece->work, piece->ctx, 1, flop, {0}};
    tasks[1] = (struct task){piece->products_name, products_repeat,      &piece->products,
                             (int)bench->threads,  piece->products.flop, {0}};
    for (size_t i = 0; i < SQUARES; i++) {
        double n = (double)bench->square[i].n;
        tasks[2 + i] = (struct task){
            squares[i], multiply, &bench->square[i], 1, 2.0 * n * n * n * bench->threads, {0}};
    }
    timing_run(tasks, 2 + SQUARES, bench->threads, piece->seconds);
}

/* Both training stages at one size. */
struct subject {
    struct da3d_config config;
    struct parts parts;
    struct slices slices; /* of the stage that is at work */
    struct streams streams[SLICES_MAX];
    struct aae aae;
    struct aae_draws aae_draws[SLICES_MAX];
    struct detector detector;
    struct detector_draws detector_draws[SLICES_MAX];
    float *inputs, *codes; /* a batch of each */
};

static void draw_for_aae(void *ctx, size_t i)
{
    struct subject *s = ctx;
    aae_draws_fill(&s->aae_draws[i], &s->parts, &s->config, slices_rows(&s->slices, i),
                   &s->streams[i]);
}

static void step_aae(void *ctx)
{
    struct subject *s = ctx;
    crew_run(s->slices.crew, s->slices.n, draw_for_aae, s);
    aae_train_batch(&s->aae, &s->slices, s->inputs, s->aae_draws);
}

static void draw_for_alarm(void *ctx, size_t i)
{
    struct subject *s = ctx;
    detector_draws_fill(&s->detector_draws[i], &s->parts, &s->config, slices_rows(&s->slices, i),
                        &s->streams[i]);
}

static void step_alarm(void *ctx)
{
    struct subject *s = ctx;
    crew_run(s->slices.crew, s->slices.n, draw_for_alarm, s);
    detector_train_batch(&s->detector, &s->slices, s->codes, s->detector_draws);
}

static struct subject *subject_new(const struct da3d_config *config, uint32_t inputs)
{
    struct subject *s = checked(calloc(1, sizeof *s));
    const size_t n = config->batch;
    s->config = *config;
    hyper_derive(&s->config, inputs, n);
    for (size_t i = 0; i < SLICES_MAX; i++) {
        streams_init(&s->streams[i], 1, i);
    }
    parts_shape(&s->parts, &s->config, inputs);
    check(parts_alloc(&s->parts));
    for (size_t i = 0; i < PART_COUNT; i++) {
        net_randomise(&s->parts.net[i], &s->streams[0].rng[STREAM_PARAMETERS + i]);
    }
    check(aae_init(&s->aae, &s->parts, &s->config, n));
    check(detector_init(&s->detector, &s->parts, &s->config, n));
    for (size_t i = 0; i < SLICES_MAX; i++) {
        check(aae_draws_init(&s->aae_draws[i], &s->parts, &s->config, s->aae.max_rows));
        check(detector_draws_init(&s->detector_draws[i], &s->parts, slices_rows_max(n)));
    }
    s->inputs = checked(matrix_alloc(n, inputs));
    s->codes = checked(matrix_alloc(n, net_out(&s->parts.net[PART_ENCODER])));
    rng_uniform(&s->streams[0].rng[STREAM_HOLDOUT], s->inputs, n * inputs, 0.0F, 1.0F);
    rng_normal(&s->streams[0].rng[STREAM_HOLDOUT], s->codes,
               n * net_out(&s->parts.net[PART_ENCODER]), 0.0F, 1.0F);
    return s;
}

static void subject_free(struct subject *s)
{
    parts_clear(&s->parts);
    aae_clear(&s->aae);
    detector_clear(&s->detector);
    for (size_t i = 0; i < SLICES_MAX; i++) {
        aae_draws_clear(&s->aae_draws[i]);
        detector_draws_clear(&s->detector_draws[i]);
    }
    free(s->inputs);
    free(s->codes);
    free(s);
}

static void time_training(const struct da3d_config *config, uint32_t inputs, struct piece pieces[2],
                          struct bench *bench)
{
    struct subject *s = subject_new(config, inputs);
    pieces[0].work = step_aae;
    pieces[1].work = step_alarm;
    for (size_t i = 0; i < 2; i++) {
        pieces[i].ctx = s;
        s->slices =
            i == 0 ? aae_slices(&s->aae, NULL, config->batch) : slices_of(NULL, config->batch);
        s->slices.crew = NULL;
        products_record(&pieces[i].products, pieces[i].work, s);
        s->slices.crew = bench->crew;
        time_piece(&pieces[i], bench);
    }
    subject_free(s);
}

/* Rows to score, with a model that has seen as many of them as it must. */
struct scoring {
    struct da3d_scorer *scorer;
    double *rows;     /* (n, columns) or more */
    uint32_t columns; /* of a row */
    size_t n;         /* rows to score */
    size_t calls;     /* in so many calls */
    struct da3d_score scores[SCORED_ROWS];
};

static void score(void *ctx)
{
    struct scoring *s = ctx;
    const size_t n = s->n / s->calls;
    for (size_t i = 0; i < s->calls; i++) {
        da3d_score(s->scorer, s->rows + i * n * s->columns, n, s->scores + i * n);
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

static struct da3d_model *train(const struct da3d_config *config, const double *rows,
                                uint32_t n_columns)
{
    static struct schema_column columns[PIXELS]; /* as many as any */
    struct schema schema = {.set = "bench", .n_columns = n_columns, .columns = columns};
    struct da3d_config brief = *config;
    struct da3d_model *model = NULL;
    struct da3d_error error;
    for (unsigned i = 0; i < n_columns; i++) {
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

/* Scores n rows in so many calls, with a scorer for as many rows as one of them has. */
static void time_calls(struct piece *piece, struct scoring *s, const struct da3d_model *model,
                       struct bench *bench)
{
    s->scorer = checked(da3d_scorer_new(model, s->n / s->calls));
    piece->work = score;
    piece->ctx = s;
    products_record(&piece->products, score, s);
    time_piece(piece, bench);
    da3d_scorer_free(s->scorer);
}

static void time_scoring(const struct da3d_config *config, struct bench *bench)
{
    static struct scoring s = {.columns = KDD_INPUTS};
    static struct piece batch = {
        .name = "kdd-score", .products_name = "kdd-score-products", .seconds = 0.3};
    static struct piece single = {
        .name = "kdd-score-1", .products_name = "kdd-score-1-products", .seconds = 0.2};
    s.rows = random_rows();
    struct da3d_model *model = train(config, s.rows, s.columns);
    s.n = SCORED_ROWS;
    s.calls = 1;
    time_calls(&batch, &s, model, bench);
    s.n = s.calls = SINGLE_ROWS;
    time_calls(&single, &s, model, bench);
    da3d_model_free(model);
    free(s.rows);
}

/* MNIST's size, in the authors' convolutional layers. */
static void time_images(struct bench *bench)
{
    static struct scoring s = {.columns = PIXELS, .n = IMAGES, .calls = 1};
    static struct piece stages[2] = {
        {.name = "image-stage1", .products_name = "image-stage1-products", .seconds = 0.4},
        {.name = "image-stage2", .products_name = "image-stage2-products", .seconds = 0.4}};
    static struct piece scoring = {
        .name = "image-score", .products_name = "image-score-products", .seconds = 0.3};
    struct da3d_config config = da3d_config_paper;
    config.image = (struct da3d_image){IMAGE_SIDE, IMAGE_SIDE};
    config.batch = IMAGES;
    time_training(&config, PIXELS, stages, bench);
    if (bench->threads > 1) {
        return;
    }
    s.rows = random_rows();
    struct da3d_model *model = train(&config, s.rows, s.columns);
    time_calls(&scoring, &s, model, bench);
    da3d_model_free(model);
    free(s.rows);
}

/* The sizes of the paper's own KDD and of DoH, an alarm network of 1000-500-200-75 for both.
 * Scoring is one thread's work. */
static void round_of(struct bench *bench)
{
    static struct piece kdd_pieces[2] = {
        {.name = "kdd-stage1", .products_name = "kdd-stage1-products"},
        {.name = "kdd-stage2", .products_name = "kdd-stage2-products"}};
    static struct piece doh_pieces[2] = {
        {.name = "doh-stage1", .products_name = "doh-stage1-products"},
        {.name = "doh-stage2", .products_name = "doh-stage2-products"}};
    struct da3d_config kdd = da3d_config_paper, doh = da3d_config_paper;
    kdd.encoder = (struct da3d_layers){6, {150, 100, 70, 40, 25, 10}};
    kdd.batch = 512;
    doh.encoder = (struct da3d_layers){6, {50, 40, 30, 20, 10, 2}};
    doh.batch = 128;
    kdd_pieces[0].seconds = doh_pieces[0].seconds = 0.4;
    kdd_pieces[1].seconds = doh_pieces[1].seconds = 0.8;
    time_training(&kdd, KDD_INPUTS, kdd_pieces, bench);
    time_training(&doh, DOH_INPUTS, doh_pieces, bench);
    if (bench->threads == 1) {
        time_scoring(&kdd, bench);
    }
    time_images(bench);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--blas") == 0) {
        puts(da3d_blas());
        return 0;
    }
    unsigned threads = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (threads < 1 || threads > CREW_THREADS_MAX) {
        fprintf(stderr, "usage: core THREADS | --blas\n");
        return 2;
    }
    struct bench bench;
    bench_init(&bench, threads);
    round_of(&bench);
    bench_clear(&bench);
    return 0;
}
