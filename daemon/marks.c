#include "marks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool_file.h"

/* The mean difference of a column, from 0 to 1, up to which two vectors are nearly the same. */
static const double near = 0.1;

void marks_clear(struct marks *marks)
{
    for (size_t i = 0; i < marks->n; i++)
        free(marks->items[i].x);
    free(marks->items);
    *marks = (struct marks){0};
}

static struct mark *find(const struct marks *marks, uint64_t flow_id)
{
    for (size_t i = 0; i < marks->n; i++)
        if (marks->items[i].record.flow_id == flow_id)
            return &marks->items[i];
    return NULL;
}

const struct mark *marks_find(const struct marks *marks, uint64_t flow_id)
{
    return find(marks, flow_id);
}

static void take_out(struct marks *marks, struct mark *mark)
{
    const size_t behind = marks->n - (size_t)(mark - marks->items) - 1;

    free(mark->x);
    memmove(mark, mark + 1, behind * sizeof *mark);
    marks->n--;
}

/* Returns a copy of the vector, or NULL with errno. */
static double *copy_of(const struct marks *marks, const double *x)
{
    const size_t size = marks->set->n_columns * sizeof *x;
    double *copy = malloc(size);

    return copy ? memcpy(copy, x, size) : NULL;
}

/* x may be that of the mark which it takes the place of. */
int marks_apply(struct marks *marks, const struct spool_record *record, const double *x)
{
    struct mark *before = find(marks, record->flow_id);
    struct mark mark = {.record = *record};

    if (record->mark != SPOOL_MARK_REMOVED) {
        if (!before && marks->n == MARKS_MAX) {
            errno = ENOSPC;
            return -1;
        }
        mark.x = copy_of(marks, x);
        if (!mark.x)
            return -1;
    }
    if (before)
        take_out(marks, before);
    if (mark.x)
        marks->items[marks->n++] = mark;
    return 0;
}

int marks_init(struct marks *marks, const struct feature_set *set)
{
    *marks = (struct marks){.set = set};
    marks->items = calloc(MARKS_MAX, sizeof *marks->items);
    return marks->items ? 0 : -1;
}

/* The next record of the file. Returns 1, 0 at the end, where one may be cut off, or -1 with
 * errno. */
static int get_record(int fd, const struct spool_header *header, uint64_t slot, uint8_t *bytes)
{
    if (spool_file_get(fd, bytes, spool_record_size(header->columns),
                       spool_slot_at(header, slot)) == 0)
        return 1;
    return errno == EIO ? 0 : -1;
}

int marks_read_all(int fd, const struct spool_header *header, struct marks *marks)
{
    uint8_t bytes[SPOOL_RECORD_MAX];
    double x[FEATURE_COLUMNS_MAX];
    struct spool_record record;
    int rc = 0;

    for (uint64_t slot = 0; slot < MARKS_RECORDS_MAX; slot++) {
        rc = get_record(fd, header, slot, bytes);
        if (rc <= 0)
            break;
        marks->records++;
        if (spool_record_decode(header, slot, bytes, &record, x) != SPOOL_SLOT_RECORD ||
            record.mark == SPOOL_MARK_NONE)
            marks->bad++;
        else if (marks_apply(marks, &record, x) < 0)
            return -1;
    }
    return rc < 0 ? -1 : 0;
}

int marks_read(const char *path, struct marks *out, struct da3d_error *error)
{
    const struct feature_set *set;
    struct spool_header header;
    int fd, rc;

    *out = (struct marks){0};
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return 0;
    fd = spool_file_read(path, SPOOL_MARKS, &header, error);
    if (fd < 0)
        return -1;
    set = spool_header_set(&header, error);
    rc = set ? 0 : -1;
    if (rc == 0 && (marks_init(out, set) < 0 || marks_read_all(fd, &header, out) < 0))
        rc = da3d_fail(error, "%s", strerror(errno));
    close(fd);
    return rc;
}

static bool same_ends(const struct flow_id *a, const struct flow_id *b)
{
    return memcmp(&a->src, &b->src, sizeof a->src) == 0 &&
           memcmp(&a->dst, &b->dst, sizeof a->dst) == 0 && a->dport == b->dport &&
           a->ip_version == b->ip_version && a->proto == b->proto;
}

/* From 0 to 1, as in Lance and Williams' distance (the "Canberra metric"). */
static double difference(double a, double b, bool number)
{
    if (a == b || (isnan(a) && isnan(b)))
        return 0;
    if (!number || isnan(a) || isnan(b))
        return 1;
    return fabs(a - b) / (fabs(a) + fabs(b));
}

static bool nearly_same(const struct feature_set *set, const double *a, const double *b)
{
    double sum = 0;

    for (size_t i = 0; i < set->n_columns; i++)
        sum += difference(a[i], b[i], !set->columns[i].values && !set->columns[i].identity);
    return sum <= near * (double)set->n_columns;
}

bool marks_shun(const struct marks *marks, const struct spool_record *record, const double *x)
{
    for (size_t i = 0; i < marks->n; i++) {
        const struct mark *mark = &marks->items[i];

        if (mark->record.mark == SPOOL_MARK_MALICIOUS &&
            (mark->record.flow_id == record->flow_id ||
             (same_ends(&mark->record.ends, &record->ends) && nearly_same(marks->set, mark->x, x))))
            return true;
    }
    return false;
}
