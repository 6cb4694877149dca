/* CSV as RFC 4180 has it, bad files by their message, and what cells mean. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/cell.h"
#include "daemon/csv.h"
#include "daemon/words.h"

static struct csv *open_bytes(const char *bytes, size_t n, struct da3d_error *error)
{
    char path[] = "/tmp/da3dd-csv-XXXXXX";
    int fd = mkstemp(path);
    struct unpack *source;

    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    source = unpack_open(path, error);
    unlink(path);
    return source ? csv_open(source, error) : NULL;
}

static struct csv *open_text(const char *text)
{
    struct da3d_error error = {""};
    struct csv *csv = open_bytes(text, strlen(text), &error);

    cr_assert_not_null(csv, "%s", error.text);
    return csv;
}

static void expect_row(struct csv *csv, size_t line, const char *const *want)
{
    struct da3d_error error = {""};
    char *const *fields;

    cr_assert_eq(csv_next(csv, &fields, &error), 1, "%s", error.text);
    cr_expect_eq(csv_line(csv), line);
    for (size_t i = 0; i < csv_n_columns(csv); i++)
        cr_expect_str_eq(fields[i], want[i]);
}

static void expect_end(struct csv *csv)
{
    struct da3d_error error = {""};
    char *const *fields;

    cr_expect_eq(csv_next(csv, &fields, &error), 0, "%s", error.text);
    csv_close(csv);
}

Test(csv, quotes_line_ends_and_mark)
{
    struct csv *csv = open_text("\xef\xbb\xbf\"a\", b ,\"c,d\"\r\n"
                                "1,\"two \"\"2\"\"\",\r\n"
                                "\r\n"
                                "\"x\ny\r\nz\",,\"\"\n"
                                "lone\rCR, 5 ,6");

    cr_assert_eq(csv_n_columns(csv), 3);
    cr_expect_str_eq(csv_name(csv, 0), "a");
    cr_expect_str_eq(csv_name(csv, 1), "b");
    cr_expect_eq(csv_find(csv, "c,d"), 2);
    cr_expect_eq(csv_find(csv, "c"), -1);
    expect_row(csv, 2, (const char *[]){"1", "two \"2\"", ""});
    expect_row(csv, 4, (const char *[]){"x\ny\nz", "", ""});
    expect_row(csv, 7, (const char *[]){"lone\rCR", " 5 ", "6"});
    expect_end(csv);
}

Test(csv, a_header_alone_is_a_table_without_rows)
{
    expect_end(open_text("a,b"));
    expect_end(open_text("a,b\n\n\n"));
}

Test(csv, rows_of_empty_cells_are_skipped)
{
    struct csv *csv = open_text("a,b\n,\n1,\n , \n\"\",\n,2\n,,\n");
    struct da3d_error error = {""};
    char *const *fields;

    expect_row(csv, 3, (const char *[]){"1", ""});
    expect_row(csv, 6, (const char *[]){"", "2"});
    cr_expect_eq(csv_next(csv, &fields, &error), -1, "too many fields, empty or not");
    csv_close(csv);
    expect_end(open_text("a,b\n,\n,\n"));
}

Test(csv, equal_names_get_endings)
{
    struct csv *csv = open_text("a,b,a,a.1,a,a.1,a\n1,2,3,4,5,6,7\n");
    static const char *const want[] = {"a", "b", "a.2", "a.1", "a.3", "a.1.1", "a.4"};

    cr_assert_eq(csv_n_columns(csv), 7);
    for (size_t i = 0; i < 7; i++) {
        cr_expect_str_eq(csv_name(csv, i), want[i]);
        cr_expect_eq(csv_find(csv, want[i]), (int)i);
    }
    csv_close(csv);
}

Test(csv, an_ending_that_does_not_fit)
{
    struct da3d_error error = {""};
    char text[2 * SCHEMA_NAME_MAX + 2];

    memset(text, 'a', sizeof text);
    text[SCHEMA_NAME_MAX - 2] = ',';
    text[2 * SCHEMA_NAME_MAX - 3] = '\n';
    cr_expect_null(open_bytes(text, 2 * SCHEMA_NAME_MAX - 2, &error));
    cr_expect_not_null(strstr(error.text, "line 1: two columns are named 'aaa"), "%s", error.text);
}

/* The message of a file that is refused, in its header or later. */
static void refused(const char *text, const char *message)
{
    struct da3d_error error = {""};
    struct csv *csv = open_bytes(text, strlen(text), &error);
    char *const *fields;
    int rc = 1;

    while (csv && rc > 0)
        rc = csv_next(csv, &fields, &error);
    cr_expect(!csv || rc < 0, "accepted: %s", text);
    cr_expect_str_eq(error.text, message);
    csv_close(csv);
}

Test(csv, says_what_is_wrong)
{
    refused("\n\n", "line 1: a header with the columns' names is expected");
    refused("a,,c\n", "line 1: column 2 has no name");
    refused("a\tb\tc\n1\t2\t3\n", "line 1: looks tab-separated: da3dd reads commas (RFC 4180)");
    refused("a;b;c\n", "line 1: looks semicolon-separated: da3dd reads commas (RFC 4180)");
    refused("\"a\";\"b\"\n", "line 1: looks semicolon-separated: da3dd reads commas (RFC 4180)");
    refused("#separator \\x09\n#set_separator\t,\n",
            "line 1: looks like a tab-separated log of Zeek (#separator): da3dd reads commas "
            "(RFC 4180)");
    refused("1,2.5\n3,4\n", "line 1: column names are expected, and all are numbers");
    refused("a,b\n1,2\n\n1\n", "line 4: 1 fields, and the header has 2");
    refused("a,b\n1,2,3\n", "line 2: more than 2 fields");
    refused("a,b\n1,x\"y\n", "line 2, column 'b': a quote inside a field that is not quoted");
    refused("a,b\n\"1\"x,2\n", "line 2, column 'a': text behind a closing quote");
    refused("a,b\n1,\"2\n3\n", "line 2: a quote is not closed up to the end of the file");
    refused("\n\n\"\n", "line 3: a quote is not closed up to the end of the file");
}

Test(csv, refuses_zero_bytes_and_captures)
{
    static const char zero[] = "a,b\n1,\0002\n", pcap[] = "\xd4\xc3\xb2\xa1,a\n";
    struct da3d_error error = {""};
    struct csv *csv = open_bytes(zero, sizeof zero - 1, &error);
    char *const *fields;

    cr_assert_not_null(csv);
    cr_expect_eq(csv_next(csv, &fields, &error), -1);
    cr_expect_str_eq(error.text, "line 2, column 'b': a zero byte: not text");
    csv_close(csv);
    cr_expect_null(open_bytes(pcap, sizeof pcap - 1, &error));
    cr_expect_str_eq(error.text, "a capture, where a table is expected");
}

/* A header of n columns c0, c1, ..., then a row of fields of that length. The caller's. */
static char *wide(size_t n, size_t length)
{
    char *text = malloc(n * (length + 16) + 16), *to = text;

    for (size_t i = 0; i < n; i++)
        to += sprintf(to, "%sc%zu", i > 0 ? "," : "", i);
    for (size_t i = 0; i < n; i++) {
        *to++ = i > 0 ? ',' : '\n';
        memset(to, 'x', length);
        to += length;
    }
    *to = '\0';
    return text;
}

Test(csv, is_bounded)
{
    static const struct {
        size_t n, length;
        const char *message; /* NULL: accepted */
    } cases[] = {
        {SCHEMA_COLUMNS_MAX, 100, NULL},
        {SCHEMA_COLUMNS_MAX + 1, 1, "line 1: more than 4096 fields"},
        {1, CSV_FIELD_MAX, NULL},
        {1, CSV_FIELD_MAX + 1, "line 2, column 'c0': the field is too long"},
        {17, CSV_FIELD_MAX - 1, "line 2, column 'c15': the row is too long"},
        {16, CSV_FIELD_MAX - 1, NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = wide(cases[i].n, cases[i].length);

        if (cases[i].message) {
            refused(text, cases[i].message);
        } else {
            struct csv *csv = open_text(text);
            struct da3d_error error = {""};
            char *const *fields;

            cr_expect_eq(csv_next(csv, &fields, &error), 1, "case %zu: %s", i, error.text);
            expect_end(csv);
        }
        free(text);
    }
}

Test(csv, escapes)
{
    char out[9];

    cr_expect_eq(csv_escape(" \t a b\t ", out, sizeof out), 0);
    cr_expect_str_eq(out, "a b");
    cr_expect_eq(csv_escape("\\\n", out, sizeof out), 0);
    cr_expect_str_eq(out, "\\x5c\\x0a");
    cr_expect_eq(csv_escape("\\x5c\\", out, sizeof out), 0);
    cr_expect_str_eq(out, "\\x5c\\x5c", "an escape stays, half of one does not");
    cr_expect_eq(csv_escape("abcdefgh", out, sizeof out), 0);
    cr_expect_eq(csv_escape("abcdefghi", out, sizeof out), -1);
    cr_expect_str_eq(out, "abcdefgh");
    cr_expect_eq(csv_escape("abcde\xc3\xa4", out, sizeof out), -1);
    cr_expect_str_eq(out, "abcde");
}

Test(cell, kinds)
{
    static const struct {
        const char *text;
        enum cell kind;
        double number;
    } cases[] = {
        {"0", CELL_NUMBER, 0},       {" -1.5e2\t", CELL_NUMBER, -150},
        {"+.5", CELL_NUMBER, .5},    {"5.", CELL_NUMBER, 5},
        {"007", CELL_NUMBER, 7},     {"", CELL_MISSING, 0},
        {"  ", CELL_MISSING, 0},     {"NaN", CELL_MISSING, 0},
        {"na", CELL_MISSING, 0},     {"N/A", CELL_MISSING, 0},
        {"NULL", CELL_MISSING, 0},   {"?", CELL_MISSING, 0},
        {" - ", CELL_MISSING, 0},    {"None", CELL_MISSING, 0},
        {"inf", CELL_INFINITE, 0},   {"-Infinity", CELL_INFINITE, 0},
        {"1e999", CELL_INFINITE, 0}, {"0x10", CELL_TEXT, 0},
        {"1 2", CELL_TEXT, 0},       {"1,5", CELL_TEXT, 0},
        {"e", CELL_TEXT, 0},         {"--1", CELL_TEXT, 0},
        {"1e", CELL_TEXT, 0},        {"infinit", CELL_TEXT, 0},
        {"tcp", CELL_TEXT, 0},       {"nano", CELL_TEXT, 0},
        {"nan(1)", CELL_TEXT, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double number = 0;

        cr_expect_eq(cell_parse(cases[i].text, &number), cases[i].kind, "'%s'", cases[i].text);
        cr_expect_eq(number, cases[i].number, "'%s'", cases[i].text);
    }
}

/* The hash is SipHash-2-4 of the trimmed text; 2^53 itself is beyond what every double holds. */
Test(cell, identities)
{
    cr_expect_eq(cell_identity(" 9007199254740991 "), 9007199254740991.0);
    cr_expect_eq(cell_identity("0"), 0);
    cr_expect_eq(cell_identity(" 10.0.0.1"), cell_identity("10.0.0.1\t"));
    cr_expect_neq(cell_identity("10.0.0.1"), cell_identity("10.0.0.2"));
    cr_expect_neq(cell_identity("9007199254740992"), 9007199254740992.0);
    cr_expect_neq(cell_identity("-1"), -1);
    cr_expect_neq(cell_identity("0.5"), 0.5);
    for (int i = 0; i < 1000; i++) {
        char text[8];
        snprintf(text, sizeof text, "a%d", i);
        const double id = cell_identity(text);
        cr_assert(id >= 0 && id < 9007199254740992.0 && id == (double)(uint64_t)id);
    }
}

Test(words, lists)
{
    char word[8];
    const char *rest = words_next(" a ,b\\", word, sizeof word);

    cr_expect_str_eq(word, "a");
    cr_expect_null(words_next(rest, word, sizeof word));
    cr_expect_str_eq(word, "b\\x5c");
    cr_expect(words_hold("a, b ,c", "b"));
    cr_expect(words_hold("a,,c", ""));
    cr_expect_not(words_hold("a,b", "a b"));
    cr_expect_not(words_hold("a,b,abc", "ab"));
    cr_expect(words_hold("x,Gr\xc3\xb6\xc3\x9f"
                         "e",
                         "Gr\\xc3\\xb6\\xc3\\x9fe"),
              "as a table has it");
    cr_expect(words_hold("x,Gr\\xc3\\xb6\\xc3\\x9fe", "Gr\\xc3\\xb6\\xc3\\x9fe"),
              "as messages show it");
}
