/* Model files, without their digest: what is accepted encodes to the same bytes again. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct da3d_model *model;
    struct da3d_error error;

    if (da3d_model_decode(data, size, &model, &error) < 0) {
        fuzz_check(*error.text);
        return 0;
    }
    expect_same(model, data, size);
    da3d_model_free(model);
    return 0;
}
