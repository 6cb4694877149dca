#include "console.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "json.h"

struct console {
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

static void emit(const struct console *console)
{
    struct json_object *object = stats_event(console->stats);
    struct output_event event = {.kind = OUTPUT_STATS};
    char *line = json_line(object, &event.length);

    event.line = line;
    if (line)
        outputs_emit(console->sources->outputs, &event);
    free(line);
    json_object_put(object);
}

static void on_wanted(void *ctx)
{
    emit(ctx);
}

static void on_due(void *ctx)
{
    struct console *console = ctx;

    emit(console);
    stats_begin_interval(console->stats);
}

/* Where memory is too short for a timer, there are no statistics. */
void console_configure(struct console *console, const struct config *config)
{
    if (console->interval_s == config->stats_interval_s)
        return;
    loop_unwatch(console->due);
    console->due = NULL;
    console->interval_s = config->stats_interval_s;
    if (console->interval_s > 0)
        console->due = loop_timer(console->loop, 1000 * console->interval_s, on_due, console);
}

/* inherited: as in struct control_config. */
static int open_control(struct console *console, const struct config *config, int inherited,
                        struct da3d_error *error)
{
    struct control_config control = {
        .inherited = inherited,
        .path = config->control.path,
        .commands = service_commands,
        .n_commands = n_service_commands,
        .ctx = &console->commands,
    };

    if (!control.path)
        return 0;
    if (permissions_init(&control.permissions, config->control.mode, config->control.group, error) <
        0)
        return -1;
    console->control = control_open(&control, console->loop, error);
    return console->control ? 0 : -1;
}

static int console_init(struct console *console, const struct console_config *config,
                        struct da3d_error *error)
{
    console->stats = stats_new(console->sources);
    console->top = top_new();
    console->wanted = loop_signal(console->loop, SIGUSR1, on_wanted, console);
    if (!console->stats || !console->top || !console->wanted)
        return da3d_fail(error, "%s", strerror(errno));
    console->commands = (struct commands){
        .config_file = config->config_file,
        .sources = console->sources,
        .confinement = config->confinement,
        .stats = console->stats,
        .top = console->top,
        .models = config->models,
        .reload = config->reload,
        .service = config->service,
    };
    console_configure(console, config->config);
    return open_control(console, config->config, config->control, error);
}

struct console *console_new(const struct console_config *config, struct loop *loop,
                            struct da3d_error *error)
{
    struct console *console = calloc(1, sizeof *console);

    if (!console) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    console->sources = config->sources;
    console->loop = loop;
    if (console_init(console, config, error) < 0) {
        console_free(console);
        return NULL;
    }
    return console;
}

void console_free(struct console *console)
{
    if (!console)
        return;
    control_close(console->control);
    loop_unwatch(console->wanted);
    loop_unwatch(console->due);
    top_free(console->top);
    stats_free(console->stats);
    free(console);
}

void console_verdict(struct console *console, const struct verdict *verdict)
{
    stats_verdict(console->stats, verdict);
    top_add(console->top, verdict, steady_ns() / NANOS_PER_SECOND);
}

const struct stats *console_stats(const struct console *console)
{
    return console->stats;
}

void console_finish(struct console *console)
{
    if (console->interval_s > 0)
        emit(console);
}
