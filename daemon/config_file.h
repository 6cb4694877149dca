/* config_file.h - da3dd.yaml(5) and --set to a struct config, and back. */
#ifndef DAEMON_CONFIG_FILE_H
#define DAEMON_CONFIG_FILE_H

#include <stdio.h>

#include "config.h"

/* Who is told what is wrong, in one line for each fault: "line 7: flow.idle: '40' is not a time
 * ...". */
struct config_report {
    void (*fault)(void *ctx, const char *line);
    void *ctx;
};

enum { CONFIG_FAULTS_MAX = 20 }; /* that are told of one file */

/* Sets what the text, size bytes of it, says; lists are emptied first where it has them. Returns 0,
 * or -1 after the report; *config is then a mixture, to be cleared. */
int config_parse(struct config *config, const char *text, size_t size,
                 const struct config_report *report);

/* The same with a file's content. */
int config_read(struct config *config, const char *path, const struct config_report *report);

/* setting: "flow.idle=30s", "interfaces.0.snaplen=96B"; the index after the last adds an item, with
 * "outputs.1.type=file". Returns 0, or -1 with *error. */
int config_set(struct config *config, const char *setting, struct da3d_error *error);

/* What several settings have to fulfil together: each output its path, each rule something that it
 * matches. Returns 0, or -1 with *error. */
int config_check(const struct config *config, struct da3d_error *error);

/* As YAML, each key with a comment. */
void config_print(const struct config *config, FILE *stream);

#endif
