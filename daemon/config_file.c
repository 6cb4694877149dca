#include "config_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config_key.h"
#include "config_value.h"
#include "nearest.h"
#include "yaml_tree.h"

enum { PATH_TEXT = 160, SHOWN = 64 }; /* of a path of keys; of a word that somebody wrote */

struct reader {
    struct config *config;
    const struct config_report *report;
    size_t faults;
};

/* Somebody's words may hold anything; a fault is one line all the same. */
static void tell(struct reader *reader, char *line)
{
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    if (++reader->faults <= CONFIG_FAULTS_MAX)
        reader->report->fault(reader->report->ctx, line);
}

__attribute__((format(printf, 4, 5))) static void fault(struct reader *reader, size_t line,
                                                        const char *path, const char *format, ...)
{
    char text[640], reason[400];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    snprintf(text, sizeof text, "line %zu: %s%s%s", line, path, *path ? ": " : "", reason);
    tell(reader, text);
}

static void join(char out[PATH_TEXT], const char *prefix, const char *name)
{
    snprintf(out, PATH_TEXT, "%.*s%s%.*s", SHOWN, prefix, *prefix ? "." : "", SHOWN, name);
}

/* " (is it 'idle'?)", or nothing. sections: whether their names are meant too. */
static void hint(const struct config_section *section, bool sections, const char *name,
                 char out[PATH_TEXT])
{
    struct nearest nearest;

    nearest_init(&nearest, name);
    for (size_t i = 0; i < section->n_keys; i++)
        nearest_offer(&nearest, section->keys[i].name);
    for (size_t i = 1; sections && i < config_n_sections; i++)
        nearest_offer(&nearest, config_sections[i].name);
    *out = '\0';
    if (nearest.best && nearest.distance > 0)
        snprintf(out, PATH_TEXT, "; is it '%s'?", nearest.best);
}

static void unknown_key(struct reader *reader, const struct config_section *section,
                        const struct tree *node, const char *path)
{
    char nearest[PATH_TEXT];

    hint(section, !*section->name, node->key, nearest);
    fault(reader, node->line, path, "there is no such key%s", nearest);
}

static void read_value(struct reader *reader, const struct tree *node, const struct config_key *key,
                       void *base, const char *path)
{
    struct da3d_error error;

    if (node->kind != TREE_SCALAR)
        fault(reader, node->line, path, "one value is expected, not a list or keys");
    else if (!node->text)
        fault(reader, node->line, path, "has no value");
    else if (config_value_set(key, base, node->text, &error) < 0)
        fault(reader, node->line, path, "%s", error.text);
}

static bool is_empty(const struct tree *node)
{
    return node->kind == TREE_SCALAR && !node->text;
}

static void read_keys(struct reader *reader, const struct tree *map,
                      const struct config_section *section, void *base, const char *prefix)
{
    char path[PATH_TEXT];

    if (map->kind != TREE_MAP && !is_empty(map))
        fault(reader, map->line, prefix, "keys are expected, as in '%s: ...'",
              section->keys[0].name);
    else
        for (const struct tree *node = map->first; node; node = node->next) {
            const struct config_key *key = config_key_find(section, node->key);

            join(path, prefix, node->key);
            if (key)
                read_value(reader, node, key, base, path);
            else
                unknown_key(reader, section, node, path);
        }
}

/* A check's reason begins with the key that it is about, or is about the item. */
static void check_item(struct reader *reader, const struct tree *map,
                       const struct config_section *section, const void *item, const char *path)
{
    const struct tree *node;
    struct da3d_error error;
    char key[SHOWN] = "";
    char key_path[PATH_TEXT];

    if (!section->check || section->check(item, &error) == 0)
        return;
    snprintf(key, sizeof key, "%.*s", (int)strcspn(error.text, ":"), error.text);
    node = tree_find(map, key);
    join(key_path, path, key);
    if (node)
        fault(reader, node->line, key_path, "%s", error.text + strlen(key) + 2);
    else
        fault(reader, map->line, path, "%s", error.text);
}

static void read_item(struct reader *reader, const struct tree *map,
                      const struct config_section *section, const char *path)
{
    const struct tree *identity = NULL;
    const size_t faults = reader->faults;
    void *item;

    if (section->identity && map->kind == TREE_MAP)
        identity = tree_find(map, section->identity);
    if (section->identity && !identity) {
        fault(reader, map->line, path, "'%s' is missing", section->identity);
        return;
    }
    item = section->add(reader->config, identity && identity->text ? identity->text : "");
    if (!item) {
        fault(reader, map->line, path, "%s", errno == E2BIG ? "one too many" : strerror(errno));
        return;
    }
    read_keys(reader, map, section, item, path);
    if (reader->faults == faults)
        check_item(reader, map, section, item, path);
}

static void read_list(struct reader *reader, const struct tree *list,
                      const struct config_section *section)
{
    size_t n = 0;

    config_empty(section, reader->config);
    if (list->kind != TREE_LIST && !is_empty(list)) {
        fault(reader, list->line, section->name, "a list is expected, as in '- %s: ...'",
              section->keys[0].name);
        return;
    }
    for (const struct tree *node = list->first; node; node = node->next) {
        char path[PATH_TEXT];

        snprintf(path, sizeof path, "%s.%zu", section->name, n++);
        read_item(reader, node, section, path);
    }
}

static void read_root(struct reader *reader, const struct tree *root)
{
    const struct config_section *top = config_section_find("");

    if (root->kind != TREE_MAP && !is_empty(root))
        fault(reader, root->line, "", "keys are expected, as in 'model: ...'");
    for (const struct tree *node = root->kind == TREE_MAP ? root->first : NULL; node;
         node = node->next) {
        const struct config_section *section = config_section_find(node->key);
        const struct config_key *key = config_key_find(top, node->key);
        char path[PATH_TEXT];

        join(path, "", node->key);
        if (key)
            read_value(reader, node, key, reader->config, path);
        else if (!section || section == top)
            unknown_key(reader, top, node, path);
        else if (section->add)
            read_list(reader, node, section);
        else
            read_keys(reader, node, section, reader->config, path);
    }
}

int config_parse(struct config *config, const char *text, size_t size,
                 const struct config_report *report)
{
    struct reader reader = {.config = config, .report = report};
    struct da3d_error error;
    struct tree *root;

    if (tree_parse(text, size, &root, &error) < 0) {
        tell(&reader, error.text);
        return -1;
    }
    read_root(&reader, root);
    tree_free(root);
    return reader.faults > 0 ? -1 : 0;
}

int config_read(struct config *config, const char *path, const struct config_report *report)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(TREE_TEXT_MAX + 1);
    int rc = -1;

    if (file && text) {
        size_t size = fread(text, 1, TREE_TEXT_MAX + 1, file);

        rc = ferror(file) ? -1 : config_parse(config, text, size, report);
        if (ferror(file))
            report->fault(report->ctx, strerror(errno));
    } else {
        report->fault(report->ctx, strerror(errno));
    }
    free(text);
    if (file)
        fclose(file);
    return rc;
}

/* path: what follows the section's name, "0.snaplen". Returns the item, added if it is the one
 * after the last, and where its key begins in *name; NULL with *error. */
static void *choose_item(struct config *config, const struct config_section *section,
                         const char *path, const char **name, const char *value,
                         struct da3d_error *error)
{
    const size_t n = config_count(section, config);
    char *end;
    unsigned long i = strtoul(path, &end, 10);
    void *item;

    if (*path < '0' || *path > '9' || *end != '.' || i > n) {
        da3d_fail(error, "an item from 0 to %zu is expected, as in %s.0.%s", n, section->name,
                  section->keys[0].name);
        return NULL;
    }
    *name = end + 1;
    if (i < n)
        return config_item(section, config, i);
    if (section->identity && strcmp(*name, section->identity) != 0) {
        da3d_fail(error, "there is no such item; %s.%lu.%s=... adds one", section->name, i,
                  section->identity);
        return NULL;
    }
    item = section->add(config, value);
    if (!item)
        da3d_fail(error, "%s", errno == E2BIG ? "one too many" : strerror(errno));
    return item;
}

/* path: "flow.idle", without what follows. */
static int set_path(struct config *config, const char *path, const char *value,
                    struct da3d_error *error)
{
    const size_t length = strcspn(path, ".");
    const bool dotted = path[length] == '.';
    const struct config_section *section;
    const struct config_key *key;
    const char *name = dotted ? path + length + 1 : path;
    void *base = config;
    char word[SHOWN] = "", nearest[PATH_TEXT];

    if (dotted)
        snprintf(word, sizeof word, "%.*s", (int)(length < SHOWN ? length : 0), path);
    section = config_section_find(word);
    if (!section || (dotted && !*word)) {
        hint(config_section_find(""), true, word, nearest);
        return da3d_fail(error, "there is no such key%s", nearest);
    }
    if (section->add)
        base = choose_item(config, section, name, &name, value, error);
    if (!base)
        return -1;
    key = config_key_find(section, name);
    if (key)
        return config_value_set(key, base, value, error);
    hint(section, !dotted, name, nearest);
    return da3d_fail(error, "there is no such key%s", nearest);
}

int config_set(struct config *config, const char *setting, struct da3d_error *error)
{
    const char *equals = strchr(setting, '=');
    struct da3d_error reason;
    char path[PATH_TEXT];

    if (!equals || equals - setting >= PATH_TEXT)
        return da3d_fail(error, "'%.64s' is not KEY=VALUE, as in flow.idle=30s", setting);
    snprintf(path, sizeof path, "%.*s", (int)(equals - setting), setting);
    if (set_path(config, path, equals + 1, &reason) == 0)
        return 0;
    return da3d_fail(error, "%.64s: %.180s", path, reason.text);
}

static int check_alerting(const struct config *config, struct da3d_error *error)
{
    const int given = (config->scoring.threshold > 0) + (config->scoring.target_fpr > 0) +
                      (config->scoring.alerts_per_day > 0);

    return given < 2 ? 0
                     : da3d_fail(error, "scoring: of threshold, target_fpr and alerts_per_day only "
                                        "one can say where alerts begin");
}

int config_check(const struct config *config, struct da3d_error *error)
{
    for (size_t i = 0; i < config_n_sections; i++) {
        const struct config_section *section = &config_sections[i];
        struct da3d_error reason;

        for (size_t k = 0; section->check && k < config_count(section, config); k++)
            if (section->check(config_item_const(section, config, k), &reason) < 0)
                return da3d_fail(error, "%s.%zu.%.200s", section->name, k, reason.text);
    }
    return check_alerting(config, error);
}

/* indent: before all lines; first: in its place before the first key. help: with comments. */
static void print_keys(const struct config_section *section, const void *base, const char *indent,
                       const char *first, FILE *stream)
{
    for (size_t i = 0; i < section->n_keys; i++) {
        const struct config_key *key = &section->keys[i];

        fprintf(stream, "%s# %s\n%s%s: ", indent, key->help, i == 0 ? first : indent, key->name);
        config_value_print(key, base, stream);
        fputc('\n', stream);
    }
}

static void print_list(const struct config_section *section, const struct config *config,
                       FILE *stream)
{
    const size_t n = config_count(section, config);

    fprintf(stream, "%s:%s\n", section->name, n == 0 ? " []" : "");
    for (size_t i = 0; i < n; i++)
        print_keys(section, config_item_const(section, config, i), "    ", "  - ", stream);
}

void config_print(const struct config *config, FILE *stream)
{
    for (size_t i = 0; i < config_n_sections; i++) {
        const struct config_section *section = &config_sections[i];

        if (section->add) {
            print_list(section, config, stream);
        } else if (!*section->name) {
            print_keys(section, config, "", "", stream);
        } else {
            fprintf(stream, "%s:\n", section->name);
            print_keys(section, config, "  ", "  ", stream);
        }
    }
}
