/* The journal and syslog outputs, heard by sockets in their places. They are only reached in a
 * mount namespace of the test's own, which needs root. */
#include <criterion/criterion.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/output.h"

static const char event_line_text[] =
    "{\"event_type\":\"alert\",\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"198.51.100.7\","
    "\"proto\":\"ICMP\",\"da3d\":{\"score\":0.9,\"p_value\":0.01,\"suppressed\":0}}\n";

static void own_namespace(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0 ||
        mount("tmpfs", "/dev", "tmpfs", 0, NULL) < 0)
        cr_skip_test("no mount namespace of its own");
    mkdir("/run/systemd", 0755);
    mkdir("/run/systemd/journal", 0755);
}

static int datagrams_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    strcpy(address.sun_path, path);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* An output that may say so many lines a minute, given events of all kinds and so many alerts. */
static struct output_counts run(const char *type, uint32_t rate, unsigned alerts)
{
    struct output_event event = {OUTPUT_SCORE, event_line_text, sizeof event_line_text - 1, NULL};
    struct loop *loop = loop_new();
    struct output_stats stats[CONFIG_OUTPUTS_MAX];
    struct da3d_error error = {""};
    struct outputs *outputs;
    struct config config;

    config_init(&config);
    config_add_output(&config, type)->rate = rate;
    outputs = outputs_open(&config, &(struct output_context){.loop = loop}, &error);
    cr_assert_not_null(outputs, "%s", error.text);
    outputs_emit(outputs, &event);
    event.kind = OUTPUT_STATS;
    outputs_emit(outputs, &event);
    event.kind = OUTPUT_ALERT;
    for (unsigned i = 0; i < alerts; i++)
        outputs_emit(outputs, &event);
    outputs_stats(outputs, stats);
    outputs_close(outputs);
    loop_free(loop);
    config_clear(&config);
    return stats[0].counts;
}

/* The next datagram as text; "" if there is none. */
static const char *hear(int fd)
{
    static char text[4096];
    ssize_t n = recv(fd, text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

Test(output_logs, the_journal_hears_alerts_with_their_fields_and_how_many_were_withheld)
{
    const char *text;
    int fd;

    own_namespace();
    fd = datagrams_at("/run/systemd/journal/socket");
    cr_expect_eq(run("journal", 2, 5).withheld, 3);
    for (unsigned i = 0; i < 2; i++) {
        text = hear(fd);
        cr_expect(strstr(text, "MESSAGE=alert: 192.0.2.1 -> 198.51.100.7 ICMP, score 0.9, "
                               "p-value 0.01\n"),
                  "%s", text);
        cr_expect(strstr(text, "\nPRIORITY=4\n"), "%s", text);
        cr_expect(strstr(text, "\nDA3DD_SCORE=0.9\n"), "%s", text);
    }
    text = hear(fd);
    cr_expect(strstr(text, "\nDA3DD_WITHHELD=3\n"), "%s", text);
    cr_expect_str_eq(hear(fd), "");
    close(fd);
}

Test(output_logs, syslog_hears_alerts_as_json_and_how_many_were_withheld)
{
    const char *text;
    int fd;

    own_namespace();
    fd = datagrams_at("/dev/log");
    cr_expect_eq(run("syslog", 1, 3).withheld, 2);
    text = hear(fd);
    cr_expect_eq(strncmp(text, "<28>", 4), 0, "daemon.warning: %s", text);
    cr_expect(strstr(text, " da3dd["), "%s", text);
    cr_expect(strstr(text, "]: @cee: {\"event_type\":\"alert\",\"src_ip\":"), "%s", text);
    text = hear(fd);
    cr_expect(strstr(text, "2 events"), "%s", text);
    cr_expect_str_eq(hear(fd), "");
    close(fd);
}

Test(output_logs, without_a_rate_nothing_is_withheld)
{
    int fd;

    own_namespace();
    fd = datagrams_at("/dev/log");
    cr_expect_eq(run("syslog", 0, 9).withheld, 0);
    for (unsigned i = 0; i < 9; i++)
        cr_expect_neq(*hear(fd), '\0');
    close(fd);
}

/* Nobody reads: its socket takes some hundred lines at most. */
Test(output_logs, a_stuck_journal_costs_its_own_lines_alone)
{
    struct output_counts counts;
    int fd;

    own_namespace();
    fd = datagrams_at("/run/systemd/journal/socket");
    counts = run("journal", 0, 5000);
    cr_expect_gt(counts.dropped, 1000);
    while (poll(&(struct pollfd){fd, POLLIN, 0}, 1, 500) > 0)
        hear(fd); /* its thread, left to itself, comes to its end */
    close(fd);
}
