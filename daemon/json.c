#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void json_add_string(struct json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, json_object_new_string(value));
}

void json_add_int(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_uint64(value));
}

struct json_object *json_new_number(double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.9g", value);
    return json_object_new_double_s(value, text);
}

void json_add_number(struct json_object *object, const char *key, double value)
{
    json_object_object_add(object, key, json_new_number(value));
}

void json_add_flag(struct json_object *object, const char *key, int value)
{
    json_object_object_add(object, key, json_object_new_boolean(value));
}

void json_add_time(struct json_object *object, const char *key, int64_t ns)
{
    char text[TEXT_TIME];

    text_time(ns, text);
    json_add_string(object, key, text);
}

char *json_line(struct json_object *object, size_t *length)
{
    const char *text = json_object_to_json_string_length(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, length);
    char *line = text ? malloc(*length + 2) : NULL;

    if (line) {
        memcpy(line, text, *length);
        memcpy(line + *length, "\n", 2);
        (*length)++;
    }
    return line;
}
