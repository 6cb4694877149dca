/* config_key.h - the table of all keys of da3dd.yaml(5): the parser, --set, --dump-config, the
 * defaults and the tests read it. A new key is one line here and one field in config.h. */
#ifndef DAEMON_CONFIG_KEY_H
#define DAEMON_CONFIG_KEY_H

#include "config.h"

/* What a value means, how it is written, and the type of its field. */
enum config_kind {
    CONFIG_TEXT,    /* char *; NULL where empty */
    CONFIG_PATH,    /* absolute; likewise */
    CONFIG_FILTER,  /* a BPF expression; char *, never NULL */
    CONFIG_CHOICE,  /* one of the key's choices; char * */
    CONFIG_FLAG,    /* bool */
    CONFIG_COUNT,   /* unsigned, of 4 or 8 bytes */
    CONFIG_BYTES,   /* 64MiB; likewise */
    CONFIG_TIME,    /* 500ms, 2m; likewise */
    CONFIG_MODE,    /* 0660; uint32_t */
    CONFIG_SHARE,   /* 0.01 or 1%; double */
    CONFIG_TUNNELS, /* tunnels.h; unsigned */
};

struct config_key {
    const char *name;
    enum config_kind kind;
    size_t offset, size; /* of the field */
    const char *initial; /* the default, as it is written; NULL: there is none, it must be given */
    const char *help;    /* one line */
    uint64_t min, max;   /* COUNT; BYTES: in bytes; TIME: in nanoseconds */
    uint64_t unit;       /* TIME: nanoseconds in the field's unit */
    const char *choices; /* CHOICE: "one|another" */
    bool live;           /* a reload applies it; else it takes a restart */
    bool model;          /* COUNT, TIME, TUNNELS: "model" leaves it open (meter_settings.h) */
};

/* A map of keys in struct config or, of a list, in each of its items. */
struct config_section {
    const char *name; /* "" for the keys at the top */
    const struct config_key *keys;
    size_t n_keys;
    /* Of a list; NULL: no list. identity: the key by which an item is made. */
    void *(*add)(struct config *config, const char *identity);
    const char *identity;                /* NULL: any item can be made */
    size_t items, item_size, count, max; /* offsets in struct config; size; how many at most */
    bool live;
    /* What no single key shows. Returns 0, or -1 with *error, which begins with the key ("host: ")
     * or is about the item. NULL: nothing. */
    int (*check)(const void *item, struct da3d_error *error);
};

extern const struct config_section config_sections[];
extern const size_t config_n_sections;

/* Each NULL if there is none. */
const struct config_section *config_section_find(const char *name);
const struct config_key *config_key_find(const struct config_section *section, const char *name);

/* Of a list. */
size_t config_count(const struct config_section *section, const struct config *config);
void *config_item(const struct config_section *section, struct config *config, size_t i);
const void *config_item_const(const struct config_section *section, const struct config *config,
                              size_t i);
void config_empty(const struct config_section *section, struct config *config);

/* Sets the defaults of all the section's keys that have one. base: the struct that holds the
 * fields, its strings unset. Returns 0, or -1 with errno ENOMEM. */
int config_section_init(const struct config_section *section, void *base);
void config_section_clear(const struct config_section *section, void *base); /* frees strings */

#endif
