#include "yaml_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct builder {
    yaml_parser_t parser;
    const char *text;
    struct da3d_error *error;
};

static size_t line_of(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

static int line_fail(const struct builder *builder, size_t line, const char *what)
{
    return da3d_fail(builder->error, "line %zu: %s", line, what);
}

/* Of a byte that is no text the parser knows the offset alone. */
static size_t line_at(const struct builder *builder, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += builder->text[i] == '\n';
    return line;
}

static int syntax_fail(const struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;

    if (parser->error == YAML_MEMORY_ERROR)
        return da3d_fail(builder->error, "%s", strerror(ENOMEM));
    if (parser->error == YAML_READER_ERROR)
        return da3d_fail(builder->error, "line %zu: not UTF-8 text: %s",
                         line_at(builder, parser->problem_offset), parser->problem);
    return da3d_fail(builder->error, "line %zu: not YAML: %s%s%s", parser->problem_mark.line + 1,
                     parser->problem, parser->context ? " " : "",
                     parser->context ? parser->context : "");
}

/* What is written about a node and has no use here. NULL: nothing. */
static const char *unwanted(const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;

    if (event->type == YAML_ALIAS_EVENT)
        return "aliases (*name) are not supported";
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
            return "a zero byte: not text";
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor)
        return "anchors (&name) are not supported";
    return tag ? "tags (!name) are not supported" : NULL;
}

/* Returns 0 and *event, to be deleted, or -1 with the builder's error. */
static int next_event(struct builder *builder, yaml_event_t *event)
{
    const char *wrong;

    if (!yaml_parser_parse(&builder->parser, event))
        return syntax_fail(builder);
    wrong = unwanted(event);
    if (!wrong)
        return 0;
    line_fail(builder, line_of(event), wrong);
    yaml_event_delete(event);
    return -1;
}

static bool is_null(const yaml_event_t *event)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (strcmp((const char *)event->data.scalar.value, nulls[i]) == 0)
            return true;
    return false;
}

/* A node without its children. event: a scalar, or the beginning of a list or map.
 * NULL with the builder's error. */
static struct tree *node_new(const struct builder *builder, const yaml_event_t *event)
{
    struct tree *node = calloc(1, sizeof *node);

    if (!node) {
        da3d_fail(builder->error, "%s", strerror(errno));
        return NULL;
    }
    node->line = line_of(event);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        node->kind = TREE_LIST;
    else if (event->type == YAML_MAPPING_START_EVENT)
        node->kind = TREE_MAP;
    else if (!is_null(event)) {
        node->text = strdup((const char *)event->data.scalar.value);
        if (!node->text) {
            da3d_fail(builder->error, "%s", strerror(errno));
            free(node);
            return NULL;
        }
    }
    return node;
}

static int take_key(const struct builder *builder, const struct tree *map,
                    const yaml_event_t *event, char **key)
{
    const char *text = (const char *)event->data.scalar.value;

    if (event->type != YAML_SCALAR_EVENT)
        return line_fail(builder, line_of(event), "a key is a word, not a list or a map");
    if (tree_find(map, text))
        return da3d_fail(builder->error, "line %zu: the key '%.64s' is given twice", line_of(event),
                         text);
    *key = strdup(text);
    return *key ? 0 : da3d_fail(builder->error, "%s", strerror(errno));
}

static int add_children(struct builder *builder, struct tree *parent, unsigned depth);

/* Appends one child. event: its first, or its key's. */
static int add_child(struct builder *builder, struct tree *parent, struct tree ***end,
                     yaml_event_t *event)
{
    const size_t line = line_of(event);
    char *key = NULL;
    struct tree *node;

    if (parent->kind == TREE_MAP) {
        if (take_key(builder, parent, event, &key) < 0)
            return -1;
        yaml_event_delete(event);
        if (next_event(builder, event) < 0) {
            free(key);
            return -1;
        }
    }
    node = node_new(builder, event);
    if (!node) {
        free(key);
        return -1;
    }
    node->key = key;
    if (key)
        node->line = line;
    **end = node;
    *end = &node->next;
    return 0;
}

/* The children of a list or map that has begun, and its end. */
static int add_children(struct builder *builder, struct tree *parent, unsigned depth)
{
    struct tree **end = &parent->first;

    if (depth == TREE_DEPTH_MAX)
        return line_fail(builder, parent->line, "nested too deeply");
    for (size_t n = 0;; n++) {
        yaml_event_t event;
        struct tree **child = end;
        int rc;

        if (next_event(builder, &event) < 0)
            return -1;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        rc = n < TREE_CHILDREN_MAX ? add_child(builder, parent, &end, &event)
                                   : line_fail(builder, line_of(&event), "too many keys or items");
        yaml_event_delete(&event);
        if (rc < 0 ||
            ((*child)->kind != TREE_SCALAR && add_children(builder, *child, depth + 1) < 0))
            return -1;
    }
}

/* Reads the next event, which is of no interest if it is of this type. Returns 1 if it was, 0 if it
 * was another, whose line is in *line, or -1. */
static int skip_event(struct builder *builder, yaml_event_type_t type, size_t *line)
{
    yaml_event_t event;
    int rc;

    if (next_event(builder, &event) < 0)
        return -1;
    rc = event.type == type;
    *line = line_of(&event);
    yaml_event_delete(&event);
    return rc;
}

/* The stream's one document. root: empty; stays so if there is none. */
static int add_document(struct builder *builder, struct tree **root)
{
    yaml_event_t event;
    size_t line;
    int rc;

    if (skip_event(builder, YAML_STREAM_START_EVENT, &line) < 0)
        return -1;
    rc = skip_event(builder, YAML_DOCUMENT_START_EVENT, &line);
    if (rc <= 0)
        return rc;
    if (next_event(builder, &event) < 0)
        return -1;
    tree_free(*root);
    *root = node_new(builder, &event);
    yaml_event_delete(&event);
    if (!*root || ((*root)->kind != TREE_SCALAR && add_children(builder, *root, 0) < 0) ||
        skip_event(builder, YAML_DOCUMENT_END_EVENT, &line) < 0)
        return -1;
    rc = skip_event(builder, YAML_STREAM_END_EVENT, &line);
    if (rc == 0)
        return line_fail(builder, line, "a second document begins: one is expected");
    return rc < 0 ? -1 : 0;
}

int tree_parse(const char *text, size_t size, struct tree **out, struct da3d_error *error)
{
    struct builder builder = {.text = text, .error = error};
    int rc;

    if (size > TREE_TEXT_MAX)
        return da3d_fail(error, "longer than %d KiB", TREE_TEXT_MAX >> 10);
    *out = calloc(1, sizeof **out);
    if (!*out || !yaml_parser_initialize(&builder.parser)) {
        free(*out);
        return da3d_fail(error, "%s", strerror(ENOMEM));
    }
    (*out)->line = 1;
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)text, size);
    rc = add_document(&builder, out);
    yaml_parser_delete(&builder.parser);
    if (rc < 0)
        tree_free(*out);
    return rc;
}

void tree_free(struct tree *tree)
{
    while (tree) {
        struct tree *next = tree->next;

        tree_free(tree->first);
        free(tree->key);
        free(tree->text);
        free(tree);
        tree = next;
    }
}

const struct tree *tree_find(const struct tree *map, const char *key)
{
    for (const struct tree *child = map->first; child; child = child->next)
        if (child->key && strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

const char *tree_library_version(void)
{
    return yaml_get_version_string();
}
