#include "flow_ahead.h"

#include <string.h>

void flow_ahead_hold(struct flow_ahead *ahead, const struct packet *packet,
                     const struct flow_key *key)
{
    struct packet *copy = &ahead->packet;

    ahead->held = true;
    ahead->key = *key;
    *copy = *packet;
    if (copy->payload_cap > FLOW_AHEAD_PAYLOAD)
        copy->payload_cap = FLOW_AHEAD_PAYLOAD;
    copy->payload = ahead->payload;
    if (copy->proto == IP_PROTO_TCP && copy->payload_cap > 0)
        memcpy(ahead->payload, packet->payload, copy->payload_cap);
}
