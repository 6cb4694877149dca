/* The history of models: what is live, what was, what is kept, whatever lies in the folder. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/history.h"
#include "daemon/json.h"
#include "daemon/training_mark.h"
#include "daemon/whole_file.h"
#include "model_sample.h"

static char folder[] = "/tmp/da3dd-unit-XXXXXX";
static char live[64];
static struct history history;
static struct da3d_model *model[3];
static struct da3d_error error;

static void setup(void)
{
    uint8_t digest[STORE_DIGEST];
    double *rows = sample_rows(SAMPLE_ROWS, 1);

    cr_assert_not_null(mkdtemp(folder));
    snprintf(live, sizeof live, "%s/model.da3d", folder);
    for (uint64_t i = 0; i < 3; i++)
        model[i] = sample_model(rows, 1, i + 1);
    free(rows);
    cr_assert_eq(store_save(live, model[0], digest, &error), 0, "%s", error.text);
    cr_assert_eq(history_init(&history, live, NULL, &error), 0);
    cr_assert_eq(history_make_folder(&history, &error), 0, "%s", error.text);
}

static void remove_all(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char inner[512];

    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
            unlink(inner);
        }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void teardown(void)
{
    for (size_t i = 0; i < 3; i++)
        da3d_model_free(model[i]);
    remove_all(history.folder);
    remove_all(folder);
}

TestSuite(history, .init = setup, .fini = teardown);

static void add(const struct da3d_model *which, size_t keep, char name[MODEL_NAME])
{
    struct json_object *report = json_object_new_object();

    json_add_string(report, "verdict", "accepted");
    cr_assert_eq(history_add(&history, which, report, keep, name, &error), 0, "%s", error.text);
    json_object_put(report);
}

static size_t count(void)
{
    struct history_model *models;
    size_t n;

    cr_assert_eq(history_list(&history, &models, &n, &error), 0, "%s", error.text);
    free(models);
    return n;
}

/* Its name, "" if none of the history is live. */
static const char *live_name(void)
{
    static char name[MODEL_NAME];
    struct history_model *models;
    size_t n;

    *name = '\0';
    cr_assert_eq(history_list(&history, &models, &n, &error), 0, "%s", error.text);
    for (size_t i = 0; i < n; i++)
        if (models[i].live)
            strcpy(name, models[i].name);
    free(models);
    return name;
}

Test(history, is_empty_at_first)
{
    char name[MODEL_NAME];

    cr_expect_eq(count(), 0);
    cr_expect_str_eq(live_name(), "");
    cr_expect_eq(history_previous(&history, name, &error), -1);
    cr_expect_eq(history_rollback(&history, &error), -1);
    cr_expect_null(history_outcome(&history));
}

Test(history, goes_forth_and_back)
{
    char a[MODEL_NAME], b[MODEL_NAME], first[MODEL_NAME];

    add(model[1], 10, a);
    cr_expect_str_eq(live_name(), "");
    cr_assert_eq(history_promote(&history, a, NULL, &error), 0, "%s", error.text);
    cr_expect_str_eq(live_name(), a);
    cr_expect_eq(count(), 2); /* the one that was there has got its place */
    add(model[2], 10, b);
    cr_assert_eq(history_promote(&history, b, NULL, &error), 0, "%s", error.text);
    cr_expect_str_eq(live_name(), b);
    cr_assert_eq(history_rollback(&history, &error), 0, "%s", error.text);
    cr_expect_str_eq(live_name(), a);
    cr_assert_eq(history_rollback(&history, &error), 0, "%s", error.text);
    strcpy(first, live_name());
    cr_expect(*first && strcmp(first, a) != 0 && strcmp(first, b) != 0);
    cr_expect_eq(history_rollback(&history, &error), -1);
    cr_assert_eq(history_promote(&history, b, NULL, &error), 0, "%s", error.text);
    cr_assert_eq(history_rollback(&history, &error), 0, "%s", error.text);
    cr_expect_str_eq(live_name(), first);
}

Test(history, a_model_judged_against_another_one_stays_out)
{
    uint8_t digest[STORE_DIGEST] = {0};
    char a[MODEL_NAME];

    add(model[1], 10, a);
    cr_expect_eq(history_promote(&history, a, digest, &error), -1);
    cr_expect(strstr(error.text, "meanwhile"), "%s", error.text);
    cr_assert_eq(store_digest(live, digest, &error), 0);
    cr_expect_eq(history_promote(&history, a, digest, &error), 0, "%s", error.text);
}

Test(history, keeps_the_newest_the_live_one_and_the_one_before)
{
    char a[MODEL_NAME], b[MODEL_NAME];

    add(model[1], 1, a);
    cr_assert_eq(history_promote(&history, a, NULL, &error), 0, "%s", error.text);
    add(model[2], 1, b);
    add(model[2], 1, b); /* to the last bit the same */
    cr_expect_leq(count(), 3);
    cr_expect(history_has(&history, b));
    cr_assert_eq(history_promote(&history, b, NULL, &error), 0, "%s", error.text);
    add(model[2], 1, b);
    cr_expect_leq(count(), 3);
    cr_expect_str_eq(live_name(), b);
    cr_assert_eq(history_rollback(&history, &error), 0, "%s", error.text);
    cr_expect_str_eq(live_name(), a);
}

Test(history, other_files_are_no_models)
{
    static const char *const names[] = {"x.da3d", "20261125T123701Z-0123abcg.da3d",
                                        "20261125T123701Z-0123abcd.txt",
                                        "20261125X123701Z-0123abcd.da3d"};
    char path[HISTORY_PATH], a[MODEL_NAME];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        history_path(&history, names[i], "", path);
        fclose(fopen(path, "w"));
    }
    history_path(&history, WHOLE_FILE_TEMPORARY "torn", "", path);
    fclose(fopen(path, "w"));
    cr_expect_eq(count(), 0);
    add(model[1], 10, a);
    cr_expect_eq(count(), 1);
    cr_expect_eq(access(path, F_OK), -1, "what a crash has left is removed");
}

Test(history, no_word_leads_out_of_the_folder)
{
    static const char *const names[] = {"", "../model", "20261125T123701Z-0123ab/d", "x",
                                        "20261125T123701Z-0123abcd"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_expect_not(history_has(&history, names[i]), "%s", names[i]);
        cr_expect_eq(history_promote(&history, names[i], NULL, &error), -1, "%s", names[i]);
    }
}

Test(history, a_report_is_read_as_it_was_written)
{
    struct json_object *report, *value;
    char a[MODEL_NAME];

    add(model[1], 10, a);
    report = history_report(&history, a);
    cr_assert_not_null(report);
    cr_assert(json_object_object_get_ex(report, "name", &value));
    cr_expect_str_eq(json_object_get_string(value), a);
    json_object_put(report);
}

Test(history, outcomes_are_told_apart)
{
    struct json_object *report = json_object_new_object();
    struct history_stamp none = history_outcome_stamp(&history), one, other;

    cr_assert_eq(history_tell_outcome(&history, report, &error), 0, "%s", error.text);
    one = history_outcome_stamp(&history);
    cr_assert_eq(history_tell_outcome(&history, report, &error), 0, "%s", error.text);
    other = history_outcome_stamp(&history);
    cr_expect_neq(memcmp(&none, &one, sizeof one), 0);
    cr_expect_neq(memcmp(&one, &other, sizeof one), 0);
    json_object_put(report);
}

Test(history, one_retraining_at_a_time)
{
    struct training_progress progress = {.started_s = 1795000000, .fraction = 0.25}, seen;
    int fd;

    cr_expect_not(training_mark_read(&history, &seen));
    fd = training_mark_take(&history, &error);
    cr_assert_geq(fd, 0, "%s", error.text);
    training_mark_tell(fd, &progress);
    cr_expect(training_mark_read(&history, &seen));
    cr_expect_eq(seen.started_s, progress.started_s);
    cr_expect_float_eq(seen.fraction, 0.25, 1e-6);
    cr_expect_eq(training_mark_take(&history, &error), -1);
    close(fd);
    cr_expect_not(training_mark_read(&history, &seen), "a mark that nobody holds is none");
}
