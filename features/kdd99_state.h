/* kdd99_state.h - the state machine of kdd99_feature_extractor: what a conversation has come to,
 * the KDD'99 flag of it, and how long it may be silent.
 *
 * As its author meant it: a SYN leads to S0, where the published program by mistake goes to S1. */
#ifndef FEATURES_KDD99_STATE_H
#define FEATURES_KDD99_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "conn_state.h"

enum kdd99_state {
    KDD99_INIT,        /* TCP before its first packet */
    KDD99_S0,          /* SYN */
    KDD99_S1,          /* answered by SYN+ACK */
    KDD99_ESTABLISHED, /* acknowledged */
    KDD99_S2,          /* the originator sent FIN */
    KDD99_S2_FIN,      /* and the responder too */
    KDD99_S3,          /* the responder sent FIN */
    KDD99_S3_FIN,      /* and the originator too */
    KDD99_SF,          /* both, acknowledged */
    KDD99_REJ,
    KDD99_RSTO,
    KDD99_RSTR,
    KDD99_RSTOS0,
    KDD99_SH,
    KDD99_OTH,
    KDD99_UDP,
    KDD99_ICMP
};

/* The state after a TCP packet. flags: its enum tcp_flag. */
enum kdd99_state kdd99_next(enum kdd99_state state, bool from_originator, uint8_t flags);

enum conn_state kdd99_flag(enum kdd99_state state);

/* How long a conversation in this state may be silent. 0: it has ended. */
int64_t kdd99_timeout_us(enum kdd99_state state);

#endif
