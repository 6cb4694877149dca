/* idx.h - IDX files of bytes, as MNIST has them: a header of big-endian sizes, then items without
 * anything between: images of (height, width) pixels, or labels of one byte.
 * Source: Y. LeCun, C. Cortes, "The MNIST database of handwritten digits". */
#ifndef DAEMON_IDX_H
#define DAEMON_IDX_H

#include <stdbool.h>
#include <stdint.h>

#include "unpack.h"

/* Dimensions, that of the items first. */
enum { IDX_LABELS = 1, IDX_IMAGES = 3 };

/* Bytes of an item at most. */
enum { IDX_ITEM_MAX = 1 << 16 };

/* Does the plain content begin as an IDX file of bytes with so many dimensions? */
bool idx_begins(const struct unpack *source, unsigned dimensions);

struct idx;

/* source: taken over, also on failure. Returns NULL with *error: not such a file, cut off, without
 * items, or with items of no bytes or too many. */
struct idx *idx_open(struct unpack *source, unsigned dimensions, struct da3d_error *error);
void idx_close(struct idx *idx);

/* Items, then the sizes of one: as many numbers as dimensions. */
const uint32_t *idx_sizes(const struct idx *idx);

/* item: room for its bytes. Returns 1, 0 behind the last, or -1 with *error: cut off, damaged, or
 * longer than its header says. */
int idx_next(struct idx *idx, unsigned char *item, struct da3d_error *error);

#endif
