#include "config_value.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "capture.h"
#include "meter_settings.h"
#include "tunnels.h"

enum { TEXT_MAX = 4095 };

struct unit {
    const char *name;
    uint64_t factor;
};

/* Each list from the largest, so that a value is printed in the largest that divides it. */
static const struct unit byte_units[] = {
    {"TiB", (uint64_t)1 << 40}, {"TB", 1000000000000}, {"GiB", 1 << 30},
    {"GB", 1000000000},         {"MiB", 1 << 20},      {"MB", 1000000},
    {"KiB", 1 << 10},           {"kB", 1000},          {"B", 1},
};
static const struct unit time_units[] = {
    {"d", 86400000000000}, {"h", 3600000000000}, {"m", 60000000000}, {"min", 60000000000},
    {"s", 1000000000},     {"ms", 1000000},      {"us", 1000},       {"ns", 1},
};
enum {
    N_BYTE_UNITS = sizeof byte_units / sizeof *byte_units,
    N_TIME_UNITS = sizeof time_units / sizeof *time_units,
};

static void *field_of(const struct config_key *key, void *base)
{
    return (char *)base + key->offset;
}

static const void *field_of_const(const struct config_key *key, const void *base)
{
    return (const char *)base + key->offset;
}

static bool is_text(const struct config_key *key)
{
    return key->kind <= CONFIG_CHOICE;
}

/* An unsigned field of 4 or 8 bytes. */
static uint64_t number_of(const struct config_key *key, const void *base)
{
    const void *field = field_of_const(key, base);

    return key->size == sizeof(uint32_t) ? *(const uint32_t *)field : *(const uint64_t *)field;
}

static void set_number(const struct config_key *key, void *base, uint64_t value)
{
    void *field = field_of(key, base);

    if (key->size == sizeof(uint32_t))
        *(uint32_t *)field = (uint32_t)value;
    else
        *(uint64_t *)field = value;
}

/* "12", "1.5": digits alone, no sign, no exponent. Returns what follows, NULL if there is none. */
static const char *parse_decimal(const char *text, double *out)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits);
    size_t length = whole;

    if (text[whole] == '.')
        length += 1 + strspn(text + whole + 1, digits);
    if (whole == 0 || length == whole + 1 || length > 32)
        return NULL;
    *out = strtod(text, NULL);
    return text + length + strspn(text + length, " ");
}

/* A number and a unit, or 0 alone. Returns 0, or -1 if it is none or no whole number of the last
 * unit. */
static int parse_quantity(const char *text, const struct unit *units, size_t n, uint64_t *out)
{
    double value;
    const char *name = parse_decimal(text, &value);
    size_t i = 0;

    if (!name)
        return -1;
    while (i < n && strcmp(name, units[i].name) != 0)
        i++;
    if (i == n && (*name || value != 0))
        return -1;
    if (i < n)
        value *= (double)units[i].factor;
    if (value > 0x1p53 || value != floor(value))
        return -1;
    *out = (uint64_t)value;
    return 0;
}

/* The largest unit of which it is a whole number. */
static const struct unit *unit_for(uint64_t value, const struct unit *units, size_t n)
{
    size_t i = 0;

    while (i + 1 < n && (value == 0 || value % units[i].factor != 0))
        i++;
    return &units[i];
}

static int bytes_fail(const struct config_key *key, const char *text, struct da3d_error *error)
{
    const struct unit *min = unit_for(key->min, byte_units, N_BYTE_UNITS);
    const struct unit *max = unit_for(key->max, byte_units, N_BYTE_UNITS);

    return da3d_fail(error,
                     "'%.64s' is not a size from %" PRIu64 "%s to %" PRIu64 "%s, as in 64MiB", text,
                     key->min / min->factor, min->name, key->max / max->factor, max->name);
}

static int time_fail(const struct config_key *key, const char *text, struct da3d_error *error)
{
    const struct unit *min = unit_for(key->min, time_units, N_TIME_UNITS);
    const struct unit *max = unit_for(key->max, time_units, N_TIME_UNITS);

    if (key->min == 0)
        min = unit_for(key->unit, time_units, N_TIME_UNITS);
    return da3d_fail(error,
                     "'%.64s' is not a time from %" PRIu64 "%s to %" PRIu64
                     "%s, in whole %s, as in 500ms, 40s, 2m",
                     text, key->min / min->factor, min->name, key->max / max->factor, max->name,
                     unit_for(key->unit, time_units, N_TIME_UNITS)->name);
}

static int set_bytes(const struct config_key *key, void *base, const char *text,
                     struct da3d_error *error)
{
    uint64_t value;

    if (parse_quantity(text, byte_units, N_BYTE_UNITS, &value) < 0 || value < key->min ||
        value > key->max)
        return bytes_fail(key, text, error);
    set_number(key, base, value);
    return 0;
}

static int set_time(const struct config_key *key, void *base, const char *text,
                    struct da3d_error *error)
{
    uint64_t value;

    if (parse_quantity(text, time_units, N_TIME_UNITS, &value) < 0 || value < key->min ||
        value > key->max || value % key->unit != 0)
        return time_fail(key, text, error);
    set_number(key, base, value / key->unit);
    return 0;
}

static int set_count(const struct config_key *key, void *base, const char *text,
                     struct da3d_error *error)
{
    double value;
    const char *rest = parse_decimal(text, &value);

    if (!rest || *rest || value != floor(value) || value < (double)key->min ||
        value > (double)key->max)
        return da3d_fail(error, "'%.64s' is not a whole number from %" PRIu64 " to %" PRIu64, text,
                         key->min, key->max);
    set_number(key, base, (uint64_t)value);
    return 0;
}

/* What is less than a billionth was not meant, and would take too many digits to print. */
static int set_share(const struct config_key *key, void *base, const char *text,
                     struct da3d_error *error)
{
    double value = 0;
    const char *rest = parse_decimal(text, &value);

    if (rest && *rest == '%') {
        value /= 100;
        rest++;
    }
    if (!rest || *rest || value >= 1 || (value != 0 && value < 1e-9))
        return da3d_fail(error, "'%.64s' is not a share from 0 to below 1, as in 0.99 or 99%%",
                         text);
    *(double *)field_of(key, base) = value;
    return 0;
}

static int set_flag(const struct config_key *key, void *base, const char *text,
                    struct da3d_error *error)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0) {
            *(bool *)field_of(key, base) = i % 2 == 1;
            return 0;
        }
    return da3d_fail(error, "'%.64s' is not true or false", text);
}

static int set_mode(const struct config_key *key, void *base, const char *text,
                    struct da3d_error *error)
{
    const size_t length = strlen(text);

    if (length < 3 || length > 4 || strspn(text, "01234567") != length ||
        (length == 4 && *text != '0'))
        return da3d_fail(error, "'%.64s' is not a file mode from 0000 to 0777, as in 0660", text);
    set_number(key, base, strtoul(text, NULL, 8));
    return 0;
}

static bool is_choice(const char *text, const char *choices)
{
    const size_t length = strlen(text);

    for (const char *choice = choices; choice; choice = strchr(choice, '|')) {
        choice += *choice == '|';
        if (strcspn(choice, "|") == length && strncmp(choice, text, length) == 0)
            return true;
    }
    return false;
}

static int check_text(const struct config_key *key, const char *text, struct da3d_error *error)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return da3d_fail(error, "a control character is no part of a text");
    if (strlen(text) > TEXT_MAX)
        return da3d_fail(error, "longer than %d bytes", TEXT_MAX);
    if (!*text && !key->initial)
        return da3d_fail(error, "must not be empty");
    if (key->kind == CONFIG_PATH && *text && *text != '/')
        return da3d_fail(error, "'%.64s' is not an absolute path, as in /run/da3dd", text);
    if (key->kind == CONFIG_CHOICE && !is_choice(text, key->choices))
        return da3d_fail(error, "'%.64s' is not one of %s", text, key->choices);
    return key->kind == CONFIG_FILTER ? capture_filter_check(text, error) : 0;
}

static int set_text(const struct config_key *key, void *base, const char *text,
                    struct da3d_error *error)
{
    char **field = field_of(key, base);
    char *copy = NULL;

    if (check_text(key, text, error) < 0)
        return -1;
    if (*text || key->kind == CONFIG_FILTER) {
        copy = strdup(text);
        if (!copy)
            return da3d_fail(error, "%s", strerror(errno));
    }
    free(*field);
    *field = copy;
    return 0;
}

static const char as_model[] = "model";

static void leave_open(const struct config_key *key, void *base)
{
    set_number(key, base, key->kind == CONFIG_TUNNELS ? METER_TUNNELS_OPEN : METER_OPEN);
}

static bool is_open(const struct config_key *key, const void *base)
{
    return key->model &&
           number_of(key, base) == (key->kind == CONFIG_TUNNELS ? METER_TUNNELS_OPEN : METER_OPEN);
}

int config_value_set(const struct config_key *key, void *base, const char *text,
                     struct da3d_error *error)
{
    if (key->model && strcmp(text, as_model) == 0) {
        leave_open(key, base);
        return 0;
    }
    switch (key->kind) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_FILTER:
    case CONFIG_CHOICE: return set_text(key, base, text, error);
    case CONFIG_FLAG: return set_flag(key, base, text, error);
    case CONFIG_COUNT: return set_count(key, base, text, error);
    case CONFIG_BYTES: return set_bytes(key, base, text, error);
    case CONFIG_TIME: return set_time(key, base, text, error);
    case CONFIG_MODE: return set_mode(key, base, text, error);
    case CONFIG_SHARE: return set_share(key, base, text, error);
    case CONFIG_TUNNELS: return tunnels_parse(text, field_of(key, base), error);
    }
    return da3d_fail(error, "cannot be set");
}

int config_value_init(const struct config_key *key, void *base)
{
    struct da3d_error error;

    if (is_text(key))
        *(char **)field_of(key, base) = NULL;
    errno = 0;
    if (config_value_set(key, base, key->initial, &error) == 0)
        return 0;
    assert(errno == ENOMEM);
    return -1;
}

void config_value_clear(const struct config_key *key, void *base)
{
    if (is_text(key))
        free(*(char **)field_of(key, base));
}

static void print_quantity(uint64_t value, const struct unit *units, size_t n, FILE *stream)
{
    const struct unit *unit = unit_for(value, units, n);

    if (value == 0)
        fputc('0', stream);
    else
        fprintf(stream, "%" PRIu64 "%s", value / unit->factor, unit->name);
}

/* As few digits as give the same number again, and no exponent. */
static void print_share(double value, FILE *stream)
{
    char text[64];
    int digits = 0;

    do
        snprintf(text, sizeof text, "%.*f", digits, value);
    while (strtod(text, NULL) != value && ++digits < 40);
    fputs(text, stream);
}

/* It holds no control characters. */
static void print_text(const char *text, FILE *stream)
{
    fputc('"', stream);
    for (const char *c = text ? text : ""; *c; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', stream);
        fputc(*c, stream);
    }
    fputc('"', stream);
}

void config_value_print(const struct config_key *key, const void *base, FILE *stream)
{
    const void *field = field_of_const(key, base);
    char tunnels[TUNNELS_TEXT];

    if (is_open(key, base)) {
        fputs(as_model, stream);
        return;
    }
    switch (key->kind) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_FILTER:
    case CONFIG_CHOICE: print_text(*(char *const *)field, stream); break;
    case CONFIG_FLAG: fputs(*(const bool *)field ? "true" : "false", stream); break;
    case CONFIG_COUNT: fprintf(stream, "%" PRIu64, number_of(key, base)); break;
    case CONFIG_BYTES:
        print_quantity(number_of(key, base), byte_units, N_BYTE_UNITS, stream);
        break;
    case CONFIG_TIME:
        print_quantity(number_of(key, base) * key->unit, time_units, N_TIME_UNITS, stream);
        break;
    case CONFIG_MODE: fprintf(stream, "%04" PRIo64, number_of(key, base)); break;
    case CONFIG_SHARE: print_share(*(const double *)field, stream); break;
    case CONFIG_TUNNELS:
        tunnels_text(*(const unsigned *)field, tunnels);
        fputs(tunnels, stream);
        break;
    }
}

bool config_value_equal(const struct config_key *key, const void *a, const void *b)
{
    const void *field_a = field_of_const(key, a), *field_b = field_of_const(key, b);
    const char *text_a, *text_b;

    if (!is_text(key))
        return memcmp(field_a, field_b, key->size) == 0;
    text_a = *(char *const *)field_a;
    text_b = *(char *const *)field_b;
    return text_a && text_b ? strcmp(text_a, text_b) == 0 : text_a == text_b;
}
