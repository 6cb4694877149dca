/* commands_mark.h - what operators say of single flows: da3ddctl's mark. Each as in struct
 * control_command, its ctx a struct commands. */
#ifndef DAEMON_COMMANDS_MARK_H
#define DAEMON_COMMANDS_MARK_H

#include "control.h"

int command_mark(void *ctx, const struct request *request, struct json_object *result,
                 struct da3d_error *error);
int command_mark_list(void *ctx, const struct request *request, struct json_object *result,
                      struct da3d_error *error);
int command_mark_remove(void *ctx, const struct request *request, struct json_object *result,
                        struct da3d_error *error);

#endif
