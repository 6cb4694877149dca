#include "community_id.h"

#include <gcrypt.h>
#include <sodium.h>
#include <string.h>

enum { SHA1_SIZE = 20, INPUT_MAX = 2 + 16 + 16 + 2 + 4 };

static size_t put(uint8_t *buffer, size_t at, const void *bytes, size_t n)
{
    memcpy(buffer + at, bytes, n);
    return at + n;
}

static size_t put_port(uint8_t *buffer, size_t at, uint16_t port)
{
    buffer[at] = (uint8_t)(port >> 8);
    buffer[at + 1] = (uint8_t)port;
    return at + 2;
}

static bool has_ports(uint8_t proto)
{
    return proto == IP_PROTO_TCP || proto == IP_PROTO_UDP || proto == IP_PROTO_SCTP ||
           proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMPV6;
}

/* The spec orders the two ends by address and then port, except for one-way ICMP messages, which
 * keep their direction. */
static bool in_order(const struct flow_id *id, size_t addr_len)
{
    int cmp = memcmp(id->src.bytes, id->dst.bytes, addr_len);

    return flow_icmp_one_way(id) || cmp < 0 || (cmp == 0 && id->sport < id->dport);
}

void community_id(const struct flow_id *id, char out[COMMUNITY_ID_SIZE])
{
    size_t addr_len = id->ip_version == 4 ? 4 : 16;
    bool forward = in_order(id, addr_len);
    uint8_t input[INPUT_MAX] = {0}; /* seed 0 in the first two bytes */
    uint8_t digest[SHA1_SIZE];
    size_t n = 2;

    n = put(input, n, forward ? id->src.bytes : id->dst.bytes, addr_len);
    n = put(input, n, forward ? id->dst.bytes : id->src.bytes, addr_len);
    input[n++] = id->proto;
    input[n++] = 0;
    if (has_ports(id->proto)) {
        n = put_port(input, n, forward ? id->sport : id->dport);
        n = put_port(input, n, forward ? id->dport : id->sport);
    }
    gcry_md_hash_buffer(GCRY_MD_SHA1, digest, input, n);
    strcpy(out, "1:");
    sodium_bin2base64(out + 2, COMMUNITY_ID_SIZE - 2, digest, sizeof digest,
                      sodium_base64_VARIANT_ORIGINAL);
}
