#include "operator.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "json.h"

struct operator
{
    const struct stats_sources *sources;
    struct loop *loop;
    struct stats *stats;
    struct top *top;
    struct loop_watch *wanted; /* SIGUSR1 */
    struct loop_watch *due;    /* NULL: never */
    uint32_t interval_s;       /* of due; 0: never */
    struct commands commands;
    struct control *control; /* NULL: none */
};

static void emit(const struct operator* operator)
{
    struct json_object *object = stats_event(operator->stats);
    struct output_event event = {.kind = OUTPUT_STATS};
    char *line = json_line(object, &event.length);

    event.line = line;
    if (line)
        outputs_emit(operator->sources->outputs, &event);
    free(line);
    json_object_put(object);
}

static void on_wanted(void *ctx)
{
    emit(ctx);
}

static void on_due(void *ctx)
{
    struct operator* operator= ctx;

    emit(operator);
    stats_begin_interval(operator->stats);
}

/* Where memory is too short for a timer, there are no statistics. */
void operator_configure(struct operator* operator, const struct config * config)
{
    if (operator->interval_s == config->stats_interval_s)
        return;
    loop_unwatch(operator->due);
    operator->due = NULL;
    operator->interval_s = config->stats_interval_s;
    if (operator->interval_s> 0)
        operator->due = loop_timer(operator->loop, 1000 *operator->interval_s, on_due, operator);
}

static int open_control(struct operator* operator, const struct config * config,
                        struct da3d_error *error)
{
    struct control_config control = {
        .path = config->control.path,
        .commands = service_commands,
        .n_commands = n_service_commands,
        .ctx = &operator->commands,
    };

    if (!control.path)
        return 0;
    if (permissions_init(&control.permissions, config->control.mode, config->control.group, error) <
        0)
        return -1;
    operator->control = control_open(&control, operator->loop, error);
    return operator->control ? 0 : - 1;
}

static int operator_init(struct operator* operator, const struct operator_config * config,
                         struct da3d_error *error)
{
    operator->stats = stats_new(operator->sources);
    operator->top = top_new();
    operator->wanted = loop_signal(operator->loop, SIGUSR1, on_wanted, operator);
    if (!operator->stats || !operator->top || !operator->wanted)
        return da3d_fail(error, "%s", strerror(errno));
    operator->commands =(struct commands){
        .config_file = config->config_file,
        .sources = operator->sources,
        .stats = operator->stats,
        .top = operator->top,
        .reload = config->reload,
        .service = config->service,
    };
    operator_configure(operator, config->config);
    return open_control(operator, config->config, error);
}

struct operator*
    operator_new(const struct operator_config *config, struct loop *loop, struct da3d_error *error)
{
    struct operator* operator= calloc(1, sizeof *operator);

    if (!operator) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    operator->sources = config->sources;
    operator->loop = loop;
    if (operator_init(operator, config, error) < 0) {
        operator_free(operator);
        return NULL;
    }
    return operator;
}

void operator_free(struct operator* operator)
{
    if (!operator)
        return;
    control_close(operator->control);
    loop_unwatch(operator->wanted);
    loop_unwatch(operator->due);
    top_free(operator->top);
    stats_free(operator->stats);
    free(operator);
}

void operator_verdict(struct operator* operator, const struct verdict * verdict)
{
    stats_verdict(operator->stats, verdict);
    top_add(operator->top, verdict, steady_ns() / NANOS_PER_SECOND);
}

void operator_finish(struct operator* operator)
{
    if (operator->interval_s> 0)
        emit(operator);
}
