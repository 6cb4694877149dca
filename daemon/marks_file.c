#include "marks_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_file.h"
#include "whole_file.h"

struct marks_file {
    int fd;
    struct spool_header header;
    struct marks marks;
};

static int os_error(struct da3d_error *error)
{
    return da3d_fail(error, "%s", strerror(errno));
}

static int write_record(const struct marks_file *file, const struct spool_record *record,
                        const double *x)
{
    uint8_t bytes[SPOOL_RECORD_MAX];

    spool_record_encode(&file->header, file->marks.records, record, x, bytes);
    return spool_file_put(file->fd, bytes, spool_record_size(file->header.columns),
                          spool_slot_at(&file->header, file->marks.records));
}

/* The file as it would be with the marks alone. Returns a malloc'd buffer and its *size, or NULL
 * with errno. */
static uint8_t *encode_all(const struct spool_header *header, const struct marks *marks,
                           size_t *size)
{
    uint8_t *bytes;

    *size = (size_t)spool_slot_at(header, marks->n);
    bytes = malloc(*size);
    if (!bytes)
        return NULL;
    spool_header_encode(header, bytes);
    for (size_t i = 0; i < marks->n; i++)
        spool_record_encode(header, i, &marks->items[i].record, marks->items[i].x,
                            bytes + spool_slot_at(header, i));
    return bytes;
}

static int shorten(struct marks_file *file, const char *path, struct da3d_error *error)
{
    size_t size;
    uint8_t *bytes = encode_all(&file->header, &file->marks, &size);
    int rc;

    if (!bytes)
        return os_error(error);
    rc = whole_file_replace(path, &(struct file_part){bytes, size}, 1, error);
    free(bytes);
    if (rc < 0)
        return -1;
    close(file->fd);
    file->fd = spool_file_write(path, &file->header, error);
    file->marks.records = file->marks.n;
    if (file->fd < 0)
        return -1;
    return fchmod(file->fd, SPOOL_FILE_MODE) < 0 ? os_error(error) : 0;
}

static int file_init(struct marks_file *file, const char *path, const struct feature_set *set,
                     struct da3d_error *error)
{
    file->fd = spool_file_write(path, &file->header, error);
    if (file->fd < 0)
        return -1;
    if (marks_init(&file->marks, set) < 0 ||
        marks_read_all(file->fd, &file->header, &file->marks) < 0)
        return os_error(error);
    return file->marks.records > file->marks.n ? shorten(file, path, error) : 0;
}

struct marks_file *marks_file_open(const char *path, const struct meter_config *meter,
                                   int64_t now_ns, struct da3d_error *error)
{
    struct marks_file *file = calloc(1, sizeof *file);

    if (!file) {
        os_error(error);
        return NULL;
    }
    spool_header_init(&file->header, SPOOL_MARKS, meter, now_ns);
    file->fd = -1;
    if (file_init(file, path, meter->set, error) < 0) {
        marks_file_close(file);
        return NULL;
    }
    return file;
}

void marks_file_close(struct marks_file *file)
{
    if (!file)
        return;
    marks_clear(&file->marks);
    if (file->fd >= 0)
        close(file->fd);
    free(file);
}

const struct marks *marks_file_marks(const struct marks_file *file)
{
    return &file->marks;
}

/* What could not be written as a whole is written over by the next. */
int marks_file_set(struct marks_file *file, const struct spool_record *record, const double *x,
                   struct da3d_error *error)
{
    struct marks *marks = &file->marks;

    if (record->mark != SPOOL_MARK_REMOVED && marks->n == MARKS_MAX &&
        !marks_find(marks, record->flow_id))
        return da3d_fail(error, "%d flows are marked already, as many as can be", MARKS_MAX);
    if (marks->records == MARKS_RECORDS_MAX)
        return da3d_fail(error, "the file is full of old marks until the service starts again");
    if (write_record(file, record, x) < 0 || fdatasync(file->fd) < 0)
        return os_error(error);
    marks->records++;
    return marks_apply(marks, record, x) < 0 ? os_error(error) : 0;
}
