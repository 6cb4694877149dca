/* history.h - the models of the past and those that may come, in a folder beside the live one:
 *
 *   20261125T123701Z-0123abcd.da3d   a model, by when it was added and the start of its digest
 *   20261125T123701Z-0123abcd.json   what is known of it: rows, figures, verdict
 *   promoted                         names of those that went live, oldest first, one a line
 *
 * The live model is a file of its own, a copy that is replaced as a whole: whatever happens, a
 * model that works is there. Which one is live is told by its digest. */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>

#include "model_name.h"

enum { HISTORY_PATH = PATH_MAX + 272 /* with a file's name */ };

struct history {
    const char *live; /* path of the live model; borrowed */
    char folder[PATH_MAX];
};

/* folder: NULL: "models" beside the live model. Returns 0, or -1 with *error. */
int history_init(struct history *history, const char *live, const char *folder,
                 struct da3d_error *error);

/* Makes the folder, unless there is one. Returns 0, or -1 with *error. */
int history_make_folder(const struct history *history, struct da3d_error *error);

struct history_model {
    char name[MODEL_NAME];
    bool live;
};

/* Newest first, none where there is no folder. Returns 0 and the caller's malloc'd *out of *n, or
 * -1 with *error. */
int history_list(const struct history *history, struct history_model **out, size_t *n,
                 struct da3d_error *error);

/* path: of the model of that name, whether there is one or not. */
void history_model_path(const struct history *history, const char *name, char path[HISTORY_PATH]);

/* path: of another file of the folder, NAME and suffix. */
void history_path(const struct history *history, const char *name, const char *suffix,
                  char path[HISTORY_PATH]);

/* Is there a model of that name? Any word may be asked for. */
bool history_has(const struct history *history, const char *name);

/* What is known of a model; json-c's, the caller's; NULL: nothing. */
struct json_object *history_report(const struct history *history, const char *name);

/* What came of the last retraining, promotion or rollback: left there for the service, which looks
 * from time to time. Returns 0, or -1 with *error. */
int history_tell_outcome(const struct history *history, struct json_object *report,
                         struct da3d_error *error);

/* Tells one outcome from the next; all zero: there is none. */
struct history_stamp {
    uint64_t inode;
    int64_t s, ns; /* when it was written */
};
struct history_stamp history_outcome_stamp(const struct history *history);

/* json-c's, the caller's; NULL: there is none. */
struct json_object *history_outcome(const struct history *history);

/* The following change the folder, one process at a time: while another one does, they fail. Each
 * returns 0, or -1 with *error. */

/* Adds a model with its report, to which "name" and "id" are added; removes the oldest beyond keep,
 * but neither the live one nor the one before. */
int history_add(const struct history *history, const struct da3d_model *model,
                struct json_object *report, size_t keep, char name[MODEL_NAME],
                struct da3d_error *error);

/* Makes a model live. judged_against: digest of the model that must be live still; NULL: any. */
int history_promote(const struct history *history, const char *name, const uint8_t *judged_against,
                    struct da3d_error *error);

/* The model that was live before the live one. */
int history_previous(const struct history *history, char name[MODEL_NAME],
                     struct da3d_error *error);

/* Makes that one live again. */
int history_rollback(const struct history *history, struct da3d_error *error);

#endif
