/* flow_ahead.h - a packet held back until the next one comes. */
#ifndef FEATURES_FLOW_AHEAD_H
#define FEATURES_FLOW_AHEAD_H

#include "flow_key.h"

/* More of a packet's payload no one looks at: content inspection ends with the first 64 KiB. */
enum { FLOW_AHEAD_PAYLOAD = 65536 };

struct flow_ahead {
    bool held; /* false: the rest means nothing */
    struct flow_key key;
    struct packet packet; /* payload: ours */
    uint8_t payload[FLOW_AHEAD_PAYLOAD];
};

/* Copies both; of the payload what content inspection asks for, if it is asked for. */
void flow_ahead_hold(struct flow_ahead *ahead, const struct packet *packet,
                     const struct flow_key *key, bool content);

#endif
