#include "core/hyper.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/schema.h"

/* The derived encoder falls, ends in a code of about the root of the inputs, and starts within a
 * factor of two of what the authors chose by hand. */
Test(hyper, derived_encoder_is_like_the_authors)
{
    static const struct {
        uint32_t inputs, first, code;
    } authors[] = {{122, 150, 10}, {29, 50, 2}, {54, 90, 15}, {6, 12, 2}, {79, 100, 10}};
    for (size_t i = 0; i < sizeof authors / sizeof authors[0]; i++) {
        struct da3d_config c = da3d_config_paper;
        hyper_derive(&c, authors[i].inputs, 10000);
        cr_assert_eq(c.encoder.n, 6U);
        cr_assert_lt(fabs(log2((double)c.encoder.width[0] / authors[i].first)), 1.0);
        cr_assert_eq(c.encoder.width[5], (uint32_t)lround(sqrt(authors[i].inputs)));
        cr_assert_eq(c.encoder.width[4], 2 * c.encoder.width[5]);
    }
    for (uint32_t inputs = 1; inputs < 5000; inputs = inputs * 3 / 2 + 1) {
        struct da3d_config c = da3d_config_paper;
        struct da3d_error error;
        hyper_derive(&c, inputs, 100);
        cr_assert(hyper_is_derived(&c) && hyper_check(&c, &error) == 0);
        for (uint32_t l = 1; l < c.encoder.n; l++) {
            cr_assert_leq(c.encoder.width[l], c.encoder.width[l - 1], "%u inputs", inputs);
        }
    }
}

Test(hyper, derived_sizes)
{
    static const struct {
        uint32_t inputs;
        size_t rows;
        uint32_t alarm, batch;
    } cases[] = {{6, 8820, 100, 128},  {29, 16000, 1000, 128},   {122, 63900, 1000, 512},
                 {79, 6320, 1000, 64}, {54, 431000, 1000, 4096}, {29, 230000, 1000, 4096},
                 {15, 50, 100, 50}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct da3d_config c = da3d_config_paper;
        hyper_derive(&c, cases[i].inputs, cases[i].rows);
        cr_assert_eq(c.alarm.width[0], cases[i].alarm, "case %zu", i);
        cr_assert_eq(c.batch, cases[i].batch, "case %zu: batch %u", i, c.batch);
    }
}

Test(hyper, many_inputs_narrow)
{
    struct da3d_config c = da3d_config_paper;
    hyper_derive(&c, 809, 1000);
    cr_expect_eq(c.encoder.width[0], 1023);
    c = da3d_config_paper;
    hyper_derive(&c, SCHEMA_INPUTS_MAX, 1000);
    cr_expect_eq(c.encoder.width[0], 1024);
    cr_expect_eq(c.encoder.width[4], 256);
    cr_expect_eq(c.encoder.width[5], 128);
}

/* 3 inputs, encoder 4 2, alarm 5 on the decoder's 4: 26, 27 and 31 parameters. Batches of 500 are
 * one slice, of 600 two. */
Test(hyper, training_memory)
{
    struct schema_column columns[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    const struct schema schema = {"table-v1", 3, columns};
    struct da3d_config c = da3d_config_paper;
    c.encoder = (struct da3d_layers){2, {4, 2}};
    c.alarm = (struct da3d_layers){1, {5}};
    c.holdout = 0.5F;
    c.batch = 500;
    const double table = 1000 * 3 * 8 + 500 * 3 * 4;
    cr_expect_eq(da3d_train_memory(&c, &schema, 1000), table + 4 * (26 * 7 + 27 * 4 + 31));
    c.batch = 600;
    cr_expect_eq(da3d_train_memory(&c, &schema, 1000), table + 4 * (26 * 9 + 27 * 5 + 31));
    c.alarm.width[0] = 1000; /* of 6001 parameters: stage 2 takes more */
    cr_expect_eq(da3d_train_memory(&c, &schema, 1000), table + 4 * (26 + 27 + 6001 * 5));
    c.layers = DA3D_LAYERS_CONV;
    cr_expect_eq(da3d_train_memory(&c, &schema, 1000), 0);
}

Test(hyper, given_values_stay)
{
    struct da3d_config c = da3d_config_paper;
    c.layers = DA3D_LAYERS_DENSE;
    c.holdout_by = DA3D_HOLDOUT_TIME;
    c.trim = 0.0F;
    c.encoder = (struct da3d_layers){2, {7, 3}};
    c.alarm = (struct da3d_layers){1, {9}};
    c.batch = 33;
    struct da3d_config before = c;
    hyper_derive(&c, 20, 1000);
    cr_assert_eq(memcmp(&c, &before, sizeof c), 0);
}

/* Where rows have identities, of views that rows may be left out of. */
Test(hyper, trims_where_it_can)
{
    struct da3d_config with = da3d_config_default, without = with, alone = with, paper = with;
    without.views &= ~(1U << DA3D_VIEW_NOVELTY);
    alone.views = 1U << DA3D_VIEW_NOVELTY;
    paper.views = 1U << DA3D_VIEW_ALARM;
    hyper_derive(&with, 20, 1000);
    hyper_derive(&without, 20, 1000);
    hyper_derive(&alone, 20, 1000);
    hyper_derive(&paper, 20, 1000);
    cr_expect_eq(with.trim, 0.1F);
    cr_expect(without.trim == 0.0F && alone.trim == 0.0F && paper.trim == 0.0F);
}

/* Each broken value is refused with its name in the message. */
Test(hyper, refuses_values_out_of_range)
{
    static const struct {
        const char *name;
        size_t offset;
        float value;
    } cases[] = {
        {"learning_rate", offsetof(struct da3d_config, learning_rate), 0.0F},
        {"learning_rate", offsetof(struct da3d_config, learning_rate), NAN},
        {"dropout", offsetof(struct da3d_config, dropout), 1.0F},
        {"dropout", offsetof(struct da3d_config, dropout), -0.1F},
        {"clip", offsetof(struct da3d_config, clip), INFINITY},
        {"sigma_h", offsetof(struct da3d_config, sigma_h), -1.0F},
        {"lambda_g", offsetof(struct da3d_config, lambda_g), -1.0F},
        {"lambda_n", offsetof(struct da3d_config, lambda_n), NAN},
        {"holdout", offsetof(struct da3d_config, holdout), 0.0F},
        {"holdout", offsetof(struct da3d_config, holdout), 1.0F},
        {"trim", offsetof(struct da3d_config, trim), -1.5F},
        {"trim", offsetof(struct da3d_config, trim), 0.51F},
        {"trim", offsetof(struct da3d_config, trim), 0.1F}, /* the alarm network alone counts */
        {"target_fpr", offsetof(struct da3d_config, target_fpr), 1.0F},
    };
    struct hyper_fault fault;
    struct da3d_error error;
    cr_assert_eq(hyper_check(&da3d_config_paper, &error), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct da3d_config c = da3d_config_paper;
        memcpy((char *)&c + cases[i].offset, &cases[i].value, sizeof(float));
        cr_assert_eq(hyper_check(&c, &error), -1, "%s", cases[i].name);
        cr_assert(strstr(error.text, cases[i].name) != NULL, "%s", error.text);
        cr_assert_eq(hyper_find_fault(&c, &fault), -1, "%s", cases[i].name);
        cr_assert_str_eq(fault.field.name, cases[i].name);
        cr_assert_eq(fault.field.offset, cases[i].offset, "%s", cases[i].name);
    }
}

Test(hyper, counts_the_terms_and_refuses_to_learn_on_normals_alone)
{
    for (unsigned i = 0; i < 6; i++) {
        struct da3d_config c = da3d_config_paper;
        struct da3d_error error = {""};
        c.trivial = i % 2 == 1;
        c.generator_kind = (enum da3d_generator)(i / 2);
        const unsigned terms = 1U + (c.trivial ? 1U : 0U) + (i / 2 < 2 ? 1U : 0U);
        cr_assert_eq(hyper_alarm_terms(&c), terms);
        cr_assert_eq(hyper_check(&c, &error), terms > 1 ? 0 : -1);
        cr_assert((terms > 1) == (strstr(error.text, "no anomalies") == NULL));
    }
}

Test(hyper, refuses_unknown_choices)
{
    struct da3d_error error;
    struct da3d_config c = da3d_config_paper;
    c.generator_kind = (enum da3d_generator)3;
    cr_assert(hyper_check(&c, &error) == -1 && strstr(error.text, "generator_kind") != NULL);
    c = da3d_config_paper;
    c.activations = (enum da3d_activations)3;
    cr_assert(hyper_check(&c, &error) == -1 && strstr(error.text, "activations") != NULL);
    c = da3d_config_paper;
    c.clip_kind = (enum da3d_clip)2;
    cr_assert(hyper_check(&c, &error) == -1 && strstr(error.text, "clip_kind") != NULL);
}

Test(hyper, refuses_shapes_out_of_range)
{
    struct da3d_error error;
    struct da3d_config c = da3d_config_paper;
    c.encoder = (struct da3d_layers){1, {3}}; /* a code without a hidden layer */
    cr_assert_eq(hyper_check(&c, &error), -1);
    c.encoder = (struct da3d_layers){2, {3, 0}};
    cr_assert_eq(hyper_check(&c, &error), -1);
    c = da3d_config_paper;
    c.alarm.n = DA3D_LAYERS_MAX + 1;
    cr_assert_eq(hyper_check(&c, &error), -1);
    c = da3d_config_paper;
    c.noise = 0;
    cr_assert_eq(hyper_check(&c, &error), -1);
    c = da3d_config_paper;
    c.epochs_alarm = HYPER_EPOCHS_MAX + 1;
    cr_assert_eq(hyper_check(&c, &error), -1);
}
