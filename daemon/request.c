#include "request.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

enum { NESTING_MAX = 2 };

enum kind { TEXT, COUNT, FLOW_ID, SHARE, NUMBER };

static const double flow_id_end = 0x1p53;

struct field {
    const char *name;
    enum request_field bit;
    enum kind kind;
    size_t offset;     /* in struct request */
    uint32_t min, max; /* COUNT */
};

/* clang-format off */
static const struct field fields[] = {
    {"host", REQUEST_HOST, TEXT, offsetof(struct request, host), 0, 0},
    {"network", REQUEST_NETWORK, TEXT, offsetof(struct request, network), 0, 0},
    {"port", REQUEST_PORT, COUNT, offsetof(struct request, port), 1, UINT16_MAX},
    {"until", REQUEST_UNTIL, TEXT, offsetof(struct request, until), 0, 0},
    {"id", REQUEST_ID, COUNT, offsetof(struct request, id), 1, UINT32_MAX},
    {"score", REQUEST_SCORE, SHARE, offsetof(struct request, score), 0, 0},
    {"logit", REQUEST_LOGIT, NUMBER, offsetof(struct request, logit), 0, 0},
    {"name", REQUEST_NAME, TEXT, offsetof(struct request, name), 0, 0},
    {"limit", REQUEST_LIMIT, COUNT, offsetof(struct request, limit), 1, REQUEST_LIMIT_MAX},
    {"flow_id", REQUEST_FLOW_ID, FLOW_ID, offsetof(struct request, flow_id), 0, 0},
    {"as", REQUEST_AS, TEXT, offsetof(struct request, as), 0, 0},
};
/* clang-format on */
static const size_t n_fields = sizeof fields / sizeof *fields;

static const struct field *find_field(const char *name)
{
    for (size_t i = 0; i < n_fields; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

const char *request_field_name(enum request_field field)
{
    for (size_t i = 0; i < n_fields; i++)
        if (fields[i].bit == field)
            return fields[i].name;
    return "";
}

static void *member(struct request *request, const struct field *field)
{
    return (char *)request + field->offset;
}

static const void *member_const(const struct request *request, const struct field *field)
{
    return (const char *)request + field->offset;
}

static bool has_control_characters(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

/* out: size bytes. */
static int store_text(char *out, size_t size, const char *name, const char *text,
                      struct da3d_error *error)
{
    if (!*text)
        return da3d_fail(error, "%s: is empty", name);
    if (strlen(text) >= size || has_control_characters(text))
        return da3d_fail(error, "%s: longer than %zu characters, or not printable", name, size - 1);
    strcpy(out, text);
    return 0;
}

static int store_number(struct request *request, const struct field *field, double value,
                        struct da3d_error *error)
{
    if (field->kind == COUNT) {
        if (!(value >= field->min && value <= field->max && value == floor(value)))
            return da3d_fail(error, "%s: a whole number from %u to %u is expected", field->name,
                             (unsigned)field->min, (unsigned)field->max);
        *(uint32_t *)member(request, field) = (uint32_t)value;
        return 0;
    }
    if (field->kind == FLOW_ID) {
        if (!(value >= 1 && value < flow_id_end && value == floor(value)))
            return da3d_fail(error, "%s: the flow_id of an event is expected", field->name);
        *(uint64_t *)member(request, field) = (uint64_t)value;
        return 0;
    }
    if (field->kind == SHARE && !(value > 0 && value < 1))
        return da3d_fail(error, "%s: a number between 0 and 1 is expected", field->name);
    if (!isfinite(value) || fabs(value) > 1e9)
        return da3d_fail(error, "%s: a number is expected", field->name);
    *(double *)member(request, field) = value + 0.0; /* of the two zeros the positive one */
    return 0;
}

/* Returns 0 and the *out field, or -1 with *error. */
static int begin_field(struct request *request, const char *name, const struct field **out,
                       struct da3d_error *error)
{
    const struct field *field = find_field(name);

    *out = field;
    if (!field && has_control_characters(name))
        return da3d_fail(error, "the name of a field is not printable");
    if (!field)
        return da3d_fail(error, "%.32s: there is no such field", name);
    if (request->given & field->bit)
        return da3d_fail(error, "%s: is given twice", name);
    request->given |= field->bit;
    return 0;
}

/* "98%" is 0.98. */
static int number_of(const char *text, bool share, double *out)
{
    char *end;

    *out = strtod(text, &end);
    if (end == text)
        return -1;
    if (share && *end == '%') {
        *out /= 100;
        end++;
    }
    return *end ? -1 : 0;
}

int request_set(struct request *request, const char *name, const char *text,
                struct da3d_error *error)
{
    const struct field *field;
    double value;

    if (begin_field(request, name, &field, error) < 0)
        return -1;
    if (field->kind == TEXT)
        return store_text(member(request, field), REQUEST_TEXT, name, text, error);
    if (number_of(text, field->kind == SHARE, &value) < 0)
        return da3d_fail(error, "%s: '%.64s' is not a number", name, text);
    return store_number(request, field, value, error);
}

/* A string that holds a zero byte is none. */
static const char *string_of(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string) ||
        strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value))
        return NULL;
    return json_object_get_string(value);
}

static int take_field(struct request *request, const char *name, struct json_object *value,
                      struct da3d_error *error)
{
    const char *text = string_of(value);
    const struct field *field;

    if (strcmp(name, "command") == 0)
        return text ? store_text(request->command, REQUEST_COMMAND, name, text, error)
                    : da3d_fail(error, "command: a text is expected");
    if (begin_field(request, name, &field, error) < 0)
        return -1;
    if (field->kind == TEXT)
        return text ? store_text(member(request, field), REQUEST_TEXT, name, text, error)
                    : da3d_fail(error, "%s: a text is expected", name);
    if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
        return da3d_fail(error, "%s: a number is expected", name);
    return store_number(request, field, json_object_get_double(value), error);
}

static int take_object(struct request *out, struct json_object *object, struct da3d_error *error)
{
    if (!json_object_is_type(object, json_type_object))
        return da3d_fail(error, "not a JSON object");
    json_object_object_foreach(object, name, value)
    {
        if (take_field(out, name, value, error) < 0)
            return -1;
    }
    return *out->command ? 0 : da3d_fail(error, "there is no command");
}

/* The whole line must be one value. */
int request_parse(const char *line, size_t length, struct request *out, struct da3d_error *error)
{
    struct json_tokener *tokener;
    struct json_object *object;
    int rc;

    *out = (struct request){0};
    if (length > REQUEST_LINE_MAX)
        return da3d_fail(error, "longer than %d bytes", REQUEST_LINE_MAX);
    tokener = json_tokener_new_ex(NESTING_MAX);
    if (!tokener)
        return da3d_fail(error, "%s", strerror(errno));
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    object = json_tokener_parse_ex(tokener, line, (int)length);
    if (object && json_tokener_get_parse_end(tokener) == length)
        rc = take_object(out, object, error);
    else
        rc = da3d_fail(error, "not JSON");
    json_object_put(object);
    json_tokener_free(tokener);
    return rc;
}

/* As short as it reads the same again. */
static void add_exactly(struct json_object *object, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value)
        snprintf(text, sizeof text, "%.17g", value);
    json_object_object_add(object, key, json_object_new_double_s(value, text));
}

static void add_field(struct json_object *object, const struct request *request,
                      const struct field *field)
{
    const void *from = member_const(request, field);

    switch (field->kind) {
    case TEXT: json_add_string(object, field->name, from); break;
    case COUNT: json_add_int(object, field->name, *(const uint32_t *)from); break;
    case FLOW_ID: json_add_int(object, field->name, *(const uint64_t *)from); break;
    case SHARE:
    case NUMBER: add_exactly(object, field->name, *(const double *)from); break;
    }
}

char *request_line(const struct request *request, size_t *length)
{
    struct json_object *object = json_object_new_object();
    char *line;

    json_add_string(object, "command", request->command);
    for (size_t i = 0; i < n_fields; i++)
        if (request->given & fields[i].bit)
            add_field(object, request, &fields[i]);
    line = json_line(object, length);
    json_object_put(object);
    return line;
}
