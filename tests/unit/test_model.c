/* Scoring, calibration, and the model as bytes. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/da3d.h"
#include "core/model.h"
#include "tests/unit/core_sample.h"

enum { TEST_ROWS = 64, CATEGORIES = 4 + 7 + 7 /* bytes of tiny_model()'s, with their count */ };

/* Few bytes, so that every one of them can be tried. */
static struct da3d_config tiny_config(void)
{
    struct da3d_config config = sample_config();
    config.encoder = (struct da3d_layers){2, {3, 2}};
    config.alarm = config.discriminator = config.generator = (struct da3d_layers){1, {3}};
    config.noise = 2;
    row_settings_add(&config.row_settings, "flow.idle", 40.0);
    return config;
}

/* One column has categories. */
static struct da3d_model *trained(const struct da3d_config *config)
{
    struct schema_column columns[SAMPLE_COLUMNS];
    struct schema schema = sample_schema(columns);
    struct da3d_model *model = NULL;
    struct da3d_error error;
    double *rows = sample_rows(300, 1);
    char tcp[] = "tcp", udp[] = "udp", *values[] = {tcp, udp};
    columns[2].kind = SCHEMA_CATEGORICAL;
    columns[2].n_values = 2;
    columns[2].values = values;
    cr_assert_eq(da3d_train(config, &(struct da3d_rows){&schema, rows, 300}, NULL, &model, &error),
                 0, "%s", error.text);
    free(rows);
    return model;
}

static struct da3d_model *tiny_model(void)
{
    const struct da3d_config config = tiny_config();
    return trained(&config);
}

static void score_all(const struct da3d_model *model, const double *rows, size_t n,
                      struct da3d_score *out)
{
    struct da3d_scorer *scorer = da3d_scorer_new(model, n);
    cr_assert_not_null(scorer);
    memset(out, 0, n * sizeof *out);
    da3d_score(scorer, rows, n, out);
    da3d_scorer_free(scorer);
}

/* Bit for bit: the flows of a live capture come in other batches than those of its recording. */
Test(score, batches_do_not_matter)
{
    struct da3d_model *model = tiny_model();
    struct da3d_score together[TEST_ROWS], apart[TEST_ROWS];
    double *rows = sample_rows(TEST_ROWS, 3);
    struct da3d_scorer *scorer = da3d_scorer_new(model, 24);
    for (size_t i = 0, n = 1; i < TEST_ROWS; i += n, n = n % 9 + 1) {
        n = n < TEST_ROWS - i ? n : TEST_ROWS - i;
        da3d_score(scorer, rows + i * SAMPLE_COLUMNS, n, apart + i);
    }
    da3d_scorer_free(scorer);
    scorer = da3d_scorer_new(model, 24);
    da3d_score(scorer, rows, TEST_ROWS, together);
    da3d_scorer_free(scorer);
    for (size_t i = 0; i < TEST_ROWS; i++) {
        cr_expect_eq(apart[i].logit, together[i].logit, "row %zu", i);
    }
    free(rows);
    da3d_model_free(model);
}

Test(score, fields_agree)
{
    struct da3d_model *model = tiny_model();
    struct da3d_score scores[TEST_ROWS];
    double *rows = sample_rows(TEST_ROWS, 3);
    score_all(model, rows, TEST_ROWS, scores);
    for (size_t i = 0; i < TEST_ROWS; i++) {
        double logit = (double)scores[i].logit;
        cr_assert_lt(fabs(scores[i].score - 1.0 / (1.0 + exp(-logit))), 1e-12);
        cr_assert_eq(scores[i].alert, scores[i].logit >= da3d_threshold_logit(model));
        cr_assert_eq(scores[i].p_value, calibration_p_value(&model->calibration, scores[i].logit));
    }
    double at = da3d_threshold_score(model);
    cr_assert_lt(fabs(log(at / (1.0 - at)) - (double)da3d_threshold_logit(model)), 1e-6);
    free(rows);
    da3d_model_free(model);
}

Test(score, rows_do_not_disturb_each_other)
{
    struct da3d_model *model = tiny_model();
    struct da3d_score together[TEST_ROWS], alone;
    double *rows = sample_rows(TEST_ROWS, 3);
    rows[0] = (double)INFINITY;
    rows[SAMPLE_COLUMNS + 1] = (double)NAN;
    rows[2 * SAMPLE_COLUMNS] = -DBL_MAX;
    score_all(model, rows, TEST_ROWS, together);
    for (size_t i = 0; i < TEST_ROWS; i++) {
        score_all(model, rows + i * SAMPLE_COLUMNS, 1, &alone);
        cr_assert(isfinite(together[i].logit));
        cr_assert_float_eq(together[i].logit, alone.logit, 1e-4F);
    }
    free(rows);
    da3d_model_free(model);
}

/* More rows than the scorer takes at a time. */
Test(score, many_rows)
{
    enum { MANY = 1500 };
    struct da3d_model *model = tiny_model();
    static struct da3d_score together[MANY];
    struct da3d_score alone;
    double *rows = sample_rows(MANY, 6);
    score_all(model, rows, MANY, together);
    for (size_t i = 0; i < MANY; i += 7) {
        score_all(model, rows + i * SAMPLE_COLUMNS, 1, &alone);
        cr_assert_float_eq(together[i].logit, alone.logit, 1e-4F, "row %zu", i);
    }
    free(rows);
    da3d_model_free(model);
}

Test(score, nothing)
{
    struct da3d_model *model = tiny_model();
    struct da3d_scorer *scorer = da3d_scorer_new(model, 4);
    da3d_score(scorer, NULL, 0, NULL);
    da3d_scorer_free(scorer);
    da3d_scorer_free(NULL);
    da3d_model_free(NULL);
    da3d_model_free(model);
}

/* Frees the model. */
static void check_round_trip(struct da3d_model *model)
{
    struct da3d_model *again = NULL;
    struct da3d_score before[TEST_ROWS], after[TEST_ROWS];
    struct da3d_error error;
    size_t size, size_again;
    double *rows = sample_rows(TEST_ROWS, 4);
    uint8_t *bytes = da3d_model_encode(model, &size);
    cr_assert_eq(da3d_model_decode(bytes, size, &again, &error), 0, "%s", error.text);
    uint8_t *bytes_again = da3d_model_encode(again, &size_again);
    cr_assert(size == size_again && memcmp(bytes, bytes_again, size) == 0);
    score_all(model, rows, TEST_ROWS, before);
    score_all(again, rows, TEST_ROWS, after);
    cr_assert_eq(memcmp(before, after, sizeof before), 0);
    const struct da3d_config *config = da3d_model_config(again);
    cr_assert_eq(config->generator_kind, model->config.generator_kind);
    cr_assert_eq(config->trivial, model->config.trivial);
    cr_assert_eq(config->activations, model->config.activations);
    cr_assert_eq(config->clip_kind, model->config.clip_kind);
    const struct schema *schema = da3d_model_schema(again);
    double idle = 0.0;
    cr_assert(row_settings_find(&config->row_settings, "flow.idle", &idle) && idle == 40.0);
    cr_assert_eq(da3d_model_columns(again)[0].quantile[6],
                 da3d_model_columns(model)[0].quantile[6]);
    cr_assert_eq(da3d_model_columns(again)[2].share[2], da3d_model_columns(model)[2].share[2]);
    cr_assert_str_eq(schema->set, "sample-v1");
    cr_assert_str_eq(schema->columns[4].name, "c4");
    cr_assert_eq(da3d_model_report(again)->n_parameters, da3d_model_report(model)->n_parameters);
    cr_assert_eq(da3d_threshold_logit(again), da3d_threshold_logit(model));
    free(rows);
    free(bytes);
    free(bytes_again);
    da3d_model_free(model);
    da3d_model_free(again);
}

Test(model_file, round_trip_gives_the_same_bytes_and_scores)
{
    check_round_trip(tiny_model());
}

/* Every variant that can be trained, with one clip or the other. */
enum {
    METHODS = 15,           /* 18 combinations, but for those without any anomalies */
    VARIANTS = METHODS + 4, /* and sets of views */
};

static struct da3d_config variant_config(unsigned i)
{
    static const uint32_t view_sets[] = {15U, 14U, 1U << DA3D_VIEW_PROTOTYPES,
                                         1U << DA3D_VIEW_COMPONENTS | 1U << DA3D_VIEW_ALARM};
    struct da3d_config config = tiny_config();
    config.activations = (enum da3d_activations)(i % 3);
    config.generator_kind = (enum da3d_generator)(i / 3 % 3);
    config.trivial = i < 9 || i >= METHODS;
    config.clip_kind = i % 2 == 0 ? DA3D_CLIP_GRADIENT_NORM : DA3D_CLIP_WEIGHTS;
    if (i >= METHODS) {
        config.scaling = DA3D_SCALING_RANK_GAUSS;
        config.reconstruction = DA3D_RECONSTRUCTION_SQUARED;
        config.corruption = 1.0F;
        config.prototypes = 4;
        config.views = view_sets[i - METHODS];
    }
    return config;
}

Test(model_file, round_trip_of_every_variant)
{
    for (unsigned i = 0; i < VARIANTS; i++) {
        const struct da3d_config config = variant_config(i);
        check_round_trip(trained(&config));
    }
}

/* A network that is not trained takes no room; the alarm network's inputs are what it reads. */
Test(model_file, networks_of_a_variant)
{
    for (unsigned i = 0; i < METHODS; i++) {
        const struct da3d_config config = variant_config(i);
        const bool gan = config.generator_kind == DA3D_GENERATOR_GAN;
        struct da3d_model *model = trained(&config);
        const struct net *net = model->parts.net;
        cr_assert_eq(net[PART_GENERATOR].n_params > 0, gan);
        cr_assert_eq(net[PART_CRITIC].n_params > 0, gan);
        cr_assert_eq(net_in(&net[PART_ALARM]),
                     config.activations == DA3D_ACTIVATIONS_BOTH ? 6U : 3U);
        da3d_model_free(model);
    }
}

/* The layout's first fields, byte by byte: no machine's byte order shows. */
Test(model_file, begins_as_specified)
{
    struct da3d_model *model = tiny_model();
    size_t size;
    uint8_t *bytes = da3d_model_encode(model, &size);
    cr_assert_eq(memcmp(bytes, "DA3DMODL\7\0\0\0sample-v1\0", 22), 0);
    cr_assert_eq(memcmp(bytes + 76, "\5\0\0\0c0\0", 7), 0);
    cr_assert_eq(memcmp(bytes + 80 + 2 * 72 + 68, "\1\0\0\0\2\0\0\0\3\0\0\0tcp\3", 16), 0);
    const uint8_t *config = bytes + 80 + SAMPLE_COLUMNS * 72 + CATEGORIES;
    cr_assert_eq(memcmp(config, "\1\0\0\0\1\0\0\0\0\0\0\0", 12), 0); /* paper, dense, no image */
    cr_assert_eq(memcmp(config + 16, "\2\0\0\0\3\0\0\0\2\0\0\0", 12), 0); /* encoder 3 2 */
    free(bytes);
    da3d_model_free(model);
}

/* Decodes hostile bytes; what is accepted must encode to them again and score without harm. */
static bool accepted(const uint8_t *bytes, size_t size)
{
    struct da3d_model *model = NULL;
    struct da3d_error error = {""};
    if (da3d_model_decode(bytes, size, &model, &error) != 0) {
        cr_assert(model == NULL && error.text[0] != '\0');
        return false;
    }
    struct da3d_score score;
    size_t again;
    uint8_t *encoded = da3d_model_encode(model, &again);
    cr_assert(again == size && memcmp(encoded, bytes, size) == 0);
    score_all(model, (double[]){10, 20, 0, (double)NAN, (double)NAN}, 1, &score);
    cr_assert(isfinite(score.logit) && score.p_value > 0.0 && score.p_value <= 1.0);
    free(encoded);
    da3d_model_free(model);
    return true;
}

Test(model_file, every_prefix_and_any_tail_is_refused)
{
    struct da3d_model *model = tiny_model();
    size_t size;
    uint8_t *bytes = da3d_model_encode(model, &size);
    for (size_t n = 0; n < size; n++) {
        uint8_t *prefix = malloc(n + 1); /* its own allocation, so that a sanitizer sees overruns */
        memcpy(prefix, bytes, n);
        cr_assert_not(accepted(prefix, n), "%zu of %zu bytes", n, size);
        free(prefix);
    }
    uint8_t *longer = calloc(1, size + 1);
    memcpy(longer, bytes, size);
    cr_assert_not(accepted(longer, size + 1));
    free(longer);
    free(bytes);
    da3d_model_free(model);
}

/* Frees the model. */
static void flip_every_byte(struct da3d_model *model)
{
    static const uint8_t flips[] = {0x01, 0x02, 0x80, 0xff};
    size_t size, count = 0;
    uint8_t *bytes = da3d_model_encode(model, &size);
    for (size_t i = 0; i < size; i++) {
        for (size_t k = 0; k < sizeof flips; k++) {
            bytes[i] ^= flips[k];
            count += accepted(bytes, size);
            bytes[i] ^= flips[k];
        }
    }
    cr_assert(count > 0 && accepted(bytes, size));
    free(bytes);
    da3d_model_free(model);
}

Test(model_file, every_flipped_byte_is_refused_or_harmless)
{
    for (unsigned i = 0; i < VARIANTS; i += 5) {
        const struct da3d_config config = variant_config(i);
        flip_every_byte(trained(&config));
    }
}

Test(model_file, random_bytes_are_refused)
{
    uint8_t bytes[512];
    struct rng rng;
    rng_init(&rng, 3, 0);
    for (size_t trial = 0; trial < 2000; trial++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = (uint8_t)rng_u64(&rng);
        }
        if (trial % 2 == 0) {
            memcpy(bytes, "DA3DMODL\5\0\0\0", 12);
        }
        cr_assert_not(accepted(bytes, sizeof bytes));
    }
}

Test(model_file, huge_counts_do_not_allocate)
{
    struct da3d_model *model = tiny_model();
    size_t size;
    uint8_t *bytes = da3d_model_encode(model, &size);
    const size_t encoder =
        8 + 4 + 64 + 4 + SAMPLE_COLUMNS * 72 + CATEGORIES; /* where the config begins */
    const uint8_t wide[4] = {0x00, 0x40, 0, 0};            /* 16384 */
    memcpy(bytes + encoder + 20, wide, 4);
    memcpy(bytes + encoder + 24, wide, 4);
    cr_assert_not(accepted(bytes, size));
    free(bytes);
    da3d_model_free(model);
}
