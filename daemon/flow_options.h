/* flow_options.h - the flow table's limits on the command line: --flow-NAME VALUE. */
#ifndef DAEMON_FLOW_OPTIONS_H
#define DAEMON_FLOW_OPTIONS_H

#include "features/flow.h"
#include "option.h"

enum flow_option {
    FLOW_OPTION_MEMCAP,      /* bytes, or with K, M or G */
    FLOW_OPTION_MAX_FLOWS,   /* a count */
    FLOW_OPTION_MAX_SAMPLES, /* a count */
    FLOW_OPTION_IDLE,        /* seconds */
    FLOW_OPTION_ACTIVE,
    FLOW_OPTION_LINGER,
    FLOW_OPTION_COUNT
};

/* The i-th, an enum flow_option; NULL past the last. */
const struct option_text *flow_option_text(size_t i);

/* Sets what the option names. Returns 0, or -1 with *config untouched (already reported). */
int flow_option_parse(struct flow_config *config, enum flow_option option, const char *text);

#endif
