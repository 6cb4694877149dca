/* store.h - model files on disk: core's bytes followed by their SHA-256. See da3dd-model(5). */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include "core/da3d.h"

enum { STORE_DIGEST = 32 };

struct stored_model {
    struct da3d_model *model;     /* owned */
    uint8_t digest[STORE_DIGEST]; /* names the model in events */
};

/* Writes beside path, syncs, renames: path holds the old model or the whole new one at any moment.
 * digest: set on success. Returns 0, or -1 with *error: path is untouched, unless *error says that
 * it was written and only its folder could not be synced. */
int store_save(const char *path, const struct da3d_model *model, uint8_t digest[STORE_DIGEST],
               struct da3d_error *error);

/* Reads and verifies. Returns 0 and the caller's *out, or -1 with *error. */
int store_load(const char *path, struct stored_model *out, struct da3d_error *error);
/* Copies the file as store_save() writes one. Returns 0, or -1 with *error. */
int store_copy(const char *from, const char *to, struct da3d_error *error);

/* The digest that a model file says to have; it is verified when the model is loaded. Returns 0, or
 * -1 with *error. */
int store_digest(const char *path, uint8_t digest[STORE_DIGEST], struct da3d_error *error);

void store_clear(struct stored_model *stored);

#endif
