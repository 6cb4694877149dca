#include "images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "idx.h"
#include "log.h"

const char images_set[] = "image-v1";

struct images_reader {
    const char *path, *labels_path; /* borrowed; the latter NULL without labels */
    struct idx *images, *labels;
    struct da3d_image shape;
    char label[4]; /* of the image that was read last */
    unsigned char pixels[IDX_ITEM_MAX];
};

static int report(const char *path, const struct da3d_error *error)
{
    log_error("%s: %s", path, error->text);
    return -1;
}

static int open_images(struct images_reader *reader, struct input *input, struct da3d_image shape,
                       struct da3d_error *error)
{
    struct unpack *source = input_open(input, error);
    const uint32_t *sizes;

    reader->images = source ? idx_open(source, IDX_IMAGES, error) : NULL;
    if (!reader->images)
        return -1;
    sizes = idx_sizes(reader->images);
    reader->shape = (struct da3d_image){sizes[1], sizes[2]};
    if (shape.height > 0 && (shape.height != sizes[1] || shape.width != sizes[2]))
        return da3d_fail(error, "images of %u x %u pixels, not %u x %u", sizes[1], sizes[2],
                         shape.height, shape.width);
    if ((uint64_t)sizes[1] * sizes[2] > SCHEMA_COLUMNS_MAX)
        return da3d_fail(error, "images of %u x %u pixels: more than %d", sizes[1], sizes[2],
                         SCHEMA_COLUMNS_MAX);
    return 0;
}

static int open_labels(struct images_reader *reader, struct da3d_error *error)
{
    struct unpack *source = unpack_open(reader->labels_path, error);
    const uint32_t images = idx_sizes(reader->images)[0];

    reader->labels = source ? idx_open(source, IDX_LABELS, error) : NULL;
    if (!reader->labels)
        return -1;
    if (idx_sizes(reader->labels)[0] != images)
        return da3d_fail(error, "%u labels, and %s has %u images", idx_sizes(reader->labels)[0],
                         reader->path, images);
    return 0;
}

struct images_reader *images_open(struct input *input, const char *labels, struct da3d_image shape)
{
    struct images_reader *reader = calloc(1, sizeof *reader);
    struct da3d_error error;
    int rc;

    if (!reader) {
        log_error("%s", strerror(errno));
        return NULL;
    }
    reader->path = input->path;
    reader->labels_path = labels;
    rc = open_images(reader, input, shape, &error);
    if (rc < 0)
        report(input->path, &error);
    else if (labels && (rc = open_labels(reader, &error)) < 0)
        report(labels, &error);
    if (rc < 0) {
        images_close(reader);
        return NULL;
    }
    return reader;
}

void images_close(struct images_reader *reader)
{
    if (!reader)
        return;
    idx_close(reader->images);
    idx_close(reader->labels);
    free(reader);
}

struct da3d_image images_shape(const struct images_reader *reader)
{
    return reader->shape;
}

static size_t n_pixels(struct da3d_image shape)
{
    return (size_t)shape.height * shape.width;
}

int images_next(struct images_reader *reader, double *x, const char **label)
{
    struct da3d_error error;
    unsigned char number = 0;
    int rc = idx_next(reader->images, reader->pixels, &error);

    if (rc < 0)
        return report(reader->path, &error);
    if (reader->labels && idx_next(reader->labels, &number, &error) < 0)
        return report(reader->labels_path, &error);
    if (rc == 0)
        return 0;
    for (size_t i = 0; i < n_pixels(reader->shape); i++)
        x[i] = reader->pixels[i];
    snprintf(reader->label, sizeof reader->label, "%u", number);
    *label = reader->labels ? reader->label : NULL;
    return 1;
}

static int make_schema(struct schema *schema, struct da3d_image shape)
{
    strcpy(schema->set, images_set);
    schema->columns = calloc(n_pixels(shape), sizeof *schema->columns);
    if (!schema->columns)
        return -1;
    for (uint32_t y = 0; y < shape.height; y++)
        for (uint32_t x = 0; x < shape.width; x++)
            snprintf(schema->columns[schema->n_columns++].name, SCHEMA_NAME_MAX, "pixel_%u_%u", y,
                     x);
    return 0;
}

/* Room for one more image behind those there are. */
static double *next_row(struct table *table, size_t *capacity, size_t columns)
{
    if (table->n == *capacity) {
        size_t wanted = *capacity ? 2 * *capacity : 1024;
        double *values = reallocarray(table->values, wanted, columns * sizeof *values);

        if (!values) {
            log_error("%s", strerror(errno));
            return NULL;
        }
        table->values = values;
        *capacity = wanted;
    }
    return table->values + table->n * columns;
}

/* Appends an input's normal images. *seen: of all kinds. */
static int read_rows(struct image_rows *rows, struct images_reader *reader,
                     const struct table_options *options, size_t *capacity, size_t *seen)
{
    const size_t columns = n_pixels(rows->shape);
    const char *label;
    double *x;
    int rc;

    while ((x = next_row(&rows->table, capacity, columns)) &&
           (rc = images_next(reader, x, &label)) > 0) {
        rows->table.n += !label || table_is_normal(options, label);
        ++*seen;
    }
    return x ? rc : -1;
}

static int read_inputs(struct image_rows *rows, const struct options *options, size_t *seen)
{
    const struct inputs *inputs = &options->inputs;
    size_t capacity = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < inputs->n; i++) {
        struct images_reader *reader = images_open(&inputs->items[i], options->labels, rows->shape);

        if (!reader)
            return -1;
        rows->shape = images_shape(reader);
        rc = read_rows(rows, reader, &options->table, &capacity, seen);
        images_close(reader);
    }
    return rc;
}

int images_learn(struct image_rows *rows, const struct options *options)
{
    size_t seen = 0;

    *rows = (struct image_rows){0};
    if (options->labels && options->inputs.n > 1) {
        log_error("--labels: of one file of images, not %zu", options->inputs.n);
        return -1;
    }
    if (read_inputs(rows, options, &seen) < 0)
        return -1;
    if (rows->table.n == 0) {
        log_error("%s: none of %zu images is normal: --normal-label names their labels",
                  options->labels, seen);
        return -1;
    }
    if (make_schema(&rows->table.schema, rows->shape) < 0) {
        log_error("%s", strerror(errno));
        return -1;
    }
    if (!options->quiet)
        log_info("read %zu images of %u x %u pixels: %zu normal", seen, rows->shape.height,
                 rows->shape.width, rows->table.n);
    return 0;
}

void images_clear(struct image_rows *rows)
{
    table_clear(&rows->table);
}
