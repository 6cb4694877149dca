#include "labels.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "label,address,start,end";

struct label_rule {
    int kind;
    uint8_t ip_version;
    struct ip_addr address;
    int64_t start_ns, end_ns; /* inclusive */
};

/* Returns the index of the kind of this name, added if new; -1 with *error. */
static int kind_of(struct labels *labels, const char *name, struct da3d_error *error)
{
    void *kinds;

    if (!*name || strlen(name) >= LABELS_NAME_MAX)
        return da3d_fail(error, "a label of 1 to %d characters is expected", LABELS_NAME_MAX - 1);
    for (size_t i = 0; i < labels->n_kinds; i++)
        if (strcmp(labels->kinds[i], name) == 0)
            return (int)i;
    if (labels->n_kinds == LABELS_KINDS_MAX)
        return da3d_fail(error, "more than %d different labels", LABELS_KINDS_MAX);
    kinds = reallocarray(labels->kinds, labels->n_kinds + 1, sizeof *labels->kinds);
    if (!kinds)
        return da3d_fail(error, "%s", strerror(errno));
    labels->kinds = kinds;
    strcpy(labels->kinds[labels->n_kinds], name);
    return (int)labels->n_kinds++;
}

static int parse_address(struct label_rule *rule, const char *text, struct da3d_error *error)
{
    rule->ip_version = strchr(text, ':') ? 6 : 4;
    if (inet_pton(rule->ip_version == 4 ? AF_INET : AF_INET6, text, rule->address.bytes) != 1)
        return da3d_fail(error, "'%s' is not an IP address", text);
    return 0;
}

static int parse_time(const char *text, int64_t unbounded, int64_t *ns, struct da3d_error *error)
{
    long double seconds;
    char *end;

    *ns = unbounded;
    if (!*text)
        return 0;
    seconds = strtold(text, &end);
    if (*end || !(fabsl(seconds) < 4e9L))
        return da3d_fail(error, "'%s' is not a time in seconds since the epoch", text);
    *ns = (int64_t)llroundl(seconds * 1e9L);
    return 0;
}

static int parse_rule(struct labels *labels, char *line, struct label_rule *rule,
                      struct da3d_error *error)
{
    char *fields[4];

    for (size_t i = 0; i < 4; i++) {
        fields[i] = strsep(&line, ",");
        if (!fields[i])
            return da3d_fail(error, "4 fields are expected: %s", header);
    }
    if (line)
        return da3d_fail(error, "more than 4 fields: %s", header);
    rule->kind = kind_of(labels, fields[0], error);
    if (rule->kind < 0 || parse_address(rule, fields[1], error) < 0 ||
        parse_time(fields[2], INT64_MIN, &rule->start_ns, error) < 0)
        return -1;
    if (parse_time(fields[3], INT64_MAX, &rule->end_ns, error) < 0)
        return -1;
    if (rule->start_ns > rule->end_ns)
        return da3d_fail(error, "start %s is after end %s", fields[2], fields[3]);
    return 0;
}

static int add_rule(struct labels *labels, char *line, struct da3d_error *error)
{
    struct label_rule rule = {0};
    struct label_rule *rules;

    if (parse_rule(labels, line, &rule, error) < 0)
        return -1;
    rules = reallocarray(labels->rules, labels->n_rules + 1, sizeof *rules);
    if (!rules)
        return da3d_fail(error, "%s", strerror(errno));
    labels->rules = rules;
    rules[labels->n_rules++] = rule;
    return 0;
}

/* The first line, which may begin with a UTF-8 byte order mark. */
static bool is_header(const char *line)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (strncmp(line, mark, sizeof mark - 1) == 0)
        line += sizeof mark - 1;
    return strcmp(line, header) == 0;
}

static int read_lines(struct labels *labels, FILE *file, struct da3d_error *error)
{
    struct da3d_error reason;
    size_t number = 0, capacity = 0;
    char *line = NULL;
    int rc = 0;

    while (rc == 0 && getline(&line, &capacity, file) >= 0) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (number == 1)
            rc = is_header(line) ? 0 : da3d_fail(&reason, "the header '%s' is expected", header);
        else if (*line)
            rc = add_rule(labels, line, &reason);
    }
    free(line);
    if (rc < 0)
        return da3d_fail(error, "line %zu: %s", number, reason.text);
    if (ferror(file))
        return da3d_fail(error, "%s", strerror(errno));
    return number > 0 ? 0 : da3d_fail(error, "empty file");
}

int labels_load(struct labels *labels, const char *path, struct da3d_error *error)
{
    FILE *file = fopen(path, "re");
    int rc;

    *labels = (struct labels){0};
    if (!file)
        return da3d_fail(error, "%s", strerror(errno));
    rc = read_lines(labels, file, error);
    fclose(file);
    if (rc < 0)
        labels_clear(labels);
    return rc;
}

void labels_clear(struct labels *labels)
{
    free(labels->rules);
    free(labels->kinds);
    *labels = (struct labels){0};
}

static bool same_address(const struct label_rule *rule, const struct ip_addr *address)
{
    return memcmp(&rule->address, address, sizeof *address) == 0;
}

int labels_find(const struct labels *labels, const struct flow *flow)
{
    for (size_t i = 0; i < labels->n_rules; i++) {
        const struct label_rule *rule = &labels->rules[i];

        if (rule->ip_version == flow->id.ip_version && flow->start_ns >= rule->start_ns &&
            flow->start_ns <= rule->end_ns &&
            (same_address(rule, &flow->id.src) || same_address(rule, &flow->id.dst)))
            return rule->kind;
    }
    return -1;
}
