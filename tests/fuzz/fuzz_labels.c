/* Label files. */
#include "daemon/labels.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct flow flow = {.id = {.src = {{10, 0, 0, 1}}, .ip_version = 4}};
    struct da3d_error error;
    struct labels labels;
    struct fuzz_file file;

    fuzz_file_open(&file, data, size);
    if (labels_load(&labels, file.path, &error) == 0) {
        fuzz_check(labels_find(&labels, &flow) < (int)labels.n_kinds);
        labels_clear(&labels);
    } else {
        fuzz_check(*error.text);
    }
    fuzz_file_close(&file);
    return 0;
}
