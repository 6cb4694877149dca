/* operator.h - what an operator sees of the running service: statistics as events, at an interval
 * and on SIGUSR1, and the socket of da3ddctl. */
#ifndef DAEMON_OPERATOR_H
#define DAEMON_OPERATOR_H

#include "config.h"
#include "loop.h"
#include "stats.h"

struct operator_config {
    const struct config *config;         /* borrowed for the call */
    const char *config_file;             /* NULL: none */
    const struct stats_sources *sources; /* complete when the loop runs */
    int (*reload)(void *service);        /* opens files anew and loads the configuration; 0, or -1
                                          * with the reason logged */
    void *service;
};

struct operator;

/* What config points to is borrowed, with the loop, while the operator lives. Returns NULL with
 * *error, which names what failed. */
struct operator*
    operator_new(const struct operator_config *config, struct loop *loop, struct da3d_error *error);
void operator_free(struct operator* operator); /* NULL-safe */

/* The verdict's event has just been given to the outputs. */
void operator_verdict(struct operator* operator, const struct verdict * verdict);

/* The configuration has changed. */
void operator_configure(struct operator* operator, const struct config * config);

/* The last statistics, if there are any at an interval. */
void operator_finish(struct operator* operator);

#endif
