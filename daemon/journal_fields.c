#include "journal_fields.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

enum { NAME_SIZE = 65 }; /* the journal's limit is 64 characters */
enum { END_TEXT = 96 };  /* an address with its port */

/* Of alerts: journalctl MESSAGE_ID=... finds them on every machine. */
static const char alert_id[] = "6ccd3e5d4f0b4b0f9b1d7a8e35c2f941";

__attribute__((format(printf, 2, 3))) static int add(struct journal_fields *fields,
                                                     const char *format, ...)
{
    char *text;
    va_list args;
    int length;

    if (fields->n == JOURNAL_FIELDS_MAX)
        return 0;
    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        return -1;
    fields->field[fields->n++] = (struct iovec){text, (size_t)length};
    return 0;
}

/* prefix: "DA3DD_" and so on. */
static void name_field(char out[NAME_SIZE], const char *prefix, const char *key)
{
    size_t n = (size_t)snprintf(out, NAME_SIZE, "%s%s", prefix, key);

    for (size_t i = 0; i < n && i < NAME_SIZE - 1; i++)
        out[i] = isalnum((unsigned char)out[i]) ? (char)toupper((unsigned char)out[i]) : '_';
}

static int add_scalar(struct journal_fields *fields, const char *name, struct json_object *value)
{
    return value ? add(fields, "%s=%s", name, json_object_get_string(value)) : 0;
}

static int add_array(struct journal_fields *fields, const char *name, struct json_object *array)
{
    for (size_t i = 0; i < json_object_array_length(array); i++)
        if (add_scalar(fields, name, json_object_array_get_idx(array, i)) < 0)
            return -1;
    return 0;
}

/* Objects are nested as deep as the events of this program are: two levels. */
static int add_object(struct journal_fields *fields, const char *prefix, struct json_object *object)
{
    int rc = 0;

    json_object_object_foreach(object, key, value)
    {
        char name[NAME_SIZE], inner[NAME_SIZE + 1];

        name_field(name, prefix, key);
        snprintf(inner, sizeof inner, "%s_", name);
        if (json_object_is_type(value, json_type_object))
            rc = add_object(fields, strcmp(key, "da3d") == 0 ? prefix : inner, value);
        else if (json_object_is_type(value, json_type_array))
            rc = add_array(fields, name, value);
        else
            rc = add_scalar(fields, name, value);
        if (rc < 0)
            break;
    }
    return rc;
}

/* "" where there is none. */
static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value;

    return json_object_object_get_ex(object, key, &value) && value ? json_object_get_string(value)
                                                                   : "";
}

/* "192.0.2.7:80", "[2001:db8::7]:80"; without port, the address alone. */
static void end_text(struct json_object *event, const char *ip_key, const char *port_key,
                     char out[END_TEXT])
{
    const char *ip = text_of(event, ip_key), *port = text_of(event, port_key);

    if (!*port)
        snprintf(out, END_TEXT, "%s", ip);
    else
        snprintf(out, END_TEXT, strchr(ip, ':') ? "[%s]:%s" : "%s:%s", ip, port);
}

static int add_message(struct journal_fields *fields, struct json_object *event)
{
    const char *type = text_of(event, "event_type");
    struct json_object *da3d;
    char src[END_TEXT], dest[END_TEXT];
    const char *suppressed;

    if (!json_object_object_get_ex(event, "da3d", &da3d))
        return add(fields, "MESSAGE=%s", type);
    end_text(event, "src_ip", "src_port", src);
    end_text(event, "dest_ip", "dest_port", dest);
    suppressed = text_of(da3d, "suppressed");
    return add(fields, "MESSAGE=%s: %s -> %s %s, score %s, p-value %s%s%s", type, src, dest,
               text_of(event, "proto"), text_of(da3d, "score"), text_of(da3d, "p_value"),
               strtol(suppressed, NULL, 10) > 0 ? ", like alerts: " : "",
               strtol(suppressed, NULL, 10) > 0 ? suppressed : "");
}

static int add_event(struct journal_fields *fields, struct json_object *event, const char *line)
{
    const bool alert = strcmp(text_of(event, "event_type"), "alert") == 0;

    if (add_message(fields, event) < 0 ||
        add(fields, "PRIORITY=%d", alert ? LOG_WARNING : LOG_INFO) < 0 ||
        add(fields, "SYSLOG_IDENTIFIER=da3dd") < 0 ||
        (alert && add(fields, "MESSAGE_ID=%s", alert_id) < 0) ||
        add(fields, "DA3DD_EVENT=%s", line) < 0)
        return -1;
    return add_object(fields, "DA3DD_", event);
}

int journal_fields_init(struct journal_fields *out, const char *line)
{
    struct json_object *event = json_tokener_parse(line);
    int rc = -1;

    out->n = 0;
    errno = EINVAL;
    if (json_object_is_type(event, json_type_object))
        rc = add_event(out, event, line);
    json_object_put(event);
    if (rc < 0)
        journal_fields_clear(out);
    return rc;
}

void journal_fields_clear(struct journal_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        free(fields->field[i].iov_base);
    fields->n = 0;
}
