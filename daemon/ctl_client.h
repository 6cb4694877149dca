/* ctl_client.h - asks the service one thing at a time. */
#ifndef DAEMON_CTL_CLIENT_H
#define DAEMON_CTL_CLIENT_H

#include <json-c/json.h>

#include "request.h"

/* Connects. Returns a socket, the caller's, or -1 with *error, which names path. */
int ctl_connect(const char *path, struct da3d_error *error);

/* Sends the request and waits for its answer. Returns the answer's result, json-c's, the caller's;
 * NULL with *error: what the service said, or what happened to it. */
struct json_object *ctl_ask(int fd, const struct request *request, struct da3d_error *error);

#endif
