/* The spool's file: torn, damaged, of another shape, or another's. */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "spool_sample.h"

enum { SLOTS = 8 };

static struct spool_sample sample;
static uint8_t *file; /* as it was written */
static size_t file_size, record_size;

static void read_file(void)
{
    int fd = open(sample.path, O_RDONLY);
    struct stat status;

    cr_assert_eq(fstat(fd, &status), 0);
    file_size = (size_t)status.st_size;
    file = malloc(file_size);
    cr_assert_eq(spool_file_get(fd, file, file_size, 0), 0);
    close(fd);
}

static void write_file(size_t size)
{
    int fd = open(sample.path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

    cr_assert_geq(fd, 0);
    cr_assert_eq(spool_file_put(fd, file, size, 0), 0);
    close(fd);
}

/* Flows 1 to 5 in the first slots. */
static void setup(void)
{
    struct spool *spool;

    spool_sample_begin(&sample, SLOTS);
    sample.config.horizon_ns = 1000 * SAMPLE_HOUR;
    record_size = spool_record_size(sample.set->n_columns);
    spool = spool_sample_open(&sample, SAMPLE_BEGIN);
    for (unsigned i = 1; i <= 5; i++) {
        const int64_t now_ns = SAMPLE_BEGIN + i * SAMPLE_HOUR;
        struct verdict verdict = spool_sample_flow(&sample, i, i, now_ns);

        sample.x[1] = (double)NAN;
        for (int minute = -59; minute <= 0; minute++)
            spool_tick(spool, now_ns + minute * 60 * SAMPLE_SECOND);
        spool_offer(spool, &verdict, now_ns);
    }
    spool_close(spool);
    read_file();
}

static void teardown(void)
{
    free(file);
    spool_sample_end(&sample);
}

TestSuite(spool_file, .init = setup, .fini = teardown);

static void read_rows(struct spool_rows *rows)
{
    spool_sample_read(&sample, SAMPLE_BEGIN + 10 * SAMPLE_HOUR, 0, rows);
}

Test(spool_file, records_come_back_in_the_order_of_time)
{
    struct spool_rows rows;
    double idle;

    read_rows(&rows);
    cr_assert_eq(rows.n, 5);
    cr_expect_eq(rows.slots, SLOTS);
    cr_expect_eq(rows.empty, SLOTS - 5);
    cr_expect_eq(rows.set, sample.set);
    cr_expect(row_settings_find(&rows.row_settings, "flow.idle", &idle));
    cr_expect_eq(idle, 40);
    for (size_t i = 0; i < rows.n; i++) {
        const double *x = rows.x + i * sample.set->n_columns;

        cr_expect_eq(rows.records[i].flow_id, i + 1);
        cr_expect_eq(rows.records[i].time_ns, SAMPLE_BEGIN + (int64_t)(i + 1) * SAMPLE_HOUR);
        cr_expect_eq(rows.records[i].ends.src.bytes[3], i + 1);
        cr_expect_eq(rows.records[i].ends.dport, 443);
        cr_expect_eq(rows.records[i].ends.proto, IP_PROTO_TCP);
        cr_expect_eq(rows.records[i].logit, -2);
        cr_expect_eq(x[0], (double)(i + 1));
        cr_expect(isnan(x[1]));
    }
    spool_rows_clear(&rows);
}

Test(spool_file, what_is_in_quarantine_or_of_the_future_is_left_out)
{
    struct spool_rows rows;

    spool_sample_read(&sample, SAMPLE_BEGIN + 5 * SAMPLE_HOUR, 2 * SAMPLE_HOUR, &rows);
    cr_expect_eq(rows.n, 3);
    cr_expect_eq(rows.quarantined, 2);
    spool_rows_clear(&rows);
    spool_sample_read(&sample, SAMPLE_BEGIN + 2 * SAMPLE_HOUR, 0, &rows);
    cr_expect_eq(rows.n, 2);
    cr_expect_eq(rows.quarantined, 3);
    spool_rows_clear(&rows);
}

/* A time of which differences overflow, a p-value that is none: who writes the file can sign it.
 */
Test(spool_file, a_record_of_impossible_values_is_bad)
{
    static const struct spool_record records[] = {
        {.time_ns = INT64_MAX, .p_value = 0.5},
        {.time_ns = INT64_MIN, .p_value = 0.5},
        {.time_ns = SAMPLE_BEGIN, .p_value = 1e300},
        {.time_ns = SAMPLE_BEGIN, .p_value = -0.5},
        {.time_ns = SAMPLE_BEGIN, .p_value = (double)NAN},
    };
    uint8_t bytes[SPOOL_RECORD_MAX];
    struct spool_header header;
    struct spool_record out;
    struct da3d_error error;

    cr_assert_eq(spool_header_decode(file, &header, &error), 0);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        spool_record_encode(&header, i, &records[i], sample.x, bytes);
        cr_expect_eq(spool_record_decode(&header, i, bytes, &out, NULL), SPOOL_SLOT_BAD, "%zu", i);
    }
    header.created_ns = INT64_MIN;
    spool_header_encode(&header, file);
    cr_expect_eq(spool_header_decode(file, &header, &error), -1);
    cr_expect_str_eq(error.text, "its header is not one");
}

/* The fifth record's bytes end with the fourth's, and the reverse. */
Test(spool_file, a_record_torn_at_any_byte_costs_itself_alone)
{
    uint8_t *old = file + SPOOL_HEADER + 3 * record_size, *whole = malloc(record_size);
    const struct spool_record record = {.time_ns = SAMPLE_BEGIN, .flow_id = 99};
    struct spool_header header;
    struct da3d_error error;

    cr_assert_eq(spool_header_decode(file, &header, &error), 0);
    for (size_t i = 0; i < sample.set->n_columns; i++)
        sample.x[i] = 1e9 + (double)i;
    spool_record_encode(&header, 3, &record, sample.x, whole);
    for (size_t at = 0; at <= record_size; at++) {
        struct spool_rows rows;
        struct spool *spool;
        struct spool_stats stats;

        memcpy(old, whole, at);
        write_file(file_size);
        read_rows(&rows);
        if (at == 0 || at == record_size)
            cr_expect_eq(rows.n, 5);
        else
            cr_expect(rows.n == 4 && rows.bad == 1, "torn at %zu: %zu rows", at, rows.n);
        for (size_t i = 0; i < rows.n; i++)
            cr_expect(rows.records[i].flow_id <= 5 || at == record_size);
        spool = spool_sample_open(&sample, SAMPLE_BEGIN + 6 * SAMPLE_HOUR);
        spool_stats(spool, SAMPLE_BEGIN, &stats);
        cr_expect_eq(stats.records, rows.n);
        cr_expect_eq(stats.bad, rows.bad);
        spool_close(spool);
        spool_rows_clear(&rows);
    }
    free(whole);
}

/* The checksum comes first, by a key drawn by chance: once in 256 times its first byte is 0 as it
 * is and nothing is emptied. */
Test(spool_file, a_record_half_emptied_is_bad_at_any_byte)
{
    uint8_t *old = file + SPOOL_HEADER + 3 * record_size;
    bool whole = true;

    for (size_t at = 1; at <= record_size; at++) {
        struct spool_rows rows;

        whole = whole && old[at - 1] == 0;
        memset(old, 0, at);
        write_file(file_size);
        read_rows(&rows);
        cr_expect_eq(rows.n, whole ? 5 : 4);
        cr_expect_eq(rows.bad + rows.empty, SLOTS - rows.n);
        spool_rows_clear(&rows);
    }
}

Test(spool_file, a_record_in_anothers_place_is_bad)
{
    struct spool_rows rows;

    memcpy(file + SPOOL_HEADER + 6 * record_size, file + SPOOL_HEADER, record_size);
    write_file(file_size);
    read_rows(&rows);
    cr_expect_eq(rows.n, 5);
    cr_expect_eq(rows.bad, 1);
    spool_rows_clear(&rows);
}

static void expect_refused(const char *what)
{
    const struct spool_read_config config = {.now_ns = INT64_MAX};
    struct da3d_error error = {""};
    struct spool_rows rows;

    cr_expect_eq(spool_read(sample.path, &config, &rows, &error), -1, "%s", what);
    cr_expect_neq(*error.text, '\0', "%s", what);
    spool_rows_clear(&rows);
}

static void expect_set_aside(const char *what)
{
    struct spool *spool = spool_sample_open(&sample, SAMPLE_BEGIN);
    struct spool_stats stats;
    struct stat status;

    spool_stats(spool, SAMPLE_BEGIN, &stats);
    cr_expect_eq(stats.records, 0, "%s", what);
    cr_expect_eq(stats.slots, (sample.config.bytes - SPOOL_HEADER) / record_size);
    cr_expect_eq(stat(sample.aside, &status), 0, "%s", what);
    spool_close(spool);
}

Test(spool_file, a_damaged_header_is_told_at_any_byte)
{
    for (size_t at = 0; at < SPOOL_HEADER; at += at < 400 ? 1 : 61) {
        file[at] ^= 0x10;
        write_file(file_size);
        file[at] ^= 0x10;
        expect_refused("damaged");
    }
    expect_set_aside("damaged");
}

Test(spool_file, one_that_is_cut_off_anywhere_is_refused)
{
    for (size_t size = 0; size < file_size; size += 97) {
        write_file(size);
        expect_refused("cut off");
    }
    expect_set_aside("cut off");
}

Test(spool_file, one_of_another_size_is_set_aside)
{
    sample.config.bytes += record_size;
    expect_set_aside("of another size");
}

Test(spool_file, one_of_another_feature_set_is_set_aside)
{
    sample.set = feature_set_find("kdd");
    record_size = spool_record_size(sample.set->n_columns);
    sample.config.bytes = SPOOL_HEADER + SLOTS * record_size;
    expect_set_aside("of another set");
}

Test(spool_file, one_of_flows_made_otherwise_is_set_aside)
{
    sample.meter.flow.idle_ns += SAMPLE_SECOND;
    expect_set_aside("of other flows");
}

Test(spool_file, two_services_do_not_share_one)
{
    struct spool *spool = spool_sample_open(&sample, SAMPLE_BEGIN);
    struct da3d_error error = {""};

    cr_expect_null(spool_sample_try(&sample, SAMPLE_BEGIN, &error));
    cr_expect_str_eq(error.text, "in use by another process");
    spool_close(spool);
}

Test(spool_file, a_folder_is_none)
{
    struct da3d_error error = {""};

    unlink(sample.path);
    mkdir(sample.path, 0700);
    expect_refused("a folder");
    cr_expect_null(spool_sample_try(&sample, SAMPLE_BEGIN, &error));
    rmdir(sample.path);
}
