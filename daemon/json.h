/* json.h - values into JSON objects, each written the same way everywhere. What json-c has no
 * memory for is left out. */
#ifndef DAEMON_JSON_H
#define DAEMON_JSON_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

void json_add_string(struct json_object *object, const char *key, const char *value);
void json_add_int(struct json_object *object, const char *key, uint64_t value);
struct json_object *json_new_number(double value); /* of 9 digits; finite */
void json_add_number(struct json_object *object, const char *key, double value); /* the same */
void json_add_flag(struct json_object *object, const char *key, int value);

/* ns: since the epoch; written as text_time() does. */
void json_add_time(struct json_object *object, const char *key, int64_t ns);

/* The object on one line with its newline: malloc'd, the caller's, and its *length; NULL with
 * errno. */
char *json_line(struct json_object *object, size_t *length);

#endif
