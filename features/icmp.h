/* icmp.h - which ICMP and ICMPv6 messages answer which, after Community ID v1. */
#ifndef FEATURES_ICMP_H
#define FEATURES_ICMP_H

#include <stdbool.h>
#include <stdint.h>

enum icmp_role {
    ICMP_ONE_WAY, /* an error, a redirect, ...: nothing answers it */
    ICMP_REQUEST,
    ICMP_REPLY
};

/* proto: IP_PROTO_ICMP or IP_PROTO_ICMPV6. *counterpart: the type that answers or asks for this
 * one; untouched if there is none. */
enum icmp_role icmp_role(uint8_t proto, uint16_t type, uint16_t *counterpart);

#endif
