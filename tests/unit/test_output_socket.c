/* The socket output with its readers as processes: who keeps up gets every line, who does not costs
 * its own lines alone. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/output.h"

enum { LINES = 10000, LINES_A_TICK = 20, LINE = 300, QUEUE = 4096 };

struct scene {
    char folder[32], path[64];
    struct config config;
    struct loop *loop;
    struct outputs *outputs;
    struct loop_watch *tick;
    unsigned emitted;
    size_t readers; /* to wait for */
    pid_t victim;   /* to be killed half-way; 0: nobody */
};

static struct output_counts counts_of(const struct scene *scene)
{
    struct output_stats stats[CONFIG_OUTPUTS_MAX];

    outputs_stats(scene->outputs, stats);
    return stats[0].counts;
}

static void scene_init(struct scene *scene, int (*inherited)(const char *path))
{
    struct config_output *output;
    struct output_context context = {.inherited = inherited};
    struct da3d_error error = {""};

    memset(scene, 0, sizeof *scene);
    strcpy(scene->folder, "/tmp/da3dd-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(scene->folder));
    snprintf(scene->path, sizeof scene->path, "%s/scores.sock", scene->folder);
    config_init(&scene->config);
    output = config_add_output(&scene->config, "socket");
    output->path = strdup(scene->path);
    output->queue = QUEUE;
    scene->loop = context.loop = loop_new();
    scene->outputs = outputs_open(&scene->config, &context, &error);
    cr_assert_not_null(scene->outputs, "%s", error.text);
}

static void scene_clear(struct scene *scene)
{
    outputs_close(scene->outputs);
    loop_free(scene->loop);
    config_clear(&scene->config);
    unlink(scene->path);
    cr_expect_eq(rmdir(scene->folder), 0, "nothing is left behind");
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

typedef int reader_life(int fd); /* returns an exit status */

static pid_t reader_start(const struct scene *scene, reader_life *life)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(life(connect_to(scene->path)));
    return pid;
}

/* Reads to the end. 0 if these are all lines in order from the first that it has seen. */
static int reads_everything(int fd)
{
    FILE *stream = fdopen(fd, "r");
    char line[LINE + 2];
    unsigned expected = 0;

    while (fgets(line, sizeof line, stream)) {
        if (strlen(line) != LINE || strtoul(line, NULL, 10) != expected)
            return 1;
        expected++;
    }
    return expected == LINES ? 0 : 2;
}

static int never_reads(int fd)
{
    (void)fd;
    pause();
    return 0;
}

static int reads_a_byte_a_second(int fd)
{
    char byte;

    while (read(fd, &byte, 1) == 1)
        sleep(1);
    return 0;
}

static void stop_when_all_have_come(void *ctx)
{
    struct scene *scene = ctx;

    if (counts_of(scene).readers == scene->readers)
        loop_stop(scene->loop);
}

static void run_with(struct scene *scene, loop_call *tick)
{
    scene->tick = loop_timer(scene->loop, 1, tick, scene);
    loop_run(scene->loop);
    loop_unwatch(scene->tick);
}

static void wait_for_readers(struct scene *scene, size_t readers)
{
    scene->readers = readers;
    run_with(scene, stop_when_all_have_come);
}

static void emit(struct scene *scene)
{
    char line[LINE + 1];

    memset(line, 'x', LINE);
    line[LINE - 1] = '\n';
    line[snprintf(line, 12, "%u ", scene->emitted++)] = 'x';
    outputs_emit(scene->outputs, &(struct output_event){OUTPUT_SCORE, line, LINE, NULL});
}

static void emit_some(void *ctx)
{
    struct scene *scene = ctx;

    for (unsigned i = 0; i < LINES_A_TICK; i++)
        emit(scene);
    if (scene->emitted == LINES / 2 && scene->victim)
        kill(scene->victim, SIGKILL);
    if (scene->emitted == LINES)
        loop_stop(scene->loop);
}

static int status_of(pid_t pid)
{
    int status;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Test(output_socket, five_of_eight_readers_get_every_line)
{
    struct scene scene;
    pid_t good[5], never, slow;
    struct output_counts counts;
    size_t before;

    scene_init(&scene, NULL);
    for (size_t i = 0; i < 5; i++)
        good[i] = reader_start(&scene, reads_everything);
    never = reader_start(&scene, never_reads);
    slow = reader_start(&scene, reads_a_byte_a_second);
    scene.victim = reader_start(&scene, reads_everything);
    wait_for_readers(&scene, 8);
    before = mallinfo2().uordblks;
    run_with(&scene, emit_some);
    counts = counts_of(&scene);
    cr_expect_eq(counts.readers, 7, "the killed one is gone");
    cr_expect_gt(counts.dropped, LINES / 2, "two are stuck");
    cr_expect_leq(mallinfo2().uordblks - before, (size_t)QUEUE * (LINE + 16) + 65536,
                  "one backlog for all");
    kill(never, SIGSTOP);
    outputs_close(scene.outputs);
    scene.outputs = NULL;
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(status_of(good[i]), 0, "reader %zu", i);
    cr_expect_eq(status_of(scene.victim), -SIGKILL);
    kill(never, SIGKILL);
    kill(slow, SIGKILL);
    cr_expect_eq(status_of(never), -SIGKILL);
    cr_expect_eq(status_of(slow), -SIGKILL);
    scene_clear(&scene);
}

static void emit_one_and_stop(void *ctx)
{
    struct scene *scene = ctx;

    emit(scene);
    loop_stop(scene->loop);
}

Test(output_socket, who_comes_late_gets_the_lines_from_then_on)
{
    struct scene scene;
    char line[2 * LINE];
    int fd;

    scene_init(&scene, NULL);
    run_with(&scene, emit_one_and_stop);
    fd = connect_to(scene.path);
    wait_for_readers(&scene, 1);
    run_with(&scene, emit_one_and_stop);
    outputs_close(scene.outputs);
    scene.outputs = NULL;
    cr_expect_eq(read(fd, line, sizeof line), LINE, "one line");
    cr_expect_eq(strtoul(line, NULL, 10), 1, "the second");
    cr_expect_eq(read(fd, line, sizeof line), 0);
    close(fd);
    scene_clear(&scene);
}

Test(output_socket, who_finds_no_room_waits_for_it)
{
    enum { READERS = 280, ROOM = 256 };
    struct scene scene;
    int fds[READERS];

    scene_init(&scene, NULL);
    for (size_t i = 0; i < READERS; i++) {
        fds[i] = connect_to(scene.path);
        cr_assert_geq(fds[i], 0);
        if (i % 32 == 0 && i < ROOM)
            wait_for_readers(&scene, i + 1);
    }
    wait_for_readers(&scene, ROOM);
    for (size_t i = 0; i < READERS / 2; i++)
        close(fds[i]);
    wait_for_readers(&scene, READERS - READERS / 2);
    for (size_t i = READERS / 2; i < READERS; i++)
        close(fds[i]);
    wait_for_readers(&scene, 0);
    scene_clear(&scene);
}

Test(output_socket, a_burst_beyond_the_queue_reaches_who_has_room_for_it)
{
    struct scene scene;
    pid_t reader;

    scene_init(&scene, NULL);
    for (unsigned i = 0; i < 3; i++)
        emit(&scene); /* nobody listens: nothing is kept */
    reader = reader_start(&scene, never_reads);
    wait_for_readers(&scene, 1);
    for (unsigned i = 0; i < QUEUE + 100; i++)
        emit(&scene);
    cr_expect_eq(counts_of(&scene).dropped, 0);
    kill(reader, SIGKILL);
    status_of(reader);
    wait_for_readers(&scene, 0);
    cr_expect_eq(counts_of(&scene).written + counts_of(&scene).dropped, QUEUE + 100,
                 "what waited for it is dropped with it");
    scene_clear(&scene);
}

Test(output_socket, the_socket_has_its_permissions_and_is_removed_at_the_end)
{
    struct scene scene;
    struct stat status;

    scene_init(&scene, NULL);
    cr_expect_eq(stat(scene.path, &status), 0);
    cr_expect(S_ISSOCK(status.st_mode));
    cr_expect_eq(status.st_mode & 07777, 0660);
    outputs_close(scene.outputs);
    scene.outputs = NULL;
    cr_expect_neq(stat(scene.path, &status), 0);
    scene_clear(&scene);
}

static int inherited_fd;

static int give_inherited(const char *path)
{
    (void)path;
    return inherited_fd;
}

Test(output_socket, an_inherited_socket_is_served_and_left_where_it_is)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX,
                                  .sun_path = "/tmp/da3dd-unit-inherited.sock"};
    struct scene scene;
    struct stat status;
    int fd;

    unlink(address.sun_path);
    inherited_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(inherited_fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(inherited_fd, 8), 0);
    scene_init(&scene, give_inherited);
    fd = connect_to(address.sun_path);
    cr_assert_geq(fd, 0);
    wait_for_readers(&scene, 1);
    close(fd);
    wait_for_readers(&scene, 0);
    scene_clear(&scene);
    cr_expect_eq(stat(address.sun_path, &status), 0);
    unlink(address.sun_path);
}
