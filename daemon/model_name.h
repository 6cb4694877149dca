/* model_name.h - what models of the history are called: by when they were added and the start of
 * their digest, "20261125T123701Z-0123abcd". */
#ifndef DAEMON_MODEL_NAME_H
#define DAEMON_MODEL_NAME_H

#include <stdbool.h>

#include "store.h"

enum {
    MODEL_NAME = sizeof "20261125T123701Z-0123abcd",
    MODEL_NAME_TIME = sizeof "20261125T123701Z-" - 1, /* characters before the digest */
    MODEL_NAME_DIGEST = sizeof "0123abcd",
};

/* Is it one? Any other word could lead out of the folder. */
bool model_name_valid(const char *name);

/* A digest as names have it. */
void model_name_digest(const uint8_t digest[STORE_DIGEST], char out[MODEL_NAME_DIGEST]);

/* name: valid. */
bool model_name_has(const char *name, const char digest[MODEL_NAME_DIGEST]);

#endif
