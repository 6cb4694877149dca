/* conn_state.h - how a TCP connection went, in the terms of KDD'99 and Zeek's conn_state. */
#ifndef FEATURES_CONN_STATE_H
#define FEATURES_CONN_STATE_H

#include "flow.h"

enum conn_state {
    CONN_S0,   /* SYN, no answer */
    CONN_S1,   /* established, not closed */
    CONN_S2,   /* established, the originator alone sent FIN */
    CONN_S3,   /* established, the responder alone sent FIN */
    CONN_SF,   /* established, both sides sent FIN */
    CONN_REJ,  /* SYN answered by RST */
    CONN_RSTO, /* established, the originator sent RST */
    CONN_RSTR, /* established, the responder sent RST */
    CONN_OTH,  /* anything else: no SYN seen, or only parts of a handshake */
    CONN_STATE_COUNT
};

/* Of a TCP row, from the flags that each side sent. */
enum conn_state conn_state(const struct flow *flow);

#endif
