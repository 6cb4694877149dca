/* row_settings.h - named numbers that say how rows came to be, so that whoever scores makes them
 * alike. Their meaning is the caller's alone; a model keeps them. Plain data. */
#ifndef CORE_ROW_SETTINGS_H
#define CORE_ROW_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

enum { ROW_SETTINGS_MAX = 32, ROW_SETTING_NAME_MAX = 32 };

struct row_setting {
    char name[ROW_SETTING_NAME_MAX]; /* zero-padded, printable, not empty */
    double value;                    /* finite */
};

/* All zero: none. */
struct row_settings {
    uint32_t n;
    struct row_setting at[ROW_SETTINGS_MAX]; /* names unique */
};

/* Adds one. Returns 0, or -1 with errno EINVAL: a bad or known name, no finite value, or too many.
 */
int row_settings_add(struct row_settings *settings, const char *name, double value);

/* *value: untouched where there is none of that name, which returns false. */
bool row_settings_find(const struct row_settings *settings, const char *name, double *value);

bool row_settings_valid(const struct row_settings *settings);

void row_settings_put(struct bytes_out *out, const struct row_settings *settings);

/* Where they are not valid, in turns bad. */
void row_settings_get(struct bytes_in *in, struct row_settings *settings);

#endif
