#include "row_settings.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema.h"

/* Index of the setting of that name among the first n, n if there is none. */
static uint32_t index_of(const struct row_settings *settings, uint32_t n, const char *name)
{
    uint32_t i = 0;
    while (i < n && strcmp(settings->at[i].name, name) != 0) {
        i++;
    }
    return i;
}

bool row_settings_find(const struct row_settings *settings, const char *name, double *value)
{
    const uint32_t i = index_of(settings, settings->n, name);
    if (i == settings->n) {
        return false;
    }
    *value = settings->at[i].value;
    return true;
}

static bool valid(const struct row_settings *settings, uint32_t i)
{
    const struct row_setting *setting = &settings->at[i];
    return schema_padded(setting->name, sizeof setting->name) && setting->name[0] != '\0' &&
           schema_printable(setting->name, sizeof setting->name) && isfinite(setting->value) &&
           index_of(settings, i, setting->name) == i;
}

bool row_settings_valid(const struct row_settings *settings)
{
    uint32_t i = 0;
    while (i < settings->n && i < ROW_SETTINGS_MAX && valid(settings, i)) {
        i++;
    }
    return i == settings->n;
}

int row_settings_add(struct row_settings *settings, const char *name, double value)
{
    struct row_setting *setting = &settings->at[settings->n];
    if (settings->n == ROW_SETTINGS_MAX || strlen(name) >= ROW_SETTING_NAME_MAX) {
        errno = EINVAL;
        return -1;
    }
    *setting = (struct row_setting){.value = value};
    memcpy(setting->name, name, strlen(name));
    if (!valid(settings, settings->n)) {
        *setting = (struct row_setting){0};
        errno = EINVAL;
        return -1;
    }
    settings->n++;
    return 0;
}

void row_settings_put(struct bytes_out *out, const struct row_settings *settings)
{
    bytes_put_u32(out, settings->n);
    for (uint32_t i = 0; i < settings->n; i++) {
        bytes_put_bytes(out, settings->at[i].name, sizeof settings->at[i].name);
        bytes_put_double(out, settings->at[i].value);
    }
}

void row_settings_get(struct bytes_in *in, struct row_settings *settings)
{
    const uint32_t n = bytes_get_u32(in);
    in->bad = in->bad || n > ROW_SETTINGS_MAX;
    *settings = (struct row_settings){.n = in->bad ? 0 : n};
    for (uint32_t i = 0; i < settings->n; i++) {
        bytes_get_bytes(in, settings->at[i].name, sizeof settings->at[i].name);
        settings->at[i].value = bytes_get_double(in);
    }
    in->bad = in->bad || !row_settings_valid(settings);
}
