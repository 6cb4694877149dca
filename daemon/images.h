/* images.h - grey images in IDX files, and their labels in another, as rows of pixels, 0 to 255. */
#ifndef DAEMON_IMAGES_H
#define DAEMON_IMAGES_H

#include "cli.h"
#include "core/da3d.h"
#include "table.h"

/* The feature set's name in models that were trained on images. */
extern const char images_set[];

/* Normal images to learn from. */
struct image_rows {
    struct da3d_image shape;
    struct table table;
};

/* Reads all inputs of the options, images of one shape; leaves out those whose label is not
 * normal. Returns 0, or -1 (already reported). */
int images_learn(struct image_rows *rows, const struct options *options);
void images_clear(struct image_rows *rows);

struct images_reader;

/* Images of a shape; 0 x 0: of any. labels: their file, or NULL.
 * Returns NULL (already reported). */
struct images_reader *images_open(struct input *input, const char *labels, struct da3d_image shape);
void images_close(struct images_reader *reader);

struct da3d_image images_shape(const struct images_reader *reader);

/* x: room for the pixels. *label: a number, valid until the next call, NULL without labels.
 * Returns 1, 0 at the end, or -1 (already reported). */
int images_next(struct images_reader *reader, double *x, const char **label);

#endif
