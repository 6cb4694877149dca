/* console.h - what an operator sees of the running service: statistics as events, at an interval
 * and on SIGUSR1, and the socket of da3ddctl. */
#ifndef DAEMON_CONSOLE_H
#define DAEMON_CONSOLE_H

#include "config.h"
#include "loop.h"
#include "models.h"
#include "privileges.h"
#include "stats.h"

struct console_config {
    const struct config *config;           /* borrowed for the call */
    const char *config_file;               /* NULL: none */
    int control;                           /* a listening socket, taken over; -1: none */
    const struct stats_sources *sources;   /* complete when the loop runs */
    const struct confinement *confinement; /* likewise */
    struct models *models;                 /* borrowed while the console lives */
    /* Opens files anew and loads the configuration; 0, or -1 with the reasons logged, the first one
     * also in *first. */
    int (*reload)(void *service, struct da3d_error *first);
    void *service;
};

struct console;

/* What config points to is borrowed, with the loop, while the console lives. Returns NULL with
 * *error, which names what failed. */
struct console *console_new(const struct console_config *config, struct loop *loop,
                            struct da3d_error *error);
void console_free(struct console *console); /* NULL-safe */

/* The verdict's event has just been given to the outputs. */
void console_verdict(struct console *console, const struct verdict *verdict);

/* The configuration has changed. */
void console_configure(struct console *console, const struct config *config);

/* What it counts; lives as long. */
const struct stats *console_stats(const struct console *console);

/* The last statistics, if there are any at an interval. */
void console_finish(struct console *console);

#endif
