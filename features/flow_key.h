/* flow_key.h - which flow a packet belongs to, and which side of it sent the packet. */
#ifndef FEATURES_FLOW_KEY_H
#define FEATURES_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "flow.h"

/* A packet's flow, seen from either side. */
struct flow_key {
    struct flow_id sent;   /* as if the packet's sender were the originator */
    struct flow_id answer; /* as if its receiver were */
    bool one_way;          /* an ICMP message that no other direction belongs to */
    bool from_responder;   /* if it opened a flow, its receiver would be the originator */
    uint32_t hash;         /* the same for both directions of a flow */
};

/* secret: 16 bytes that key the hash. */
void flow_key_init(struct flow_key *key, const struct packet *packet, const uint8_t secret[16]);

/* Is it the flow with this id? Then *dir is the packet's direction in it. */
bool flow_key_match(const struct flow_key *key, const struct flow_id *id, enum flow_dir *dir);

/* struct flow's flow_id: the same on every machine for the same flow and first packet. */
uint64_t flow_id_number(const struct flow_id *id, int64_t first_ns);

/* Who talks to whom: the same number, < 2^53, for all flows of an originator to a responder, on
 * every machine. The originator of IPv6 is its /64, of which hosts take addresses as they like, and
 * of link-local ones the link: what a new host there says to all is no news. */
uint64_t flow_ends_number(const struct flow_id *id);

#endif
