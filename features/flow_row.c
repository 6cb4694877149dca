/* flow_row.c - what a finished row tells of itself (flow.h). */
#include "flow.h"

bool flow_has_ports(const struct flow_id *id)
{
    return id->proto == IP_PROTO_TCP || id->proto == IP_PROTO_UDP || id->proto == IP_PROTO_SCTP;
}

enum conn_state flow_conn_state(const struct flow *flow)
{
    return conn_state(&flow->tcp, flow->payload[0] + flow->payload[1] == 0);
}

const char *flow_end_name(enum flow_end end)
{
    static const char *const names[FLOW_END_COUNT] = {
        [FLOW_END_FIN] = "fin",       [FLOW_END_RST] = "rst",         [FLOW_END_IDLE] = "idle",
        [FLOW_END_ACTIVE] = "active", [FLOW_END_EVICTED] = "evicted", [FLOW_END_CLOCK] = "clock",
        [FLOW_END_EOF] = "eof",
    };

    return names[end];
}

const char *flow_kind_name(enum flow_kind kind)
{
    static const char *const names[FLOW_KIND_COUNT] = {
        [FLOW_KIND_HALF_OPEN] = "half-open",
        [FLOW_KIND_ESTABLISHED] = "established",
        [FLOW_KIND_CLOSED] = "closed",
    };

    return names[kind];
}

const char *flow_state_name(enum flow_state state)
{
    static const char *const names[] = {
        [FLOW_NEW] = "new",
        [FLOW_ESTABLISHED] = "established",
        [FLOW_CLOSED] = "closed",
    };

    return names[state];
}
