/* yaml_tree.h - a YAML file as a tree that remembers its lines. The only module that knows libyaml.
 *
 * What a configuration has no use for is refused: anchors, aliases, tags, keys that are not words,
 * duplicate keys, a second document, deep nesting. So a tree is never larger than its text. */
#ifndef DAEMON_YAML_TREE_H
#define DAEMON_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum { TREE_TEXT_MAX = 1 << 18, TREE_DEPTH_MAX = 8, TREE_CHILDREN_MAX = 1024 };

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

struct tree {
    enum tree_kind kind;
    size_t line; /* from 1; of a map's value: its key's */
    char *key;   /* in a map; NULL elsewhere */
    char *text;  /* of a scalar; NULL where nothing, ~ or null is written without quotes */
    struct tree *first, *next; /* children in their order; the parent's next child */
};

/* text: size bytes of UTF-8, borrowed for the call. Returns 0 and the caller's *out, a scalar
 * without text if there is no document, or -1 with *error, which names the line. */
int tree_parse(const char *text, size_t size, struct tree **out, struct da3d_error *error);
void tree_free(struct tree *tree); /* NULL-safe */

/* The map's child of this key; NULL if there is none. */
const struct tree *tree_find(const struct tree *map, const char *key);

const char *tree_library_version(void);

#endif
