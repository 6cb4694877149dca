/* commands_models.h - what an operator may ask of models; each a control_command's call. */
#ifndef DAEMON_COMMANDS_MODELS_H
#define DAEMON_COMMANDS_MODELS_H

#include "control.h"

int command_models(void *ctx, const struct request *request, struct json_object *result,
                   struct da3d_error *error);
int command_promote(void *ctx, const struct request *request, struct json_object *result,
                    struct da3d_error *error);
int command_rollback(void *ctx, const struct request *request, struct json_object *result,
                     struct da3d_error *error);
int command_retrain(void *ctx, const struct request *request, struct json_object *result,
                    struct da3d_error *error);

#endif
