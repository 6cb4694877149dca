/* The file output: appends, survives rotation and a full disk, and refuses what is no file. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/output.h"

static char folder[32], path[64], rotated[72];
static struct config config;
static struct loop *loop;
static struct outputs *outputs;

/* Returns the outputs, or NULL with *error. */
static struct outputs *open_at(const char *at, const char *group, struct da3d_error *error)
{
    struct config_output *output;

    config_init(&config);
    output = config_add_output(&config, "file");
    output->path = at ? strdup(at) : NULL;
    output->group = group ? strdup(group) : NULL;
    return outputs_open(&config, &(struct output_context){.loop = loop}, error);
}

static void setup(void)
{
    strcpy(folder, "/tmp/da3dd-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/events.json", folder);
    snprintf(rotated, sizeof rotated, "%s.1", path);
    loop = loop_new();
}

static void teardown(void)
{
    outputs_close(outputs);
    loop_free(loop);
    config_clear(&config);
    unlink(path);
    unlink(rotated);
    cr_expect_eq(rmdir(folder), 0);
}

TestSuite(output_file, .init = setup, .fini = teardown);

static void open_output(void)
{
    struct da3d_error error = {""};

    outputs = open_at(path, NULL, &error);
    cr_assert_not_null(outputs, "%s", error.text);
}

static void emit(const char *line)
{
    outputs_emit(outputs, &(struct output_event){OUTPUT_SCORE, line, strlen(line), NULL});
}

static struct output_counts counts(void)
{
    struct output_stats stats[CONFIG_OUTPUTS_MAX];

    cr_assert_eq(outputs_stats(outputs, stats), 1);
    cr_expect_str_eq(stats[0].type, "file");
    cr_expect_str_eq(stats[0].path, path);
    return stats[0].counts;
}

static void expect_content(const char *of, const char *expected)
{
    char text[256] = "";
    FILE *file = fopen(of, "r");

    cr_assert_not_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    cr_expect_str_eq(text, expected);
}

Test(output_file, appends_to_a_file_with_its_permissions)
{
    struct stat status;

    umask(0);
    open_output();
    emit("1\n");
    outputs_close(outputs);
    cr_expect_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0640);
    chmod(path, 0600);
    config_clear(&config);
    open_output();
    emit("2\n");
    cr_expect_eq(counts().written, 1);
    cr_expect_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0600, "who has made it decides");
    expect_content(path, "1\n2\n");
}

Test(output_file, goes_on_in_a_new_file_after_rotation)
{
    open_output();
    emit("1\n");
    cr_assert_eq(rename(path, rotated), 0);
    emit("2\n");
    outputs_reopen(outputs);
    emit("3\n");
    expect_content(rotated, "1\n2\n");
    expect_content(path, "3\n");
    cr_expect_eq(counts().written, 3);
}

Test(output_file, keeps_the_old_file_where_a_new_one_cannot_be_opened)
{
    open_output();
    cr_assert_eq(rename(path, rotated), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    outputs_reopen(outputs);
    emit("1\n");
    expect_content(rotated, "1\n");
    rmdir(path);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* A file size limit stands for a full disk: it too lets half a line through. */
Test(output_file, a_full_disk_costs_whole_lines_and_is_over_when_it_is)
{
    open_output();
    signal(SIGXFSZ, SIG_IGN);
    emit("first line\n");
    limit_file_size(15);
    emit("second line\n");
    emit("third line\n");
    cr_expect_eq(counts().written, 1);
    cr_expect_eq(counts().dropped, 2);
    expect_content(path, "first line\n");
    limit_file_size(RLIM_INFINITY);
    emit("fourth line\n");
    expect_content(path, "first line\nfourth line\n");
    cr_expect_eq(counts().written, 2);
}

static void expect_refused(const char *at, const char *group, const char *says)
{
    struct da3d_error error = {""};

    cr_expect_null(open_at(at, group, &error));
    cr_expect(strstr(error.text, says), "%s", error.text);
    config_clear(&config);
}

Test(output_file, what_is_no_file_is_refused)
{
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_refused(path, NULL, "events.json: ");
    expect_refused("/dev/null", NULL, "/dev/null: not a regular file");
    expect_refused(folder, NULL, ": Is a directory");
    expect_refused("/nowhere/events.json", NULL, "/nowhere/events.json: No such file");
    expect_refused(NULL, NULL, "needs a path");
    unlink(path);
    expect_refused(path, "no-such-group", "group 'no-such-group'");
    cr_expect_eq(access(path, F_OK), -1);
    outputs = NULL;
    config_init(&config);
}
