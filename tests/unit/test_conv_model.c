/* A model of images: trained, scored, as bytes and back. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/da3d.h"
#include "core/model.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, IMAGES = 80, SCORED = 9 };

/* Blurred squares, somewhere. */
static double *sample_images(size_t n, uint64_t seed)
{
    double *rows = calloc(n * PIXELS, sizeof *rows);
    struct rng rng;
    rng_init(&rng, seed, 0);
    for (size_t i = 0; rows != NULL && i < n; i++) {
        float at[2];
        rng_uniform(&rng, at, 2, 6.0F, 20.0F);
        for (size_t p = 0; p < PIXELS; p++) {
            double y = fabs((double)(p / SIDE) - (double)at[0]);
            double x = fabs((double)(p % SIDE) - (double)at[1]);
            rows[i * PIXELS + p] = floor(255.0 / (1.0 + exp(fmax(x, y) - 5.0)));
        }
    }
    return rows;
}

static struct da3d_config images_config(void)
{
    struct da3d_config config = da3d_config_paper;
    config.image = (struct da3d_image){SIDE, SIDE};
    config.encoder = (struct da3d_layers){4, {3, 2, 2, 2}};
    config.alarm = config.discriminator = config.generator = (struct da3d_layers){1, {3}};
    config.noise = 2;
    config.epochs_aae = config.epochs_alarm = 2;
    config.batch = 16;
    config.learning_rate = 1e-3F;
    return config;
}

/* Returns what da3d_train() does. */
static int train(const struct da3d_config *config, uint32_t columns, struct da3d_model **model,
                 struct da3d_error *error)
{
    static struct schema_column names[PIXELS];
    struct schema schema = {.set = "image-v1", .n_columns = columns, .columns = names};
    double *rows = sample_images(IMAGES, 1);
    memset(names, 0, sizeof names);
    for (unsigned i = 0; i < columns; i++) {
        snprintf(names[i].name, sizeof names[i].name, "p%u", i);
    }
    int result = da3d_train(config, &(struct da3d_rows){&schema, rows, IMAGES}, NULL, model, error);
    free(rows);
    return result;
}

static struct da3d_model *trained(void)
{
    const struct da3d_config config = images_config();
    struct da3d_model *model = NULL;
    struct da3d_error error;
    cr_assert_eq(train(&config, PIXELS, &model, &error), 0, "%s", error.text);
    return model;
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

Test(conv_model, learns_by_convolutions_and_the_whole_range_of_a_pixel)
{
    struct da3d_model *model = trained();
    cr_assert_eq(model->config.layers, DA3D_LAYERS_CONV);
    cr_assert_eq(net_in(&model->parts.net[PART_ALARM]), 4U * 2 + 36 * 2 + 196 * 3);
    for (uint32_t c = 0; c < PIXELS; c++) {
        cr_assert(model->scaler.column[c].min == 0.0 && model->scaler.column[c].max == 255.0);
    }
    const struct net *encoder = &model->parts.net[PART_ENCODER];
    const float *norm = encoder->params + encoder->layer[1].weights;
    cr_assert(norm[3] != 0.0F && norm[6] != 1.0F, "the running averages never moved");
    da3d_model_free(model);
}

Test(conv_model, same_seed_same_model)
{
    struct da3d_model *a = trained(), *b = trained();
    size_t size_a, size_b;
    uint8_t *bytes_a = da3d_model_encode(a, &size_a), *bytes_b = da3d_model_encode(b, &size_b);
    cr_assert(size_a == size_b && memcmp(bytes_a, bytes_b, size_a) == 0);
    free(bytes_a);
    free(bytes_b);
    da3d_model_free(a);
    da3d_model_free(b);
}

Test(conv_model, images_do_not_disturb_each_other)
{
    struct da3d_model *model = trained();
    struct da3d_score together[SCORED], alone;
    double *rows = sample_images(SCORED, 3);
    rows[0] = (double)INFINITY;
    rows[PIXELS] = (double)NAN;
    score_all(model, rows, SCORED, together);
    for (size_t i = 0; i < SCORED; i++) {
        score_all(model, rows + i * PIXELS, 1, &alone);
        cr_assert(isfinite(together[i].logit));
        cr_assert_float_eq(together[i].logit, alone.logit, 1e-4F);
    }
    free(rows);
    da3d_model_free(model);
}

Test(conv_model, refuses_rows_that_are_no_such_images)
{
    static const struct {
        uint32_t columns;
        struct da3d_image image;
        const char *reason;
    } cases[] = {
        {PIXELS, {28, 27}, "784 columns are no image of 28 x 27 pixels"},
        {PIXELS, {49, 16}, "take heights and widths of 28, 44, 60"},
        {PIXELS - 1, {28, 28}, "783 columns are no image"},
        {PIXELS, {0, 784}, "no image of 0 x 784"},
        {PIXELS, {0, 0}, "convolutional layers are for images"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct da3d_config config = images_config();
        struct da3d_model *model = NULL;
        struct da3d_error error = {""};
        config.layers = DA3D_LAYERS_CONV;
        config.image = cases[i].image;
        cr_assert_eq(train(&config, cases[i].columns, &model, &error), -1, "case %zu", i);
        cr_assert_not_null(strstr(error.text, cases[i].reason), "case %zu: %s", i, error.text);
    }
}

/* Decodes, and scores with what is accepted. Returns whether it was. */
static bool try_bytes(const uint8_t *bytes, size_t size, const double *rows)
{
    struct da3d_model *model = NULL;
    struct da3d_error error;
    struct da3d_score scores[2];
    if (da3d_model_decode(bytes, size, &model, &error) != 0) {
        return false;
    }
    score_all(model, rows, 2, scores);
    cr_assert(isfinite(scores[0].logit) && isfinite(scores[1].logit));
    da3d_model_free(model);
    return true;
}

/* All bytes of the configuration, and samples of the others. */
Test(conv_model, flipped_bytes_are_refused_or_harmless)
{
    enum { CONFIG = 80 + PIXELS * 72, CONFIG_SIZE = 16 + 20 + 3 * 8 + 23 * 4 + 32 };
    struct da3d_model *model = trained();
    double *rows = sample_images(2, 5);
    size_t size;
    uint8_t *bytes = da3d_model_encode(model, &size);
    cr_assert(try_bytes(bytes, size, rows));
    cr_assert_eq(memcmp(bytes + CONFIG + 4, "\2\0\0\0\34\0\0\0\34\0\0\0\4\0\0\0\3\0\0\0", 20), 0);
    for (size_t i = 0; i < size; i += i >= CONFIG && i < CONFIG + CONFIG_SIZE ? 1 : 211) {
        for (unsigned flip = 1; flip < 256; flip *= 4) {
            bytes[i] ^= (uint8_t)flip;
            try_bytes(bytes, size, rows);
            bytes[i] ^= (uint8_t)flip;
        }
    }
    free(bytes);
    free(rows);
    da3d_model_free(model);
}

Test(conv_model, a_negative_running_variance_is_refused)
{
    struct da3d_model *model = trained();
    const struct net *decoder = &model->parts.net[PART_DECODER];
    double *rows = sample_images(2, 5);
    size_t size;
    decoder->params[decoder->layer[1].weights + 4] = -0.01F;
    uint8_t *bytes = da3d_model_encode(model, &size);
    cr_assert(!try_bytes(bytes, size, rows));
    free(bytes);
    free(rows);
    da3d_model_free(model);
}
