#include "history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "whole_file.h"

enum { NAME_TIME = sizeof "20261125T123701Z-" - 1, NAME_DIGEST = 4, TRAIL_MAX = 64 };
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

/* "20261125T123701Z-0123abcd": no other word can lead to a file. */
static bool is_name(const char *name)
{
    if (strlen(name) != HISTORY_NAME - 1 || name[8] != 'T' || name[15] != 'Z' || name[16] != '-')
        return false;
    return strspn(name, "0123456789") == 8 && strspn(name + 9, "0123456789") == 6 &&
           strspn(name + NAME_TIME, "0123456789abcdef") == 2 * NAME_DIGEST;
}

/* The start of a file's name, as long as a model's. */
static void cut_name(const char *file, char name[HISTORY_NAME])
{
    snprintf(name, HISTORY_NAME, "%.*s", HISTORY_NAME - 1, file);
}

static void digest_text(const uint8_t digest[STORE_DIGEST], char out[2 * NAME_DIGEST + 1])
{
    sodium_bin2hex(out, 2 * NAME_DIGEST + 1, digest, NAME_DIGEST);
}

/* The start of the live model's digest; "" where there is none. */
static void live_digest(const struct history *history, char out[2 * NAME_DIGEST + 1])
{
    uint8_t digest[STORE_DIGEST];
    struct da3d_error error;

    *out = '\0';
    if (store_digest(history->live, digest, &error) == 0)
        digest_text(digest, out);
}

static bool has_digest(const char *name, const char *digest)
{
    return strcmp(name + NAME_TIME, digest) == 0;
}

/* scandir(3)'s: the models' files. */
static int is_model_file(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name), suffix = strlen(model_suffix);
    char name[HISTORY_NAME];

    if (length != HISTORY_NAME - 1 + suffix)
        return 0;
    cut_name(entry->d_name, name);
    return is_name(name) && strcmp(entry->d_name + length - suffix, model_suffix) == 0;
}

static int compare_newest_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

/* entries: freed. */
static struct history_model *models_of(struct dirent **entries, size_t n, const char *live)
{
    struct history_model *models = calloc(n + 1, sizeof *models);

    for (size_t i = 0; i < n; i++) {
        if (models) {
            cut_name(entries[i]->d_name, models[i].name);
            models[i].live = has_digest(models[i].name, live);
        }
        free(entries[i]);
    }
    free(entries);
    return models;
}

int history_list(const struct history *history, struct history_model **out, size_t *n,
                 struct da3d_error *error)
{
    char live[2 * NAME_DIGEST + 1];
    struct dirent **entries = NULL;
    int found = scandir(history->folder, &entries, is_model_file, compare_newest_first);

    if (found < 0 && errno != ENOENT)
        return da3d_fail(error, "%s: %s", history->folder, strerror(errno));
    live_digest(history, live);
    *n = found > 0 ? (size_t)found : 0;
    *out = models_of(entries, *n, live);
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

/* Names of models that went live, oldest first. */
struct trail {
    char name[TRAIL_MAX + 1][HISTORY_NAME];
    size_t n;
};

static void trail_add(struct trail *trail, const char *name)
{
    if (trail->n == TRAIL_MAX)
        memmove(trail->name[0], trail->name[1], --trail->n * sizeof trail->name[0]);
    strcpy(trail->name[trail->n++], name);
}

/* Without a file it is empty; lines that are no names are passed over. */
static void trail_read(const struct history *history, struct trail *trail)
{
    char path[HISTORY_PATH], line[HISTORY_NAME + 1];
    FILE *file;

    trail->n = 0;
    history_path(history, "promoted", "", path);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (is_name(line))
            trail_add(trail, line);
    }
    if (file)
        fclose(file);
}

static int trail_write(const struct history *history, const struct trail *trail,
                       struct da3d_error *error)
{
    struct file_part parts[2 * TRAIL_MAX];
    char path[HISTORY_PATH];

    for (size_t i = 0; i < trail->n; i++) {
        parts[2 * i] = (struct file_part){trail->name[i], HISTORY_NAME - 1};
        parts[2 * i + 1] = (struct file_part){"\n", 1};
    }
    history_path(history, "promoted", "", path);
    return whole_file_replace(path, parts, 2 * trail->n, error);
}

/* Forgets what is behind the live model. It has none of them where that was put there by hand. */
static void trail_cut(struct trail *trail, const char *live)
{
    while (trail->n > 0 && !has_digest(trail->name[trail->n - 1], live))
        trail->n--;
}

bool history_has(const struct history *history, const char *name)
{
    char path[HISTORY_PATH];

    if (!is_name(name))
        return false;
    history_path(history, name, model_suffix, path);
    return access(path, R_OK) == 0;
}

int history_previous(const struct history *history, char name[HISTORY_NAME],
                     struct da3d_error *error)
{
    char live[2 * NAME_DIGEST + 1];
    struct trail trail;

    live_digest(history, live);
    trail_read(history, &trail);
    trail_cut(&trail, live);
    while (trail.n > 0 && (has_digest(trail.name[trail.n - 1], live) ||
                           !history_has(history, trail.name[trail.n - 1])))
        trail.n--;
    if (trail.n == 0)
        return da3d_fail(error, "there is no model that was live before");
    strcpy(name, trail.name[trail.n - 1]);
    return 0;
}

/* The newest of that digest. Returns false if there is none. */
static bool find_digest(const struct history *history, const char *digest, char name[HISTORY_NAME])
{
    struct history_model *models;
    struct da3d_error error;
    bool found = false;
    size_t n;

    if (history_list(history, &models, &n, &error) < 0)
        return false;
    for (size_t i = 0; i < n && !found; i++) {
        found = has_digest(models[i].name, digest);
        strcpy(name, models[i].name);
    }
    free(models);
    return found;
}

/* A model that is trained to the last bit alike keeps its name. */
static void name_of(const struct history *history, const uint8_t digest[STORE_DIGEST], time_t at,
                    char name[HISTORY_NAME])
{
    char text[2 * NAME_DIGEST + 1];
    struct tm tm;

    digest_text(digest, text);
    if (find_digest(history, text, name))
        return;
    gmtime_r(&at, &tm);
    strftime(name, HISTORY_NAME, "%Y%m%dT%H%M%SZ-", &tm);
    strcpy(name + NAME_TIME, text);
}

static void candidate_path(const struct history *history, char path[HISTORY_PATH])
{
    history_path(history, WHOLE_FILE_TEMPORARY "candidate", model_suffix, path);
}

/* The model that waits in the folder as the candidate gets its name. The report comes first: what
 * is listed has one. */
static int enter(const struct history *history, const uint8_t digest[STORE_DIGEST],
                 struct json_object *report, char name[HISTORY_NAME], struct da3d_error *error)
{
    char candidate[HISTORY_PATH], path[HISTORY_PATH],
        id[sizeof "sha256:" + 2 * NAME_DIGEST] = "sha256:";

    digest_text(digest, id + strlen("sha256:"));
    json_add_string(report, "name", name);
    json_add_string(report, "id", id);
    history_path(history, name, model_suffix, path);
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
        char name[HISTORY_NAME];

        cut_name(file, name);
        if (strncmp(file, WHOLE_FILE_TEMPORARY, strlen(WHOLE_FILE_TEMPORARY)) == 0)
            remove_file(history, file, "");
        else if (is_name(name) && strcmp(file + strlen(name), report_suffix) == 0 &&
                 !history_has(history, name))
            remove_file(history, file, "");
    }
    if (folder)
        closedir(folder);
}

/* Best effort: what stays is removed the next time. added: stays, too, whatever the clock says. */
static void prune(const struct history *history, size_t keep, const char *added)
{
    struct history_model *models;
    char previous[HISTORY_NAME] = "";
    struct da3d_error error;
    size_t n;

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
                struct json_object *report, size_t keep, char name[HISTORY_NAME],
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
static int adopt(const struct history *history, char name[HISTORY_NAME], struct da3d_error *error)
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
    char live[2 * NAME_DIGEST + 1], known[HISTORY_NAME];
    struct trail trail;

    live_digest(history, live);
    trail_read(history, &trail);
    trail_cut(&trail, live);
    if (trail.n == 0 && *live) {
        if (!find_digest(history, live, known) && adopt(history, known, error) < 0)
            return -1;
        trail_add(&trail, known);
    }
    if (trail.n == 0 || strcmp(trail.name[trail.n - 1], name) != 0)
        trail_add(&trail, name);
    return trail_write(history, &trail, error);
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

    history_path(history, name, model_suffix, path);
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
    char name[HISTORY_NAME];
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
