/* commands.h - what an operator may ask of the running service; da3ddctl(8) describes it. A new
 * command is one line in the table and one function. */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include "control.h"
#include "models.h"
#include "privileges.h"
#include "stats.h"
#include "top.h"

/* What commands act on; all borrowed while they can be called. The ctx of control_config. */
struct commands {
    const char *config_file; /* NULL: none */
    const struct stats_sources *sources;
    const struct confinement *confinement;
    const struct stats *stats;
    const struct top *top;
    struct models *models;
    /* 0, or -1 with the reasons logged, the first one also in *first */
    int (*reload)(void *service, struct da3d_error *first);
    void *service;
};

extern const struct control_command service_commands[];
extern const size_t n_service_commands;

#endif
