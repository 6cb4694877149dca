#include "history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "trail.h"
#include "whole_file.h"

enum { REPORT_MAX = 1 << 20, REPORT_NESTING = 16 };

static const char model_suffix[] = ".da3d", report_suffix[] = ".json", outcome_name[] = "outcome";

int history_init(struct history *history, const char *live, const char *folder,
                 struct da3d_error *error)
{
    char copy[PATH_MAX];
    int n;

    history->live = live;
    snprintf(copy, sizeof copy, "%s", live);
    n = folder ? snprintf(history->folder, PATH_MAX, "%s", folder)
               : snprintf(history->folder, PATH_MAX, "%s/models", dirname(copy));
    return n < PATH_MAX ? 0 : da3d_fail(error, "models.path: %s", strerror(ENAMETOOLONG));
}

int history_make_folder(const struct history *history, struct da3d_error *error)
{
    if (mkdir(history->folder, 0755) < 0 && errno != EEXIST)
        return da3d_fail(error, "%s: %s", history->folder, strerror(errno));
    return 0;
}

void history_path(const struct history *history, const char *name, const char *suffix,
                  char path[HISTORY_PATH])
{
    snprintf(path, HISTORY_PATH, "%s/%s%s", history->folder, name, suffix);
}

void history_model_path(const struct history *history, const char *name, char path[HISTORY_PATH])
{
    history_path(history, name, model_suffix, path);
}

/* The start of a file's name, as long as a model's. */
static void cut_name(const char *file, char name[MODEL_NAME])
{
    snprintf(name, MODEL_NAME, "%.*s", MODEL_NAME - 1, file);
}

/* The start of the live model's digest; "" where there is none. */
static void live_digest(const struct history *history, char out[MODEL_NAME_DIGEST])
{
    uint8_t digest[STORE_DIGEST];
    struct da3d_error error;

    *out = '\0';
    if (store_digest(history->live, digest, &error) == 0)
        model_name_digest(digest, out);
}

/* scandir(3)'s: the models' files. */
static int is_model_file(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name), suffix = strlen(model_suffix);
    char name[MODEL_NAME];

    if (length != MODEL_NAME - 1 + suffix)
        return 0;
    cut_name(entry->d_name, name);
    return model_name_valid(name) && strcmp(entry->d_name + length - suffix, model_suffix) == 0;
}

static int compare_newest_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

static void entry_init(struct history_model *model, const char *file, const char *live)
{
    cut_name(file, model->name);
    model->live = model_name_has(model->name, live);
}

int history_list(const struct history *history, struct history_model **out, size_t *n,
                 struct da3d_error *error)
{
    char live[MODEL_NAME_DIGEST];
    struct dirent **entries = NULL;
    int found = scandir(history->folder, &entries, is_model_file, compare_newest_first);

    *n = 0;
    *out = NULL;
    if (found < 0 && errno != ENOENT)
        return da3d_fail(error, "%s: %s", history->folder, strerror(errno));
    live_digest(history, live);
    *out = calloc((size_t)(found > 0 ? found : 0) + 1, sizeof **out);
    for (int i = 0; i < found; i++) {
        if (*out)
            entry_init(&(*out)[(*n)++], entries[i]->d_name, live);
        free(entries[i]);
    }
    free(entries);
    return *out ? 0 : da3d_fail(error, "%s", strerror(errno));
}

struct json_object *history_report(const struct history *history, const char *name)
{
    struct json_tokener *tokener = json_tokener_new_ex(REPORT_NESTING);
    struct json_object *report = NULL;
    char path[HISTORY_PATH];
    struct da3d_error error;
    uint8_t *text = NULL;
    size_t size;

    history_path(history, name, report_suffix, path);
    if (tokener)
        text = whole_file_read(path, REPORT_MAX, &size, &error);
    if (text)
        report = json_tokener_parse_ex(tokener, (const char *)text, (int)size);
    free(text);
    if (tokener)
        json_tokener_free(tokener);
    return report;
}

static int write_report(const struct history *history, const char *name, struct json_object *report,
                        struct da3d_error *error)
{
    char path[HISTORY_PATH];
    size_t size;
    char *line = json_line(report, &size);
    int rc;

    if (!line)
        return da3d_fail(error, "%s", strerror(errno));
    history_path(history, name, report_suffix, path);
    rc = whole_file_replace(path, &(struct file_part){line, size}, 1, error);
    free(line);
    return rc;
}

int history_tell_outcome(const struct history *history, struct json_object *report,
                         struct da3d_error *error)
{
    return write_report(history, outcome_name, report, error);
}

struct json_object *history_outcome(const struct history *history)
{
    return history_report(history, outcome_name);
}

struct history_stamp history_outcome_stamp(const struct history *history)
{
    char path[HISTORY_PATH];
    struct stat st;

    history_path(history, outcome_name, report_suffix, path);
    if (stat(path, &st) < 0)
        return (struct history_stamp){0};
    return (struct history_stamp){st.st_ino, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
}

/* Lets no other process change the folder until the descriptor is closed, which is returned; -1
 * with *error: one does. */
static int lock(const struct history *history, struct da3d_error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[HISTORY_PATH];
    int fd;

    history_path(history, ".lock", "", path);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &whole) == 0)
        return fd;
    if (fd < 0)
        return da3d_fail(error, "%s: %s", path, strerror(errno));
    close(fd);
    return da3d_fail(error, "another process is changing the models");
}

bool history_has(const struct history *history, const char *name)
{
    char path[HISTORY_PATH];

    if (!model_name_valid(name))
        return false;
    history_model_path(history, name, path);
    return access(path, R_OK) == 0;
}

int history_previous(const struct history *history, char name[MODEL_NAME], struct da3d_error *error)
{
    char live[MODEL_NAME_DIGEST], path[HISTORY_PATH];
    struct trail trail;

    live_digest(history, live);
    history_path(history, "promoted", "", path);
    trail_read(path, &trail);
    trail_cut(&trail, live);
    while (trail.n > 0 && (model_name_has(trail.name[trail.n - 1], live) ||
                           !history_has(history, trail.name[trail.n - 1])))
        trail.n--;
    if (trail.n == 0)
        return da3d_fail(error, "there is no model that was live before");
    strcpy(name, trail.name[trail.n - 1]);
    return 0;
}

/* The newest of that digest. Returns false if there is none. */
static bool find_digest(const struct history *history, const char *digest, char name[MODEL_NAME])
{
    struct history_model *models = NULL;
    struct da3d_error error;
    bool found = false;
    size_t n = 0;

    if (history_list(history, &models, &n, &error) < 0)
        return false;
    for (size_t i = 0; i < n && !found; i++) {
        found = model_name_has(models[i].name, digest);
        strcpy(name, models[i].name);
    }
    free(models);
    return found;
}

/* A model that is trained to the last bit alike keeps its name. */
static void name_of(const struct history *history, const uint8_t digest[STORE_DIGEST], time_t at,
                    char name[MODEL_NAME])
{
    char text[MODEL_NAME_DIGEST];
    struct tm tm;

    model_name_digest(digest, text);
    if (find_digest(history, text, name))
        return;
    gmtime_r(&at, &tm);
    strftime(name, MODEL_NAME, "%Y%m%dT%H%M%SZ-", &tm);
    strcpy(name + MODEL_NAME_TIME, text);
}

static void candidate_path(const struct history *history, char path[HISTORY_PATH])
{
    history_model_path(history, WHOLE_FILE_TEMPORARY "candidate", path);
}

/* The model that waits in the folder as the candidate gets its name. The report comes first: what
 * is listed has one. */
static int enter(const struct history *history, const uint8_t digest[STORE_DIGEST],
                 struct json_object *report, char name[MODEL_NAME], struct da3d_error *error)
{
    char candidate[HISTORY_PATH], path[HISTORY_PATH],
        id[sizeof "sha256:" + MODEL_NAME_DIGEST] = "sha256:";

    model_name_digest(digest, id + strlen("sha256:"));
    json_add_string(report, "name", name);
    json_add_string(report, "id", id);
    history_model_path(history, name, path);
    if (write_report(history, name, report, error) < 0)
        return -1;
    candidate_path(history, candidate);
    return whole_file_rename(candidate, path, error);
}

static void remove_file(const struct history *history, const char *name, const char *suffix)
{
    char path[HISTORY_PATH];

    history_path(history, name, suffix, path);
    unlink(path);
}

/* What crashes have left: files that were being written, reports without their models. */
static void sweep(const struct history *history)
{
    DIR *folder = opendir(history->folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        const char *file = entry->d_name;
        char name[MODEL_NAME];

        cut_name(file, name);
        if (strncmp(file, WHOLE_FILE_TEMPORARY, strlen(WHOLE_FILE_TEMPORARY)) == 0)
            remove_file(history, file, "");
        else if (model_name_valid(name) && strcmp(file + strlen(name), report_suffix) == 0 &&
                 !history_has(history, name))
            remove_file(history, file, "");
    }
    if (folder)
        closedir(folder);
}

/* Best effort: what stays is removed the next time. added: stays, too, whatever the clock says. */
static void prune(const struct history *history, size_t keep, const char *added)
{
    struct history_model *models = NULL;
    char previous[MODEL_NAME] = "";
    struct da3d_error error;
    size_t n = 0;

    history_previous(history, previous, &error);
    if (history_list(history, &models, &n, &error) < 0)
        return;
    for (size_t i = keep; i < n; i++)
        if (!models[i].live && strcmp(models[i].name, previous) != 0 &&
            strcmp(models[i].name, added) != 0) {
            remove_file(history, models[i].name, model_suffix);
            remove_file(history, models[i].name, report_suffix);
        }
    free(models);
    sweep(history);
}

int history_add(const struct history *history, const struct da3d_model *model,
                struct json_object *report, size_t keep, char name[MODEL_NAME],
                struct da3d_error *error)
{
    char candidate[HISTORY_PATH];
    uint8_t digest[STORE_DIGEST];
    int fd = lock(history, error);
    int rc;

    if (fd < 0)
        return -1;
    candidate_path(history, candidate);
    rc = store_save(candidate, model, digest, error);
    if (rc == 0) {
        name_of(history, digest, time(NULL), name);
        rc = enter(history, digest, report, name, error);
    }
    if (rc == 0)
        prune(history, keep, name);
    close(fd);
    return rc;
}

/* The live model, put there by hand, gets its place in the folder, to be found again. */
static int adopt(const struct history *history, char name[MODEL_NAME], struct da3d_error *error)
{
    struct json_object *report;
    char candidate[HISTORY_PATH];
    uint8_t digest[STORE_DIGEST];
    struct stat st;
    int rc;

    candidate_path(history, candidate);
    if (stat(history->live, &st) < 0)
        return da3d_fail(error, "%s: %s", history->live, strerror(errno));
    if (store_copy(history->live, candidate, error) < 0 ||
        store_digest(candidate, digest, error) < 0)
        return -1;
    report = json_object_new_object();
    json_add_string(report, "verdict", "adopted");
    name_of(history, digest, st.st_mtim.tv_sec, name);
    rc = enter(history, digest, report, name, error);
    json_object_put(report);
    return rc;
}

/* Leaves a trail that leads from the live model to the next. Without a live one it begins there. */
static int leave_trail(const struct history *history, const char *name, struct da3d_error *error)
{
    char live[MODEL_NAME_DIGEST], path[HISTORY_PATH], known[MODEL_NAME];
    struct trail trail;

    live_digest(history, live);
    history_path(history, "promoted", "", path);
    trail_read(path, &trail);
    trail_cut(&trail, live);
    if (trail.n == 0 && *live) {
        if (!find_digest(history, live, known) && adopt(history, known, error) < 0)
            return -1;
        trail_add(&trail, known);
    }
    if (trail.n == 0 || strcmp(trail.name[trail.n - 1], name) != 0)
        trail_add(&trail, name);
    return trail_write(path, &trail, error);
}

static int check_live(const struct history *history, const uint8_t *expected,
                      struct da3d_error *error)
{
    uint8_t digest[STORE_DIGEST];

    if (!expected)
        return 0;
    if (store_digest(history->live, digest, error) < 0)
        return -1;
    return memcmp(digest, expected, STORE_DIGEST) == 0
               ? 0
               : da3d_fail(error, "another model has become live meanwhile");
}

static int make_live(const struct history *history, const char *name, struct da3d_error *error)
{
    char path[HISTORY_PATH];

    history_model_path(history, name, path);
    return store_copy(path, history->live, error);
}

int history_promote(const struct history *history, const char *name, const uint8_t *judged_against,
                    struct da3d_error *error)
{
    int fd, rc;

    if (!history_has(history, name))
        return da3d_fail(error, "there is no model '%.64s'", name);
    fd = lock(history, error);
    if (fd < 0)
        return -1;
    rc = check_live(history, judged_against, error);
    if (rc == 0)
        rc = leave_trail(history, name, error);
    if (rc == 0)
        rc = make_live(history, name, error);
    close(fd);
    return rc;
}

int history_rollback(const struct history *history, struct da3d_error *error)
{
    char name[MODEL_NAME];
    int fd = lock(history, error);
    int rc;

    if (fd < 0)
        return -1;
    rc = history_previous(history, name, error);
    if (rc == 0)
        rc = make_live(history, name, error);
    close(fd);
    return rc;
}
