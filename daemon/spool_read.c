#include "spool_read.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool_alerts.h"
#include "spool_file.h"

/* Records with their vectors, one behind the other, until all are read and can be sorted. */
struct entry {
    bool golden;
    struct spool_record record;
    double x[]; /* the set's columns */
};

struct entries {
    unsigned char *bytes;
    size_t n, capacity;
    size_t size; /* of one */
};

static struct entry *entry_at(const struct entries *entries, size_t i)
{
    return (struct entry *)(void *)(entries->bytes + i * entries->size);
}

/* Room for one more, behind the last. Returns NULL with errno ENOMEM. */
static struct entry *next_entry(struct entries *entries)
{
    if (entries->n == entries->capacity) {
        const size_t capacity = entries->capacity ? 2 * entries->capacity : 1024;
        unsigned char *bytes = reallocarray(entries->bytes, capacity, entries->size);

        if (!bytes)
            return NULL;
        entries->bytes = bytes;
        entries->capacity = capacity;
    }
    return entry_at(entries, entries->n);
}

/* What looks torn may be being written: it is looked at twice. Returns 0, or -1 with errno. */
static int read_slot(int fd, const struct spool_header *header, uint64_t slot, struct entry *entry,
                     enum spool_slot *what)
{
    uint8_t bytes[SPOOL_RECORD_MAX];

    for (int i = 0; i < 2; i++) {
        if (spool_file_get(fd, bytes, spool_record_size(header->columns),
                           spool_slot_at(header, slot)) < 0)
            return -1;
        *what = spool_record_decode(header, slot, bytes, &entry->record, entry->x);
        if (*what != SPOOL_SLOT_BAD)
            break;
    }
    return 0;
}

/* By the highest bits of a product (Fibonacci hashing). */
static bool is_golden(const struct spool_record *record, double share)
{
    return record->mark == SPOOL_MARK_NONE &&
           ldexp((double)(record->flow_id * UINT64_C(0x9e3779b97f4a7c15)), -64) < share;
}

static void judge_entry(const struct spool_read_config *config, enum spool_slot what,
                        struct entry *entry, struct entries *entries, struct spool_rows *out)
{
    if (what == SPOOL_SLOT_EMPTY)
        out->empty++;
    else if (what == SPOOL_SLOT_BAD)
        out->bad++;
    else if (config->marks && marks_shun(config->marks, &entry->record, entry->x))
        out->shunned++;
    else {
        entry->golden = is_golden(&entry->record, config->golden);
        entries->n++;
    }
}

static int read_slots(int fd, const struct spool_header *header,
                      const struct spool_read_config *config, struct entries *entries,
                      struct spool_rows *out)
{
    enum spool_slot what;

    for (out->slots = 0; out->slots < header->slots; out->slots++) {
        struct entry *entry = next_entry(entries);

        if (!entry || read_slot(fd, header, out->slots, entry, &what) < 0)
            return -1;
        judge_entry(config, what, entry, entries, out);
    }
    return 0;
}

static int add_benign(const struct marks *marks, struct entries *entries, struct spool_rows *out)
{
    for (size_t i = 0; marks && i < marks->n; i++) {
        const struct mark *mark = &marks->items[i];
        struct entry *entry = next_entry(entries);

        if (!entry)
            return -1;
        if (mark->record.mark != SPOOL_MARK_BENIGN)
            continue;
        entry->record = mark->record;
        entry->golden = false;
        memcpy(entry->x, mark->x, out->set->n_columns * sizeof *mark->x);
        entries->n++;
        out->benign++;
    }
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->golden != y->golden)
        return x->golden ? 1 : -1;
    if (x->record.time_ns != y->record.time_ns)
        return x->record.time_ns < y->record.time_ns ? -1 : 1;
    return x->record.flow_id < y->record.flow_id ? -1 : x->record.flow_id > y->record.flow_id;
}

/* Is it a row? What is young is none yet, however it is judged. */
static bool take_row(const struct spool_record *record, enum spool_alert alert, int64_t until_ns,
                     struct spool_rows *out)
{
    if (record->mark == SPOOL_MARK_NONE && record->time_ns > until_ns) {
        out->quarantined++;
        return false;
    }
    out->suspect += alert == SPOOL_ALERT_SUSPECT;
    out->chance += alert == SPOOL_ALERT_CHANCE;
    out->change += alert == SPOOL_ALERT_CHANGE;
    return alert != SPOOL_ALERT_SUSPECT;
}

/* Leaves what may be learned. Returns 0, or -1 with errno. */
static int leave_out(const struct spool_read_config *config, struct spool_rows *out)
{
    const struct spool_alerts_config alerts = {config->quarantine_ns, config->change_hosts};
    const size_t columns = out->set->n_columns, n = out->n;
    enum spool_alert *verdicts = calloc(n + 1, sizeof *verdicts);

    if (!verdicts || spool_alerts_judge(out->records, n, &alerts, verdicts) < 0) {
        free(verdicts);
        return -1;
    }
    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (!take_row(&out->records[i], verdicts[i], config->now_ns - config->quarantine_ns, out))
            continue;
        out->records[out->n] = out->records[i];
        memmove(out->x + out->n * columns, out->x + i * columns, columns * sizeof *out->x);
        out->n_golden += is_golden(&out->records[i], config->golden);
        out->n++;
    }
    free(verdicts);
    return 0;
}

/* The entries' memory becomes that of the vectors. */
static int sort_out(struct entries *entries, struct spool_rows *out)
{
    const size_t columns = out->set->n_columns;

    out->records = malloc((entries->n + 1) * sizeof *out->records);
    if (!out->records)
        return -1;
    if (entries->n > 1)
        qsort(entries->bytes, entries->n, entries->size, by_time);
    out->n = entries->n;
    out->x = (double *)(void *)entries->bytes;
    for (size_t i = 0; i < out->n; i++) {
        const struct entry *entry = entry_at(entries, i);

        out->records[i] = entry->record;
        memmove(out->x + i * columns, entry->x, columns * sizeof *out->x);
    }
    entries->bytes = NULL;
    return 0;
}

static int read_rows(int fd, const struct spool_header *header,
                     const struct spool_read_config *config, struct spool_rows *out,
                     struct da3d_error *error)
{
    struct entries entries = {.size = sizeof(struct entry) + header->columns * sizeof(double)};
    int rc = 0;

    if (read_slots(fd, header, config, &entries, out) < 0 ||
        add_benign(config->marks, &entries, out) < 0 || sort_out(&entries, out) < 0 ||
        leave_out(config, out) < 0)
        rc = da3d_fail(error, "%s", strerror(errno));
    free(entries.bytes);
    return rc;
}

int spool_read(const char *path, const struct spool_read_config *config, struct spool_rows *out,
               struct da3d_error *error)
{
    struct spool_header header;
    int fd = spool_file_read(path, SPOOL_FLOWS, &header, error);
    int rc = -1;

    *out = (struct spool_rows){0};
    if (fd < 0)
        return -1;
    out->set = spool_header_set(&header, error);
    out->row_settings = header.row_settings;
    if (out->set && config->marks && config->marks->set && config->marks->set != out->set)
        da3d_fail(error, "of feature set '%s', and the marks are of '%s'", out->set->version,
                  config->marks->set->version);
    else if (out->set)
        rc = read_rows(fd, &header, config, out, error);
    close(fd);
    return rc;
}

int64_t spool_rows_span(const struct spool_rows *rows)
{
    const size_t learned = rows->n - rows->n_golden;
    const struct spool_record *first = NULL, *last = NULL;

    for (size_t i = 0; i < learned; i++) {
        if (rows->records[i].mark != SPOOL_MARK_NONE)
            continue;
        first = first ? first : &rows->records[i];
        last = &rows->records[i];
    }
    return first ? last->time_ns - first->time_ns : 0;
}

void spool_rows_clear(struct spool_rows *rows)
{
    free(rows->records);
    free(rows->x);
    *rows = (struct spool_rows){0};
}
