#include "conn_state.h"

static enum conn_state established(uint8_t originator, uint8_t responder)
{
    if (originator & TCP_RST)
        return CONN_RSTO;
    if (responder & TCP_RST)
        return CONN_RSTR;
    if (originator & TCP_FIN)
        return responder & TCP_FIN ? CONN_SF : CONN_S2;
    return responder & TCP_FIN ? CONN_S3 : CONN_S1;
}

enum conn_state conn_state(const struct flow *flow)
{
    uint8_t originator = flow->tcp_flags[FLOW_TO_SERVER];
    uint8_t responder = flow->tcp_flags[FLOW_TO_CLIENT];

    if (!(originator & TCP_SYN))
        return CONN_OTH;
    if (responder & TCP_SYN)
        return established(originator, responder);
    if (responder & TCP_RST)
        return CONN_REJ;
    return flow->pkts[FLOW_TO_CLIENT] == 0 && !(originator & (TCP_FIN | TCP_RST)) ? CONN_S0
                                                                                  : CONN_OTH;
}
