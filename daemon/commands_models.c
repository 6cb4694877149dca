#include "commands_models.h"

#include "commands.h"
#include "json.h"

int command_models(void *ctx, const struct request *request, struct json_object *result,
                   struct da3d_error *error)
{
    const struct commands *commands = ctx;
    struct json_object *list = models_list(commands->models, error);

    (void)request;
    if (!list)
        return -1;
    json_object_object_add(result, "models", list);
    return 0;
}

/* What is in use now. */
static void tell_model(const struct commands *commands, struct json_object *result)
{
    struct judge_stats counts;

    judge_stats(commands->sources->judge, &counts);
    json_add_string(result, "id", counts.source.model);
}

int command_promote(void *ctx, const struct request *request, struct json_object *result,
                    struct da3d_error *error)
{
    const struct commands *commands = ctx;

    if (!request->given)
        return da3d_fail(error, "the name of a model is expected");
    if (models_promote(commands->models, request->name, error) < 0)
        return -1;
    tell_model(commands, result);
    return 0;
}

int command_rollback(void *ctx, const struct request *request, struct json_object *result,
                     struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    if (models_rollback(commands->models, error) < 0)
        return -1;
    tell_model(commands, result);
    return 0;
}

int command_retrain(void *ctx, const struct request *request, struct json_object *result,
                    struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    (void)result;
    return models_retrain(commands->models, error);
}
