/* CSV files: row by row, then as a table to learn from, then as one to score. */
#include "daemon/csv.h"
#include "daemon/inputs.h"
#include "daemon/table.h"
#include "file.h"

static void read_rows(const char *path)
{
    struct da3d_error error;
    struct unpack *source = unpack_open(path, &error);
    struct csv *csv = source ? csv_open(source, &error) : NULL;
    char *const *fields;

    if (!csv)
        return;
    while (csv_next(csv, &fields, &error) > 0)
        for (size_t i = 0; i < csv_n_columns(csv); i++)
            fuzz_check(strlen(fields[i]) < CSV_FIELD_MAX);
    csv_close(csv);
}

static void score(struct input *input, const struct table *table)
{
    struct table_reader *reader = table_open(input, &table->schema, "label");
    double *x = calloc(table->schema.n_columns, sizeof *x);
    const char *label;

    fuzz_check(x);
    while (reader && table_next(reader, x, &label) > 0)
        continue;
    if (reader)
        table_close(reader);
    free(x);
}

/* The one input is opened anew each time that it is asked for. */
static void learn(const char *path)
{
    static const struct table_options options = {.label = "label", .categorical = "kind"};
    struct inputs inputs = {0};
    struct da3d_error error;
    struct table table;

    if (inputs_add(&inputs, path, &error) == 0 &&
        table_learn(&table, &inputs, &options, true) == 0) {
        score(&inputs.items[0], &table);
        table_clear(&table);
    }
    inputs_clear(&inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file file;

    if (fuzz_is_compressed(data, size))
        return 0;
    fuzz_file_open(&file, data, size);
    read_rows(file.path);
    learn(file.path);
    fuzz_file_close(&file);
    return 0;
}
