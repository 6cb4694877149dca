/* request.h - what da3ddctl asks of the service: a command and its fields, as one line of JSON.
 *
 *   {"command":"suppress add","host":"192.0.2.7","port":443}
 *
 * The table of fields in request.c is all that da3ddctl and the service have to agree on. */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

enum { REQUEST_LINE_MAX = 4096, REQUEST_TEXT = 128, REQUEST_COMMAND = 32, REQUEST_LIMIT_MAX = 256 };

/* Bits of request.given and of what a command takes. */
enum request_field {
    REQUEST_HOST = 1 << 0,
    REQUEST_NETWORK = 1 << 1,
    REQUEST_PORT = 1 << 2,
    REQUEST_UNTIL = 1 << 3,
    REQUEST_ID = 1 << 4,
    REQUEST_SCORE = 1 << 5,
    REQUEST_LOGIT = 1 << 6,
    REQUEST_LIMIT = 1 << 7,
    REQUEST_NAME = 1 << 16,
    REQUEST_FLOW_ID = 1 << 8,
    REQUEST_AS = 1 << 9,
};

/* Fields that are not given are 0 or "". */
struct request {
    char command[REQUEST_COMMAND];
    unsigned given; /* a set of enum request_field */
    char host[REQUEST_TEXT], network[REQUEST_TEXT], until[REQUEST_TEXT];
    char as[REQUEST_TEXT];   /* what a flow is marked as */
    char name[REQUEST_TEXT]; /* of a model */
    uint32_t port, id;
    uint32_t limit;   /* rows of a table, up to REQUEST_LIMIT_MAX */
    uint64_t flow_id; /* of an event, 1 to 2^53 - 1 */
    double score;     /* in (0,1) */
    double logit;     /* finite */
};

/* line: length bytes without the newline; hostile. Returns 0, or -1 with *error: what was wrong. */
int request_parse(const char *line, size_t length, struct request *out, struct da3d_error *error);

/* One field from text, as it is typed: a share as 0.98 or 98%. A field is given once.
 * Returns 0, or -1 with *error. */
int request_set(struct request *request, const char *field, const char *text,
                struct da3d_error *error);

/* The line with its newline: malloc'd, the caller's, and its *length; NULL with errno. */
char *request_line(const struct request *request, size_t *length);

/* The name of one field. */
const char *request_field_name(enum request_field field);

#endif
