#include "flow_ahead.h"

#include <string.h>

#include "content.h"

void flow_ahead_hold(struct flow_ahead *ahead, const struct packet *packet,
                     const struct flow_key *key, bool content)
{
    struct packet *copy = &ahead->packet;

    ahead->held = true;
    ahead->key = *key;
    *copy = *packet;
    copy->payload = ahead->payload;
    if (!content || !content_possible(packet))
        copy->payload_cap = 0;
    else if (copy->payload_cap > FLOW_AHEAD_PAYLOAD)
        copy->payload_cap = FLOW_AHEAD_PAYLOAD;
    if (copy->payload_cap > 0)
        memcpy(ahead->payload, packet->payload, copy->payload_cap);
}
