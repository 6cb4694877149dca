#include "icmp.h"

#include <stddef.h>

#include "packet.h"

struct exchange {
    uint8_t proto, request, reply;
};

/* https://github.com/corelight/community-id-spec */
static const struct exchange exchanges[] = {
    {IP_PROTO_ICMP, 8, 0},       /* echo */
    {IP_PROTO_ICMP, 10, 9},      /* router solicitation, advertisement */
    {IP_PROTO_ICMP, 13, 14},     /* timestamp */
    {IP_PROTO_ICMP, 15, 16},     /* information */
    {IP_PROTO_ICMP, 17, 18},     /* address mask */
    {IP_PROTO_ICMPV6, 128, 129}, /* echo */
    {IP_PROTO_ICMPV6, 130, 131}, /* multicast listener query, report */
    {IP_PROTO_ICMPV6, 133, 134}, /* router solicitation, advertisement */
    {IP_PROTO_ICMPV6, 135, 136}, /* neighbour solicitation, advertisement */
    {IP_PROTO_ICMPV6, 139, 140}, /* node information */
    {IP_PROTO_ICMPV6, 144, 145}, /* home agent address discovery */
};

enum icmp_role icmp_role(uint8_t proto, uint16_t type, uint16_t *counterpart)
{
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        const struct exchange *exchange = &exchanges[i];

        if (exchange->proto == proto && exchange->request == type) {
            *counterpart = exchange->reply;
            return ICMP_REQUEST;
        }
        if (exchange->proto == proto && exchange->reply == type) {
            *counterpart = exchange->request;
            return ICMP_REPLY;
        }
    }
    return ICMP_ONE_WAY;
}
