/* One reader of a backlog over a socket pair: whole lines, in order, and the lost ones counted. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/backlog.h"
#include "daemon/subscriber.h"

enum { CAPACITY = 16, LINE = 1000 };

static struct backlog backlog;
static struct subscriber subscriber;
static int peer;

static void setup(void)
{
    int pair[2], small = 4096;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    cr_assert_eq(backlog_init(&backlog, CAPACITY), 0);
    subscriber_init(&subscriber, pair[0], &backlog);
    peer = pair[1];
}

static void teardown(void)
{
    subscriber_clear(&subscriber);
    backlog_clear(&backlog);
    close(peer);
}

TestSuite(subscriber, .init = setup, .fini = teardown);

/* A line of LINE bytes that begins with its number. */
static void add(unsigned number)
{
    char line[LINE + 1];

    memset(line, 'x', LINE);
    line[LINE - 1] = '\n';
    line[snprintf(line, 12, "%u ", number)] = 'x';
    subscriber_pass(&subscriber, &backlog);
    cr_assert_eq(backlog_add(&backlog, line, LINE), 0);
}

/* Reads up to max bytes and appends them to text. Returns the new length. */
static size_t take(char *text, size_t length, size_t max)
{
    ssize_t n = read(peer, text + length, max);

    return n > 0 ? length + (size_t)n : length;
}

/* Checks that text is whole lines in ascending order. Returns how many. */
static size_t check_lines(const char *text, size_t length)
{
    long last = -1;

    cr_expect_eq(length % LINE, 0);
    for (size_t at = 0; at + LINE <= length; at += LINE) {
        long number = strtol(text + at, NULL, 10);

        cr_expect_eq(text[at + LINE - 1], '\n', "line %zu", at / LINE);
        cr_expect_gt(number, last);
        last = number;
    }
    return length / LINE;
}

Test(subscriber, gets_every_line_while_it_keeps_up)
{
    char *text = malloc(100 * LINE);
    size_t length = 0;

    for (unsigned i = 0; i < 100; i++) {
        add(i);
        cr_assert_eq(subscriber_write(&subscriber, &backlog), 0);
        length = take(text, length, LINE);
    }
    cr_expect_eq(check_lines(text, length), 100);
    cr_expect_eq(subscriber.written, 100);
    cr_expect_eq(subscriber.dropped, 0);
    free(text);
}

/* It reads three bytes for each line that comes, and in the end everything. */
Test(subscriber, loses_whole_lines_when_it_is_slow_and_each_is_counted)
{
    const unsigned lines = 500;
    char *text = malloc((size_t)lines * LINE);
    size_t length = 0, got;

    for (unsigned i = 0; i < lines; i++) {
        add(i);
        cr_assert_eq(subscriber_write(&subscriber, &backlog), 0);
        length = take(text, length, 3);
    }
    cr_expect(subscriber.full);
    while (subscriber_lag(&subscriber, &backlog) > 0) {
        length = take(text, length, 4096);
        cr_assert_eq(subscriber_write(&subscriber, &backlog), 0);
    }
    while (got = take(text, length, 4096), got > length)
        length = got;
    got = check_lines(text, length);
    cr_expect_eq(got, subscriber.written);
    cr_expect_eq(subscriber.written + subscriber.dropped, lines);
    cr_expect_gt(subscriber.dropped, 400);
    cr_expect_geq(got, CAPACITY);
    free(text);
}

Test(subscriber, gets_what_comes_after_it)
{
    struct subscriber late;

    add(0);
    add(1);
    subscriber_init(&late, dup(peer), &backlog);
    cr_expect_eq(subscriber_lag(&late, &backlog), 0);
    add(2);
    cr_expect_eq(subscriber_lag(&late, &backlog), 1);
    subscriber_clear(&late);
}

Test(subscriber, a_closed_socket_is_told_from_one_that_only_sends_no_more)
{
    cr_expect_eq(subscriber_listen(&subscriber), SUBSCRIBER_OPEN);
    cr_expect_eq(write(peer, "hello\n", 6), 6);
    cr_expect_eq(subscriber_listen(&subscriber), SUBSCRIBER_OPEN);
    shutdown(peer, SHUT_WR);
    cr_expect_eq(subscriber_listen(&subscriber), SUBSCRIBER_SILENT);
    add(0);
    cr_expect_eq(subscriber_write(&subscriber, &backlog), 0);
    shutdown(peer, SHUT_RD);
    cr_expect_eq(subscriber_listen(&subscriber), SUBSCRIBER_CLOSED);
    add(1);
    cr_expect_eq(subscriber_write(&subscriber, &backlog), -1);
    cr_expect_eq(errno, EPIPE);
}

Test(backlog, keeps_the_latest_lines)
{
    struct backlog lines;
    char text[16];

    cr_assert_eq(backlog_init(&lines, 3), 0);
    cr_expect_eq(backlog_begin(&lines), 0);
    for (unsigned i = 0; i < 10; i++) {
        int length = snprintf(text, sizeof text, "%u%.*s\n", i, (int)i, "xxxxxxxxxx");

        cr_assert_eq(backlog_add(&lines, text, (size_t)length), 0);
    }
    cr_expect_eq(lines.end, 10);
    cr_expect_eq(backlog_begin(&lines), 7);
    for (uint64_t i = 7; i < 10; i++) {
        cr_expect_eq(backlog_at(&lines, i)->text[0], '0' + (char)i);
        cr_expect_eq(backlog_at(&lines, i)->length, i + 2);
    }
    backlog_clear(&lines);
}
