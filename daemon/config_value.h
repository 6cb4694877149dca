/* config_value.h - one value of the configuration: from text, to text, compared. */
#ifndef DAEMON_CONFIG_VALUE_H
#define DAEMON_CONFIG_VALUE_H

#include <stdio.h>

#include "config_key.h"

/* base: the struct that holds the key's field, which is replaced. Returns 0, or -1 with *error,
 * what was expected, and the field as it was. */
int config_value_set(const struct config_key *key, void *base, const char *text,
                     struct da3d_error *error);

/* The key's default, in a field that is unset. Returns 0, or -1 with errno ENOMEM. */
int config_value_init(const struct config_key *key, void *base);
void config_value_clear(const struct config_key *key, void *base);

/* As config_value_set() reads it; text in YAML's double quotes. */
void config_value_print(const struct config_key *key, const void *base, FILE *stream);

bool config_value_equal(const struct config_key *key, const void *a, const void *b);

#endif
