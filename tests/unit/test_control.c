/* The operator's socket: answers in order, and nobody who does not read delays anybody. */
#include "daemon/control.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/json.h"

enum { BIG = 4 << 20, PUMP_MS = 50 };

static char folder[32], path[64];
static struct loop *loop;
static struct control *control;
static unsigned calls;

static int count(void *ctx, const struct request *request, struct json_object *result,
                 struct da3d_error *error)
{
    (void)ctx;
    if (request->port == 1)
        return da3d_fail(error, "not port 1");
    json_add_int(result, "call", ++calls);
    return 0;
}

static int answer_much(void *ctx, const struct request *request, struct json_object *result,
                       struct da3d_error *error)
{
    char *text = malloc(BIG + 1);

    (void)ctx;
    (void)request;
    (void)error;
    memset(text, 'x', BIG);
    text[BIG] = '\0';
    json_add_string(result, "text", text);
    free(text);
    return 0;
}

static const struct control_command commands[] = {
    {"count", REQUEST_PORT, true, count},
    {"much", 0, false, answer_much},
};

static void setup(void)
{
    struct control_config config = {.inherited = -1,
                                    .path = path,
                                    .permissions = {0660, (gid_t)-1},
                                    .commands = commands,
                                    .n_commands = 2};
    struct da3d_error error = {""};

    strcpy(folder, "/tmp/da3dd-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/control.sock", folder);
    loop = loop_new();
    control = control_open(&config, loop, &error);
    cr_assert_not_null(control, "%s", error.text);
}

static void teardown(void)
{
    struct stat status;

    control_close(control);
    cr_expect_eq(stat(path, &status), -1, "the socket is removed");
    loop_free(loop);
    rmdir(folder);
}

TestSuite(control, .init = setup, .fini = teardown);

static void stop(void *ctx)
{
    (void)ctx;
    loop_stop(loop);
}

/* Lets the control work for a moment. */
static void pump(void)
{
    struct loop_watch *timer = loop_timer(loop, PUMP_MS, stop, NULL);

    loop_run(loop);
    loop_unwatch(timer);
}

static int client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(address.sun_path, path);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* What has come for it, "" if nothing has, "END" if it is closed. */
static const char *heard(int fd)
{
    static char text[8192];
    ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno == ECONNRESET))
        return "END";
    text[n > 0 ? n : 0] = '\0';
    return text;
}

Test(control, a_line_is_answered_by_a_line)
{
    struct stat status;
    int fd = client();

    cr_expect_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0660);
    say(fd, "{\"command\":\"count\"}\n");
    pump();
    cr_expect_str_eq(heard(fd), "{\"ok\":true,\"result\":{\"call\":1}}\n");
    say(fd, "{\"command\":\"count\",\"port\":1}\n");
    pump();
    cr_expect_str_eq(heard(fd), "{\"ok\":false,\"error\":\"not port 1\"}\n");
    close(fd);
}

Test(control, what_is_wrong_is_said_and_the_client_goes_on)
{
    static const char *const cases[][2] = {
        {"\n", "not JSON"},
        {"{\"command\":\"coutn\"}\n", "there is no command 'coutn'"},
        {"{\"command\":\"count\",\"id\":1}\n", "'count' takes no id"},
        {"{\"command\":\"much\",\"id\":1,\"host\":\"x\"}\n", "'much' takes no host"},
    };
    int fd = client();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text;

        say(fd, cases[i][0]);
        pump();
        text = heard(fd);
        cr_expect(strstr(text, "\"ok\":false") && strstr(text, cases[i][1]), "%s", text);
    }
    cr_expect_eq(calls, 0);
    close(fd);
}

Test(control, several_lines_at_once_and_a_line_in_pieces)
{
    int fd = client();

    say(fd, "{\"command\":\"count\"}\n{\"command\":\"count\"}\n{\"comm");
    pump();
    cr_expect_str_eq(heard(fd), "{\"ok\":true,\"result\":{\"call\":1}}\n"
                                "{\"ok\":true,\"result\":{\"call\":2}}\n");
    pump();
    cr_expect_str_eq(heard(fd), "");
    say(fd, "and\":\"count\"}\n");
    shutdown(fd, SHUT_WR);
    pump();
    cr_expect_str_eq(heard(fd), "{\"ok\":true,\"result\":{\"call\":3}}\n");
    cr_expect_str_eq(heard(fd), "END", "who says that it asks no more is closed");
    close(fd);
}

Test(control, a_line_without_end)
{
    static char line[2 * REQUEST_LINE_MAX];
    int fd = client();
    const char *text;

    memset(line, 'x', sizeof line - 1);
    say(fd, line);
    pump();
    text = heard(fd);
    cr_expect(strstr(text, "longer than 4096 bytes"), "%s", text);
    say(fd, "\n{\"command\":\"count\"}\n");
    pump();
    text = heard(fd);
    cr_expect(strstr(text, "\"call\":1"), "%s", text);
    close(fd);
}

Test(control, who_does_not_read_delays_nobody_and_is_not_read_from)
{
    int stuck = client(), other = client();

    for (int i = 0; i < 20; i++)
        say(stuck, "{\"command\":\"much\"}\n{\"command\":\"count\"}\n");
    pump();
    cr_expect_eq(calls, 0, "its first answer waits");
    say(other, "{\"command\":\"count\"}\n");
    pump();
    cr_expect_str_eq(heard(other), "{\"ok\":true,\"result\":{\"call\":1}}\n");
    close(stuck);
    close(other);
    pump();
}

Test(control, of_too_many_the_one_that_was_silent_longest_is_closed)
{
    int fd[CONTROL_CLIENTS_MAX + 1];

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        fd[i] = client();
    pump();
    say(fd[0], "{\"command\":\"count\"}\n");
    pump();
    cr_expect(strstr(heard(fd[0]), "\"call\":1"));
    fd[CONTROL_CLIENTS_MAX] = client();
    say(fd[CONTROL_CLIENTS_MAX], "{\"command\":\"count\"}\n");
    pump();
    cr_expect(strstr(heard(fd[CONTROL_CLIENTS_MAX]), "\"call\":2"));
    cr_expect_str_eq(heard(fd[1]), "END");
    cr_expect_str_eq(heard(fd[0]), "");
    cr_expect_str_eq(heard(fd[2]), "");
    for (size_t i = 0; i <= CONTROL_CLIENTS_MAX; i++)
        close(fd[i]);
    pump();
}
