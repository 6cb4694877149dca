#include "idx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { UNSIGNED_BYTES = 0x08, DIMENSIONS_MAX = 3 };

struct idx {
    struct unpack *source;
    FILE *stream;
    uint32_t sizes[DIMENSIONS_MAX];
    size_t item;   /* bytes */
    uint32_t read; /* items */
};

bool idx_begins(const struct unpack *source, unsigned dimensions)
{
    const unsigned char magic[] = {0, 0, UNSIGNED_BYTES, (unsigned char)dimensions};

    return unpack_begins(source, magic, sizeof magic);
}

static int read_sizes(struct idx *idx, unsigned dimensions, struct da3d_error *error)
{
    unsigned char header[4 + 4 * DIMENSIONS_MAX];
    const size_t size = 4 + 4 * dimensions;
    uint64_t item = 1;

    if (fread(header, 1, size, idx->stream) != size)
        return da3d_fail(error, "cut off in its header");
    for (unsigned i = 0; i < dimensions; i++) {
        const unsigned char *at = header + 4 + 4 * i;

        idx->sizes[i] =
            (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        if (i > 0)
            item = idx->sizes[i] > IDX_ITEM_MAX ? 0 : item * idx->sizes[i];
    }
    if (idx->sizes[0] == 0)
        return da3d_fail(error, "holds nothing: its header says 0");
    if (item == 0 || item > IDX_ITEM_MAX)
        return da3d_fail(error, "its header says %u x %u pixels, not 1 to %d", idx->sizes[1],
                         idx->sizes[2], IDX_ITEM_MAX);
    idx->item = item;
    return 0;
}

static int open_source(struct idx *idx, unsigned dimensions, struct da3d_error *error)
{
    if (!idx_begins(idx->source, dimensions))
        return da3d_fail(error, "not an IDX file of %s, bytes each",
                         dimensions == IDX_LABELS ? "labels" : "images");
    idx->stream = unpack_stream(idx->source);
    return read_sizes(idx, dimensions, error);
}

struct idx *idx_open(struct unpack *source, unsigned dimensions, struct da3d_error *error)
{
    struct idx *idx = calloc(1, sizeof *idx);

    if (!idx) {
        da3d_fail(error, "%s", strerror(errno));
        unpack_close(source);
        return NULL;
    }
    idx->source = source;
    if (open_source(idx, dimensions, error) < 0) {
        idx_close(idx);
        return NULL;
    }
    return idx;
}

void idx_close(struct idx *idx)
{
    if (!idx)
        return;
    if (idx->stream)
        fclose(idx->stream);
    unpack_close(idx->source);
    free(idx);
}

const uint32_t *idx_sizes(const struct idx *idx)
{
    return idx->sizes;
}

/* Behind the last item. Returns 0, or -1 with *error. */
static int check_end(struct idx *idx, struct da3d_error *error)
{
    if (getc(idx->stream) != EOF)
        return da3d_fail(error, "goes on behind item %u, the last by its header", idx->read);
    return unpack_end(idx->source, error);
}

int idx_next(struct idx *idx, unsigned char *item, struct da3d_error *error)
{
    if (idx->read == idx->sizes[0])
        return check_end(idx, error);
    if (fread(item, 1, idx->item, idx->stream) != idx->item)
        return da3d_fail(error, "cut off in item %u of %u", idx->read + 1, idx->sizes[0]);
    idx->read++;
    return 1;
}
