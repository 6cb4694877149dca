/* Identities: who is known, what a model makes of who is not. */
#include "core/novelty.h"

#include <criterion/criterion.h>

#include "core_sample.h"

enum { COLUMNS = SAMPLE_COLUMNS + 1, WHO = 3, PEERS = 20 };

/* The sample with an identity among its numbers: one of PEERS; in one row of 50 one of its own. */
struct sample {
    struct schema_column columns[COLUMNS];
    struct schema schema;
    double *values; /* (SAMPLE_ROWS, COLUMNS) */
};

static struct sample sample_new(void)
{
    static struct sample s;
    double *numbers = sample_rows(SAMPLE_ROWS, 3);
    s.schema = sample_schema(s.columns);
    s.schema.n_columns = COLUMNS;
    memmove(s.columns + WHO + 1, s.columns + WHO, (COLUMNS - WHO - 1) * sizeof *s.columns);
    s.columns[WHO] = (struct schema_column){.name = "who", .kind = SCHEMA_IDENTITY};
    s.values = malloc(SAMPLE_ROWS * COLUMNS * sizeof *s.values);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        double *row = s.values + i * COLUMNS;
        memcpy(row, numbers + i * SAMPLE_COLUMNS, WHO * sizeof *row);
        row[WHO] = i % 50 == 0 ? 1e15 + (double)i : (double)(i % PEERS);
        memcpy(row + WHO + 1, numbers + i * SAMPLE_COLUMNS + WHO,
               (SAMPLE_COLUMNS - WHO) * sizeof *row);
    }
    free(numbers);
    return s;
}

static struct da3d_model *train(const struct sample *s, const struct da3d_config *config,
                                struct da3d_error *error)
{
    struct da3d_model *model = NULL;
    const struct da3d_rows rows = {&s->schema, s->values, SAMPLE_ROWS};
    return da3d_train(config, &rows, NULL, &model, error) == 0 ? model : NULL;
}

static struct da3d_config short_config(void)
{
    struct da3d_config config = da3d_config_default;
    config.epochs_aae = config.epochs_alarm = 2;
    return config;
}

static struct da3d_score score(const struct da3d_model *model, const double *row)
{
    struct da3d_scorer *scorer = da3d_scorer_new(model, 1);
    struct da3d_score out;
    da3d_score(scorer, row, 1, &out);
    da3d_scorer_free(scorer);
    return out;
}

Test(novelty, knows_whom_it_learned)
{
    struct schema_column columns[3] = {{.name = "a", .kind = SCHEMA_IDENTITY},
                                       {.name = "x"},
                                       {.name = "b", .kind = SCHEMA_IDENTITY}};
    const struct schema schema = {.set = "t", .n_columns = 3, .columns = columns};
    const double rows[] = {7, 0, 1, 5, 0, 1, 7, 0, SCHEMA_IDENTITY_MAX};
    const size_t first_two[] = {0, 1};
    struct novelty novelty;
    cr_assert_eq(novelty_init(&novelty, &schema), 0);
    cr_expect_eq(novelty_of(&novelty, rows), 2, "nobody is known yet");
    cr_assert_eq(novelty_learn(&novelty, &(struct novelty_rows){rows, 3, first_two, 2}), 0);
    cr_expect_eq(novelty_of(&novelty, rows), 0);
    cr_expect_eq(novelty_of(&novelty, rows + 6), 1);
    cr_expect_eq(novelty_of(&novelty, (const double[]){6, 0, (double)NAN}), 2);
    cr_expect(novelty_knows(&novelty, 0, 5) && !novelty_knows(&novelty, 2, 5));
    cr_expect(novelty_knows(&novelty, 1, 5), "no identity");
    cr_assert_eq(novelty_learn(&novelty, &(struct novelty_rows){rows, 3, NULL, 3}), 0);
    cr_expect_eq(novelty_of(&novelty, rows + 6), 0);
    novelty_clear(&novelty);
}

/* Refused is who was there more than once, and in odd rows alone: 1, and in the other column 9. */
Test(novelty, refuses_whom_only_odd_rows_show)
{
    struct schema_column columns[2] = {{.name = "a", .kind = SCHEMA_IDENTITY},
                                       {.name = "b", .kind = SCHEMA_IDENTITY}};
    const struct schema schema = {.set = "t", .n_columns = 2, .columns = columns};
    const double rows[] = {1, 4, 2, 8, 1, 5, 2, 4, 3, 9, 2, 9, 6, (double)NAN};
    const bool odd[] = {true, true, true, false, true, true, true};
    const bool want[] = {true, false, true, false, true, true, false};
    bool refused[7] = {false};
    struct novelty novelty;
    cr_assert_eq(novelty_init(&novelty, &schema), 0);
    cr_assert_eq(novelty_refuse(&novelty, &(struct novelty_rows){rows, 2, NULL, 7}, odd, refused),
                 0);
    for (size_t i = 0; i < 7; i++) {
        cr_expect_eq(refused[i], want[i], "row %zu", i);
    }
    novelty_clear(&novelty);
}

/* Who comes once gives way to who comes twice. */
Test(novelty, is_bounded)
{
    const size_t n = NOVELTY_KNOWN_MAX + 100;
    struct schema_column column = {.name = "a", .kind = SCHEMA_IDENTITY};
    const struct schema schema = {.set = "t", .n_columns = 1, .columns = &column};
    double *rows = malloc(n * sizeof *rows);
    struct novelty novelty;
    for (size_t i = 0; i < n; i++) {
        rows[i] = (double)(i < n - 10 ? i : n - 20 + i % 10);
    }
    cr_assert_eq(novelty_init(&novelty, &schema), 0);
    cr_assert_eq(novelty_learn(&novelty, &(struct novelty_rows){rows, 1, NULL, n}), 0);
    cr_expect_eq(novelty.of[0].n, NOVELTY_KNOWN_MAX);
    for (size_t i = n - 20; i < n - 10; i++) {
        cr_expect(novelty_knows(&novelty, 0, (double)i));
    }
    novelty_clear(&novelty);
    free(rows);
}

Test(novelty, a_new_one_is_odd_by_how_rare_that_was)
{
    struct sample s = sample_new();
    const struct da3d_config config = short_config();
    struct da3d_error error = {""};
    struct da3d_model *model = train(&s, &config, &error);
    double row[COLUMNS];
    cr_assert_not_null(model, "%s", error.text);
    memcpy(row, s.values + COLUMNS, sizeof row);
    const struct da3d_score known = score(model, row);
    row[WHO] = PEERS + 1;
    const struct da3d_score new = score(model, row);
    cr_expect_eq(known.surprise[DA3D_VIEW_NOVELTY], 0);
    /* By chance some more or fewer than one in 50 are among the held-out rows. */
    cr_expect_float_eq((double)new.surprise[DA3D_VIEW_NOVELTY], log(50.0), 0.7);
    cr_expect_eq(known.surprise[DA3D_VIEW_RESIDUAL], new.surprise[DA3D_VIEW_RESIDUAL]);
    cr_expect_gt(new.logit, known.logit);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        cr_assert(da3d_model_knows(model, WHO, s.values[i * COLUMNS + WHO]), "held out or not");
    }
    cr_expect(!da3d_model_knows(model, WHO, PEERS + 1) && da3d_model_knows(model, 0, 1e9));
    da3d_model_free(model);
    free(s.values);
}

Test(novelty, is_explained)
{
    struct sample s = sample_new();
    const struct da3d_config config = short_config();
    struct da3d_error error = {""};
    struct da3d_model *model = train(&s, &config, &error);
    struct da3d_explainer *explainer = da3d_explainer_new(model);
    struct da3d_reason reason[COLUMNS];
    double row[COLUMNS], sum = 0.0;
    memcpy(row, s.values + COLUMNS, sizeof row);
    for (size_t i = 0; i < 2; i++) {
        sum = 0.0;
        da3d_explain(explainer, row, reason, COLUMNS);
        for (size_t k = 0; k < COLUMNS; k++) {
            sum += reason[k].contribution;
            cr_expect(reason[k].column != WHO || (reason[k].contribution > 0.0) == (i == 1));
        }
        cr_expect_float_eq(
            sum, (double)(score(model, row).logit - da3d_explain_baseline(explainer)), 1e-3);
        row[WHO] = PEERS + 1;
    }
    cr_expect_eq(reason[0].column, WHO);
    da3d_explainer_free(explainer);
    da3d_model_free(model);
    free(s.values);
}

Test(novelty, is_kept_in_the_model)
{
    struct sample s = sample_new();
    const struct da3d_config config = short_config();
    struct da3d_error error = {""};
    struct da3d_model *model = train(&s, &config, &error), *again = NULL;
    double row[COLUMNS];
    size_t size, size_again;
    uint8_t *bytes = da3d_model_encode(model, &size);
    cr_assert_eq(da3d_model_decode(bytes, size, &again, &error), 0, "%s", error.text);
    uint8_t *bytes_again = da3d_model_encode(again, &size_again);
    cr_assert(size == size_again && memcmp(bytes, bytes_again, size) == 0);
    memcpy(row, s.values + COLUMNS, sizeof row);
    for (double who = 0; who < 2 * PEERS; who++) {
        row[WHO] = who;
        cr_expect_eq(score(model, row).logit, score(again, row).logit);
        cr_expect_eq(da3d_model_knows(again, WHO, who), who < PEERS);
    }
    free(bytes);
    free(bytes_again);
    da3d_model_free(again);
    da3d_model_free(model);
    free(s.values);
}

/* ids: n doubles behind their count, as a model has them. */
static bool reads(const double *ids, uint32_t n, uint32_t written)
{
    struct schema_column column = {.name = "a", .kind = SCHEMA_IDENTITY};
    const struct schema schema = {.set = "t", .n_columns = 1, .columns = &column};
    uint8_t bytes[64];
    struct bytes_out out = {.at = bytes};
    struct novelty novelty;
    bytes_put_u32(&out, n);
    for (uint32_t i = 0; i < written; i++) {
        bytes_put_double(&out, ids[i]);
    }
    struct bytes_in in = {.at = bytes, .left = out.size};
    cr_assert_eq(novelty_init(&novelty, &schema), 0);
    novelty_get(&in, &novelty);
    novelty_clear(&novelty);
    return !in.bad;
}

Test(novelty, hostile_bytes)
{
    cr_expect(reads((const double[]){1, 2, SCHEMA_IDENTITY_MAX}, 3, 3));
    cr_expect(reads(NULL, 0, 0));
    cr_expect(!reads((const double[]){1, 2, 2}, 3, 3), "not ascending");
    cr_expect(!reads((const double[]){1, 2, 1.5}, 3, 3));
    cr_expect(!reads((const double[]){1, 2, 2.5}, 3, 3), "no whole number");
    cr_expect(!reads((const double[]){-1, 2, 3}, 3, 3));
    cr_expect(!reads((const double[]){-0.0, 2, 3}, 3, 3), "would be written otherwise");
    cr_expect(!reads((const double[]){1, 2, SCHEMA_IDENTITY_MAX + 1}, 3, 3));
    cr_expect(!reads((const double[]){1, 2, 3}, 4, 3), "cut off");
    cr_expect(!reads((const double[]){1, 2, 3}, NOVELTY_KNOWN_MAX + 1, 3));
}

/* The paper's method knows no such view: an identity changes nothing. */
Test(novelty, is_no_view_of_the_papers)
{
    struct sample s = sample_new();
    const struct da3d_config config = sample_config();
    struct da3d_error error = {""};
    struct da3d_model *model = train(&s, &config, &error);
    double row[COLUMNS];
    cr_assert_not_null(model, "%s", error.text);
    memcpy(row, s.values + COLUMNS, sizeof row);
    const float logit = score(model, row).logit;
    row[WHO] = PEERS + 1;
    cr_expect_eq(score(model, row).logit, logit);
    cr_expect(da3d_model_knows(model, WHO, PEERS + 1), "it does not ask");
    da3d_model_free(model);
    free(s.values);
}

Test(novelty, needs_an_identity)
{
    struct sample s = sample_new();
    struct da3d_config config = short_config();
    struct da3d_error error = {""};
    s.schema.columns[WHO].kind = SCHEMA_NUMERIC;
    struct da3d_model *model = train(&s, &config, &error);
    cr_assert_not_null(model, "%s", error.text);
    cr_expect_eq(da3d_model_config(model)->views, config.views & ~(1U << DA3D_VIEW_NOVELTY));
    config.views = 1U << DA3D_VIEW_NOVELTY;
    cr_expect_null(train(&s, &config, &error));
    cr_expect_str_eq(error.text, "the view 'novelty' alone: no column is an identity");
    da3d_model_free(model);
    free(s.values);
}

/* Who is no whole number would make a model that cannot be read again. */
Test(novelty, learns_from_whole_numbers)
{
    struct sample s = sample_new();
    const struct da3d_config config = short_config();
    const double wrong[] = {0.5, -1, SCHEMA_IDENTITY_MAX + 1};
    struct da3d_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        s.values[7 * COLUMNS + WHO] = wrong[i];
        cr_expect_null(train(&s, &config, &error));
        cr_expect_str_eq(error.text,
                         "row 8, column 'who': no identity: not a whole number below 2^53");
    }
    free(s.values);
}

Test(novelty, identities_alone_are_no_table)
{
    struct schema_column column = {.name = "a", .kind = SCHEMA_IDENTITY};
    struct schema schema = {.set = "t", .n_columns = 1, .columns = &column};
    struct da3d_error error;
    cr_expect_eq(schema_check(&schema, &error), -1);
    cr_expect_str_eq(error.text, "no column but identities");
    column.missing_group = 1;
    cr_expect_eq(schema_check(&schema, &error), -1);
    cr_expect_str_eq(error.text, "column 'a': an identity is never missing");
}
