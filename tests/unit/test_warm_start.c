/* A training that begins with the parameters of a model. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "model_sample.h"

static struct da3d_model *train_from(const struct da3d_model *from, const double *rows,
                                     uint32_t width)
{
    const struct da3d_rows sample = {
        .schema = da3d_model_schema(from), .values = rows, .n = SAMPLE_ROWS};
    struct da3d_config config = *da3d_model_config(from);
    struct da3d_error error = {""};
    struct da3d_model *model = NULL;

    config.encoder.width[0] = width;
    config.epochs_aae = 1;
    cr_assert_eq(da3d_train_from(from, &config, &sample, NULL, &model, &error), 0, "%s",
                 error.text);
    return model;
}

static double loss(const struct da3d_model *model)
{
    return da3d_model_report(model)->reconstruction;
}

Test(warm_start, goes_on_where_the_model_ended)
{
    double *rows = sample_rows(SAMPLE_ROWS, 1);
    struct da3d_model *long_ago = sample_model(rows, 60, 1), *anew = sample_model(rows, 1, 1);
    struct da3d_model *warm = train_from(long_ago, rows, 8), *wider = train_from(long_ago, rows, 9);

    cr_expect_lt(loss(warm), 0.9 * loss(anew), "%g, %g", loss(warm), loss(anew));
    cr_expect_gt(loss(wider), loss(warm), "of other shapes nothing is taken");
    da3d_model_free(long_ago);
    da3d_model_free(anew);
    da3d_model_free(warm);
    da3d_model_free(wider);
    free(rows);
}
