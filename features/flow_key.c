#include "flow_key.h"

#include <sodium/crypto_shorthash.h>
#include <string.h>

#include "icmp.h"
#include "public_hash.h"

_Static_assert(sizeof(struct flow_id) == 42, "flow ids hash and compare as bytes: no padding");

static bool is_icmp(uint8_t proto)
{
    return proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMPV6;
}

static bool tcp_udp_from_responder(const struct packet *packet)
{
    if (packet->proto != IP_PROTO_TCP && packet->proto != IP_PROTO_UDP)
        return false;
    if (packet->tcp_flags & TCP_SYN)
        return packet->tcp_flags & TCP_ACK;
    return packet->sport < WELL_KNOWN_PORTS && packet->dport >= WELL_KNOWN_PORTS;
}

static struct flow_id sent_id(const struct packet *packet)
{
    struct flow_id id = {
        .src = packet->src,
        .dst = packet->dst,
        .sport = packet->sport,
        .dport = packet->dport,
        .vlan = {packet->vlan[0], packet->vlan[1]},
        .ip_version = packet->ip_version,
        .proto = packet->proto,
    };

    return id;
}

static struct flow_id swapped(const struct flow_id *id)
{
    struct flow_id answer = *id;

    answer.src = id->dst;
    answer.dst = id->src;
    answer.sport = id->dport;
    answer.dport = id->sport;
    return answer;
}

static uint32_t hash_of(const struct flow_key *key, const uint8_t secret[16])
{
    bool sent_first = key->one_way || memcmp(&key->sent, &key->answer, sizeof key->sent) <= 0;
    const struct flow_id *id = sent_first ? &key->sent : &key->answer;
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t folded;

    crypto_shorthash(hash, (const uint8_t *)id, sizeof *id, secret);
    memcpy(&folded, hash, sizeof folded);
    return folded;
}

void flow_key_init(struct flow_key *key, const struct packet *packet, const uint8_t secret[16])
{
    enum icmp_role role;

    key->sent = sent_id(packet);
    key->one_way = false;
    if (is_icmp(packet->proto)) {
        role = icmp_role(packet->proto, packet->sport, &key->sent.dport);
        key->one_way = role == ICMP_ONE_WAY;
        key->from_responder = role == ICMP_REPLY;
    } else {
        key->from_responder = tcp_udp_from_responder(packet);
    }
    key->answer = swapped(&key->sent);
    key->hash = hash_of(key, secret);
}

bool flow_key_match(const struct flow_key *key, const struct flow_id *id, enum flow_dir *dir)
{
    if (memcmp(&key->sent, id, sizeof *id) == 0) {
        *dir = FLOW_TO_SERVER;
        return true;
    }
    if (!key->one_way && memcmp(&key->answer, id, sizeof *id) == 0) {
        *dir = FLOW_TO_CLIENT;
        return true;
    }
    return false;
}

bool flow_icmp_one_way(const struct flow_id *id)
{
    uint16_t counterpart;

    return is_icmp(id->proto) && icmp_role(id->proto, id->sport, &counterpart) == ICMP_ONE_WAY;
}

static uint8_t *put(uint8_t *to, uint64_t value, int bytes)
{
    while (bytes-- > 0)
        *to++ = (uint8_t)(value >> (8 * bytes));
    return to;
}

uint64_t flow_id_number(const struct flow_id *id, int64_t first_ns)
{
    static const uint8_t public_key[crypto_shorthash_KEYBYTES] = "da3dd flow id v1";
    uint8_t bytes[sizeof *id + sizeof first_ns];
    uint8_t *end = bytes;

    memcpy(end, id->src.bytes, sizeof id->src);
    memcpy(end + sizeof id->src, id->dst.bytes, sizeof id->dst);
    end += sizeof id->src + sizeof id->dst;
    end = put(end, id->sport, 2);
    end = put(end, id->dport, 2);
    for (int i = 0; i < VLAN_MAX; i++)
        end = put(end, id->vlan[i], 2);
    end = put(end, id->ip_version, 1);
    end = put(end, id->proto, 1);
    end = put(end, (uint64_t)first_ns, 8);
    return public_hash(bytes, (size_t)(end - bytes), public_key);
}

uint64_t flow_ends_number(const struct flow_id *id)
{
    static const uint8_t public_key[crypto_shorthash_KEYBYTES] = "da3dd ends id v1";
    uint8_t bytes[sizeof id->src + sizeof id->dst + 1] = {0};

    memcpy(bytes, id->src.bytes, id->ip_version == 6 ? 8 : sizeof id->src);
    memcpy(bytes + sizeof id->src, id->dst.bytes, sizeof id->dst);
    bytes[sizeof id->src + sizeof id->dst] = id->ip_version;
    return public_hash(bytes, sizeof bytes, public_key);
}
