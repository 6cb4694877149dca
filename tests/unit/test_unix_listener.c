/* A socket's path: taken where it is free or stale, refused where it is not. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/unix_listener.h"

static const struct permissions permissions = {.mode = 0640, .gid = (gid_t)-1};
static char folder[32], path[64];

static void setup(void)
{
    strcpy(folder, "/tmp/da3dd-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.sock", folder);
}

static void teardown(void)
{
    unlink(path);
    cr_expect_eq(rmdir(folder), 0, "nothing else is left behind");
}

TestSuite(unix_listener, .init = setup, .fini = teardown);

static void expect_refused(const char *at, const char *says)
{
    struct unix_listener listener;
    struct da3d_error error = {""};

    cr_expect_eq(unix_listener_open(&listener, at, &permissions, &error), -1);
    cr_expect(strstr(error.text, says), "%s", error.text);
}

static void expect_opened(struct unix_listener *listener)
{
    struct da3d_error error = {""};

    cr_assert_eq(unix_listener_open(listener, path, &permissions, &error), 0, "%s", error.text);
}

Test(unix_listener, a_socket_that_nobody_listens_on_is_replaced)
{
    struct unix_listener killed, listener;
    struct stat status;

    expect_opened(&killed);
    close(killed.fd); /* as a kill would */
    expect_opened(&listener);
    cr_expect_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0640);
    unix_listener_close(&listener);
    cr_expect_eq(stat(path, &status), -1);
}

Test(unix_listener, what_a_kill_left_half_done_does_not_matter)
{
    struct unix_listener listener;
    char beside[80];

    snprintf(beside, sizeof beside, "%s.new", path);
    close(open(beside, O_CREAT | O_WRONLY, 0600));
    expect_opened(&listener);
    cr_expect_eq(access(beside, F_OK), -1);
    unix_listener_close(&listener);
}

Test(unix_listener, a_socket_in_use_is_refused_and_goes_on)
{
    struct unix_listener listener;
    int fd;

    expect_opened(&listener);
    expect_refused(path, "another process listens on this socket");
    fd = unix_listener_accept(&listener); /* the question itself */
    cr_expect_geq(fd, 0);
    close(fd);
    cr_expect_eq(unix_listener_accept(&listener), -1);
    cr_expect_eq(errno, EAGAIN);
    unix_listener_close(&listener);
}

Test(unix_listener, anything_else_is_refused_and_kept)
{
    struct stat status;

    close(open(path, O_CREAT | O_WRONLY, 0600));
    expect_refused(path, "exists and is not a socket");
    cr_expect_eq(stat(path, &status), 0);
    cr_expect(S_ISREG(status.st_mode));
}

Test(unix_listener, another_ones_socket_is_not_removed)
{
    struct unix_listener first, second;
    struct stat status;

    expect_opened(&first);
    unlink(path);
    expect_opened(&second);
    unix_listener_close(&first);
    cr_expect_eq(stat(path, &status), 0);
    unix_listener_close(&second);
}

Test(unix_listener, paths_that_cannot_be_are_refused)
{
    char too_long[200];

    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    expect_refused(too_long, "too long for a socket's path");
    expect_refused("", "too long for a socket's path");
    expect_refused("/nowhere/at/all.sock", "No such file or directory");
}

Test(unix_listener, a_group_that_is_not_there_is_named)
{
    struct permissions out;
    struct da3d_error error = {""};

    cr_expect_eq(permissions_init(&out, 0660, "no-such-group", &error), -1);
    cr_expect(strstr(error.text, "group 'no-such-group': there is none"), "%s", error.text);
    cr_expect_eq(permissions_init(&out, 0660, "root", &error), 0);
    cr_expect_eq(out.gid, 0);
}
