/* control.h - the operator's socket: one request line in, one answer line out, as often as a client
 * likes. An answer is {"ok":true,"result":{...}} or {"ok":false,"error":"..."}.
 *
 * Everything is bounded, and nobody is waited for: a client that does not read its answer is not
 * read from; where there are too many, the one that has been silent longest is closed. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <json-c/json.h>

#include "loop.h"
#include "permissions.h"
#include "request.h"

enum { CONTROL_CLIENTS_MAX = 16 };

struct control_command {
    const char *name;
    unsigned takes; /* a set of enum request_field */
    bool changes;   /* something: who asked for it is logged */
    /* Fills result, an empty object. Returns 0, or -1 with *error: result is thrown away. */
    int (*call)(void *ctx, const struct request *request, struct json_object *result,
                struct da3d_error *error);
};

struct control_config {
    int inherited;    /* a socket that listens already, taken over; -1: none */
    const char *path; /* else of the one that is made; borrowed for the call */
    struct permissions permissions;
    const struct control_command *commands; /* borrowed, with ctx, while the control lives */
    size_t n_commands;
    void *ctx;
};

struct control;

/* Returns NULL with *error. */
struct control *control_open(const struct control_config *config, struct loop *loop,
                             struct da3d_error *error);
void control_close(struct control *control); /* NULL-safe; removes the socket */

#endif
