/* Model files, without their digest: what is accepted encodes to the same bytes again, and explains
 * a row by finite numbers. */
#include <math.h>
#include <string.h>

#include "core/da3d.h"
#include "fuzz.h"

static void expect_same(const struct da3d_model *model, const uint8_t *data, size_t size)
{
    size_t size_again;
    uint8_t *again = da3d_model_encode(model, &size_again);

    fuzz_check(again && size_again == size);
    fuzz_check(memcmp(again, data, size) == 0);
    free(again);
}

static void explain(const struct da3d_model *model)
{
    const size_t columns = da3d_model_schema(model)->n_columns;
    struct da3d_explainer *explainer = da3d_explainer_new(model);
    double *rows = calloc((1 + DA3D_NEAREST) * columns, sizeof *rows);
    struct da3d_reason *reasons = calloc(columns, sizeof *reasons);

    if (explainer && rows && reasons) {
        fuzz_check(da3d_explain(explainer, rows, reasons, columns) == columns);
        for (size_t i = 0; i < columns; i++)
            fuzz_check(isfinite(reasons[i].contribution));
        da3d_explain_nearest(explainer, rows, rows + columns, DA3D_NEAREST);
    }
    da3d_explainer_free(explainer);
    free(rows);
    free(reasons);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct da3d_model *model;
    struct da3d_error error;

    if (da3d_model_decode(data, size, &model, &error) < 0) {
        fuzz_check(*error.text);
        return 0;
    }
    expect_same(model, data, size);
    explain(model);
    da3d_model_free(model);
    return 0;
}
