/* What operators have said of flows: kept, found again, and what it does to the spool's rows. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

#include "daemon/marks_file.h"
#include "spool_sample.h"

static struct spool_sample sample;
static struct meter_config meter;

static void setup(void)
{
    spool_sample_begin(&sample, 100);
    meter = sample.meter;
    meter.set = sample.set;
    for (size_t i = 0; i < sample.set->n_columns; i++)
        sample.x[i] = 100 + (double)i;
}

static void teardown(void)
{
    spool_sample_end(&sample);
}

TestSuite(marks, .init = setup, .fini = teardown);

static struct marks_file *open_marks(void)
{
    struct da3d_error error = {""};
    struct marks_file *file = marks_file_open(sample.marks, &meter, SAMPLE_BEGIN, &error);

    cr_assert_not_null(file, "%s", error.text);
    return file;
}

static void set(struct marks_file *file, uint64_t flow_id, enum spool_mark mark)
{
    const struct verdict verdict = spool_sample_flow(&sample, 1, flow_id, SAMPLE_BEGIN);
    struct spool_record record = spool_record_of(&verdict.flow, &verdict.score);
    struct da3d_error error = {""};

    record.mark = mark;
    cr_assert_eq(marks_file_set(file, &record, verdict.x, &error), 0, "%s", error.text);
}

static void read_marks(struct marks *marks)
{
    struct da3d_error error = {""};

    cr_assert_eq(marks_read(sample.marks, marks, &error), 0, "%s", error.text);
}

static void expect_marks(const struct marks *marks)
{
    cr_assert_eq(marks->n, 2);
    cr_expect_eq(marks->items[0].record.flow_id, 3);
    cr_expect_eq(marks->items[0].record.mark, SPOOL_MARK_MALICIOUS);
    cr_expect_eq(marks->items[0].x[0], 3);
    cr_expect_eq(marks->items[1].record.flow_id, 1);
    cr_expect_eq(marks->items[1].record.mark, SPOOL_MARK_MALICIOUS);
    cr_expect_eq(marks->items[1].record.ends.dport, 443);
    cr_expect_null(marks_find(marks, 2));
}

static off_t size_of_file(void)
{
    struct stat status;

    cr_assert_eq(stat(sample.marks, &status), 0);
    return status.st_size;
}

Test(marks, the_last_word_counts_also_after_a_restart)
{
    const off_t record = (off_t)spool_record_size(sample.set->n_columns);
    struct marks_file *file = open_marks();
    struct marks marks;
    struct stat status;

    set(file, 1, SPOOL_MARK_BENIGN);
    set(file, 2, SPOOL_MARK_BENIGN);
    set(file, 3, SPOOL_MARK_MALICIOUS);
    set(file, 1, SPOOL_MARK_MALICIOUS);
    set(file, 2, SPOOL_MARK_REMOVED);
    expect_marks(marks_file_marks(file));
    read_marks(&marks);
    expect_marks(&marks);
    marks_clear(&marks);
    marks_file_close(file);
    cr_expect_eq(size_of_file(), SPOOL_HEADER + 5 * record);
    file = open_marks();
    expect_marks(marks_file_marks(file));
    cr_expect_eq(size_of_file(), SPOOL_HEADER + 2 * record, "it is written anew, short");
    cr_expect_eq(stat(sample.marks, &status), 0);
    cr_expect_eq(status.st_mode & 0777, SPOOL_FILE_MODE);
    set(file, 3, SPOOL_MARK_REMOVED);
    marks_file_close(file);
    read_marks(&marks);
    cr_expect_eq(marks.n, 1);
    marks_clear(&marks);
}

Test(marks, a_mark_can_take_its_own_place)
{
    struct marks_file *file = open_marks();
    const struct mark *mark;
    struct spool_record record;
    struct da3d_error error;

    set(file, 1, SPOOL_MARK_BENIGN);
    mark = marks_find(marks_file_marks(file), 1);
    record = mark->record;
    record.mark = SPOOL_MARK_MALICIOUS;
    cr_assert_eq(marks_file_set(file, &record, mark->x, &error), 0);
    mark = marks_find(marks_file_marks(file), 1);
    cr_expect_eq(mark->record.mark, SPOOL_MARK_MALICIOUS);
    cr_expect_eq(mark->x[1], 101);
    marks_file_close(file);
}

Test(marks, without_a_file_there_are_none)
{
    struct marks marks;

    read_marks(&marks);
    cr_expect_eq(marks.n, 0);
    cr_expect_null(marks.set);
    marks_clear(&marks);
}

Test(marks, one_that_is_cut_off_at_any_byte_costs_itself_alone)
{
    struct marks_file *file = open_marks();
    off_t size;

    set(file, 1, SPOOL_MARK_BENIGN);
    set(file, 2, SPOOL_MARK_BENIGN);
    marks_file_close(file);
    for (size = size_of_file() - 1;
         size > SPOOL_HEADER + (off_t)spool_record_size(sample.set->n_columns); size--) {
        struct marks marks;

        cr_assert_eq(truncate(sample.marks, size), 0);
        read_marks(&marks);
        cr_expect_eq(marks.n, 1);
        marks_clear(&marks);
    }
    file = open_marks();
    cr_expect_eq(marks_file_marks(file)->n, 1);
    set(file, 3, SPOOL_MARK_BENIGN);
    cr_expect_eq(marks_file_marks(file)->n, 2);
    marks_file_close(file);
    file = open_marks();
    cr_expect_eq(marks_file_marks(file)->n, 2, "the next is written over what was cut off");
    marks_file_close(file);
}

Test(marks, a_damaged_one_is_left_out_and_counted)
{
    struct marks_file *file = open_marks();
    struct marks marks;
    int fd;

    set(file, 1, SPOOL_MARK_BENIGN);
    set(file, 2, SPOOL_MARK_BENIGN);
    marks_file_close(file);
    fd = open(sample.marks, O_WRONLY);
    cr_assert_eq(spool_file_put(fd, "x", 1, SPOOL_HEADER + 50), 0);
    close(fd);
    read_marks(&marks);
    cr_expect_eq(marks.n, 1);
    cr_expect_eq(marks.bad, 1);
    marks_clear(&marks);
}

static int apply(struct marks *marks, uint64_t flow_id, enum spool_mark mark)
{
    const struct verdict verdict = spool_sample_flow(&sample, 1, flow_id, SAMPLE_BEGIN);
    struct spool_record record = spool_record_of(&verdict.flow, &verdict.score);

    record.mark = mark;
    return marks_apply(marks, &record, verdict.x);
}

/* In memory: on the disk each takes a moment. */
Test(marks, as_many_as_can_be)
{
    struct marks marks;

    cr_assert_eq(marks_init(&marks, sample.set), 0);
    for (uint64_t i = 1; i <= MARKS_MAX; i++)
        cr_assert_eq(apply(&marks, i, SPOOL_MARK_BENIGN), 0);
    errno = 0;
    cr_expect_eq(apply(&marks, MARKS_MAX + 1, SPOOL_MARK_BENIGN), -1);
    cr_expect_eq(errno, ENOSPC);
    cr_expect_eq(apply(&marks, 1, SPOOL_MARK_MALICIOUS), 0, "one that is marked can change");
    cr_expect_eq(marks.n, MARKS_MAX);
    marks_clear(&marks);
}

/* Flows 1 to 5 of host 1, an hour apart. */
static void fill_spool(void)
{
    struct spool *spool;

    sample.config.horizon_ns = 1000 * SAMPLE_HOUR;
    spool = spool_sample_open(&sample, SAMPLE_BEGIN);
    for (unsigned i = 1; i <= 5; i++) {
        const int64_t now_ns = SAMPLE_BEGIN + i * SAMPLE_HOUR;
        struct verdict verdict = spool_sample_flow(&sample, 1, i, now_ns);

        for (int minute = -59; minute <= 0; minute++)
            spool_tick(spool, now_ns + minute * 60 * SAMPLE_SECOND);
        verdict.flow.id.dport = i == 5 ? 80 : 443;
        sample.x[1] = i == 4 ? (double)NAN : 101;
        sample.x[2] = 102 * (i == 3 ? 1e6 : 1 + i / 1000.0);
        for (size_t k = 3; k < 8; k++)
            sample.x[k] = i == 3 ? 1e9 : 100 + (double)k;
        spool_offer(spool, &verdict, now_ns);
    }
    spool_close(spool);
}

/* Flow 1's first column differs from flow 2's, as it tells them apart; flow 3 is another kind; flow
 * 5 goes to another port. */
Test(marks, malicious_flows_and_what_is_like_them_are_not_trained_on_benign_ones_are)
{
    const int64_t now_ns = SAMPLE_BEGIN + 6 * SAMPLE_HOUR;
    struct marks_file *file;
    struct spool_rows rows;
    struct marks marks;
    struct da3d_error error = {""};

    fill_spool();
    sample.x[1] = 101;
    sample.x[2] = 102;
    file = open_marks();
    set(file, 1, SPOOL_MARK_MALICIOUS);
    set(file, 77, SPOOL_MARK_BENIGN);
    marks_file_close(file);
    read_marks(&marks);
    cr_assert_eq(spool_read(sample.path,
                            &(struct spool_read_config){.now_ns = now_ns, .marks = &marks}, &rows,
                            &error),
                 0, "%s", error.text);
    cr_expect_eq(rows.shunned, 3, "%lu", (unsigned long)rows.shunned);
    cr_expect_eq(rows.benign, 1);
    cr_assert_eq(rows.n, 3);
    cr_expect_eq(rows.records[0].flow_id, 77);
    cr_expect_eq(rows.x[0], 77);
    cr_expect_eq(rows.records[1].flow_id, 3);
    cr_expect_eq(rows.records[2].flow_id, 5);
    cr_expect_lt(rows.records[0].time_ns, rows.records[1].time_ns);
    cr_expect_eq(spool_rows_span(&rows), 2 * SAMPLE_HOUR, "without the mark");
    spool_rows_clear(&rows);
    marks_clear(&marks);
}

Test(marks, those_of_another_set_do_not_go_with_a_spool)
{
    struct da3d_error error = {""};
    struct spool_rows rows;
    struct marks marks;

    spool_close(spool_sample_open(&sample, SAMPLE_BEGIN));
    meter.set = feature_set_find("kdd");
    marks_file_close(open_marks());
    read_marks(&marks);
    cr_expect_eq(spool_read(sample.path,
                            &(struct spool_read_config){.now_ns = SAMPLE_BEGIN, .marks = &marks},
                            &rows, &error),
                 -1);
    cr_expect_str_eq(error.text, "of feature set 'doh-v1', and the marks are of 'kdd-v1'");
    spool_rows_clear(&rows);
    marks_clear(&marks);
}
