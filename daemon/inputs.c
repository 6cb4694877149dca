#include "inputs.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "idx.h"

static int append(struct inputs *inputs, const char *path, bool named, struct da3d_error *error)
{
    struct input *items = realloc(inputs->items, (inputs->n + 1) * sizeof *items);

    if (!items)
        return da3d_fail(error, "%s", strerror(errno));
    inputs->items = items;
    items[inputs->n] = (struct input){.path = strdup(path), .named = named};
    if (!items[inputs->n].path)
        return da3d_fail(error, "%s", strerror(errno));
    inputs->n++;
    return 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strverscmp((*a)->fts_name, (*b)->fts_name);
}

static int walk(struct inputs *inputs, FTS *fts, struct da3d_error *error)
{
    FTSENT *entry;

    while ((errno = 0, entry = fts_read(fts))) {
        switch (entry->fts_info) {
        case FTS_F:
            if (append(inputs, entry->fts_path, false, error) < 0)
                return -1;
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS: return da3d_fail(error, "%s: %s", entry->fts_path, strerror(entry->fts_errno));
        default: break;
        }
    }
    return errno ? da3d_fail(error, "%s", strerror(errno)) : 0;
}

static int add_directory(struct inputs *inputs, const char *path, struct da3d_error *error)
{
    char *root = strdup(path);
    char *roots[] = {root, NULL};
    FTS *fts = root ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name) : NULL;
    int rc;

    rc = fts ? walk(inputs, fts, error) : da3d_fail(error, "%s", strerror(errno));
    if (fts)
        fts_close(fts);
    free(root);
    return rc;
}

int inputs_add(struct inputs *inputs, const char *path, struct da3d_error *error)
{
    struct stat st;

    if (strcmp(path, "-") != 0) {
        if (stat(path, &st) < 0)
            return da3d_fail(error, "%s", strerror(errno));
        if (S_ISDIR(st.st_mode))
            return add_directory(inputs, path, error);
    }
    return append(inputs, path, true, error);
}

struct unpack *input_open(struct input *input, struct da3d_error *error)
{
    struct unpack *opened = input->opened;

    input->opened = NULL;
    return opened ? opened : unpack_open(input->path, error);
}

/* Opens it to look at. Returns 0, or -1 with *error. */
static int look(struct input *input, struct da3d_error *error)
{
    if (!input->opened)
        input->opened = unpack_open(input->path, error);
    return input->opened ? 0 : -1;
}

int input_is_capture(struct input *input, struct da3d_error *error)
{
    return look(input, error) < 0 ? -1 : unpack_is_capture(input->opened);
}

int input_is_spool(struct input *input, struct da3d_error *error)
{
    static const unsigned char begin[] = {'D', 'A', '3', 'D', 'S', 'P'};

    return look(input, error) < 0 ? -1 : unpack_begins(input->opened, begin, sizeof begin);
}

int input_is_images(struct input *input, struct da3d_error *error)
{
    return look(input, error) < 0 ? -1 : idx_begins(input->opened, IDX_IMAGES);
}

void inputs_clear(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++) {
        unpack_close(inputs->items[i].opened);
        free(inputs->items[i].path);
    }
    free(inputs->items);
    *inputs = (struct inputs){0};
}
