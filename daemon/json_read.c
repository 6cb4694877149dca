#include "json_read.h"

#include <stdio.h>
#include <string.h>

static struct json_object *get(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, key, &value);
    return value;
}

struct json_object *json_at(struct json_object *object, const char *path)
{
    char key[32];

    while (object && *path) {
        const size_t length = strcspn(path, ".");

        snprintf(key, sizeof key, "%.*s", (int)length, path);
        object = get(object, key);
        path += length + (path[length] == '.');
    }
    return object;
}

const char *json_text(struct json_object *object, const char *path)
{
    struct json_object *value = json_at(object, path);

    return value ? json_object_get_string(value) : "";
}

int64_t json_count(struct json_object *object, const char *path)
{
    return json_object_get_int64(json_at(object, path));
}

double json_number(struct json_object *object, const char *path)
{
    return json_object_get_double(json_at(object, path));
}

bool json_flag(struct json_object *object, const char *path)
{
    return json_object_get_boolean(json_at(object, path));
}
