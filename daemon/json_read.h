/* json_read.h - values out of JSON objects by path: keys with dots between them, "flow.age". What
 * is not there is nothing: NULL, "", 0, false. */
#ifndef DAEMON_JSON_READ_H
#define DAEMON_JSON_READ_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* object: NULL: nothing is there. Borrowed. */
struct json_object *json_at(struct json_object *object, const char *path);
const char *json_text(struct json_object *object, const char *path); /* borrowed; numbers too */
int64_t json_count(struct json_object *object, const char *path);
double json_number(struct json_object *object, const char *path);
bool json_flag(struct json_object *object, const char *path);

#endif
