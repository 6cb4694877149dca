#include "marks_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool_file.h"

struct marks_file {
    int fd;
    struct spool_header header;
    struct marks marks;
};

static int os_error(struct da3d_error *error)
{
    return da3d_fail(error, "%s", strerror(errno));
}

static int write_record(int fd, const struct spool_header *header, uint64_t slot,
                        const struct spool_record *record, const double *x)
{
    uint8_t bytes[SPOOL_RECORD_MAX];

    spool_record_encode(header, slot, record, x, bytes);
    return spool_file_put(fd, bytes, spool_record_size(header->columns),
                          spool_slot_at(header, slot));
}

static int write_all(int fd, const struct spool_header *header, const struct marks *marks)
{
    for (size_t i = 0; i < marks->n; i++)
        if (write_record(fd, header, i, &marks->items[i].record, marks->items[i].x) < 0)
            return -1;
    return fsync(fd);
}

/* The same marks in a file of their own, which takes the other's place. */
static int shorten(struct marks_file *file, const char *path, struct da3d_error *error)
{
    struct spool_header header = file->header;
    char fresh[PATH_MAX];
    int fd;

    if (snprintf(fresh, sizeof fresh, "%s.short", path) >= (int)sizeof fresh)
        return da3d_fail(error, "%s", strerror(ENAMETOOLONG));
    if (unlink(fresh) < 0 && errno != ENOENT)
        return os_error(error);
    fd = spool_file_write(fresh, &header, error);
    if (fd < 0)
        return -1;
    if (write_all(fd, &header, &file->marks) < 0 || rename(fresh, path) < 0) {
        os_error(error);
        close(fd);
        unlink(fresh);
        return -1;
    }
    close(file->fd);
    file->fd = fd;
    file->header = header;
    file->marks.records = file->marks.n;
    return 0;
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
    if (write_record(file->fd, &file->header, marks->records, record, x) < 0 ||
        fdatasync(file->fd) < 0)
        return os_error(error);
    marks->records++;
    return marks_apply(marks, record, x) < 0 ? os_error(error) : 0;
}
