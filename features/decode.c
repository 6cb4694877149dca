#include "decode.h"

#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "fragment.h"
#include "ip.h"
#include "link.h"
#include "shim.h"
#include "transport.h"
#include "tunnel.h"

enum { TUNNELS_DEEP = 4 };

struct decoder {
    struct fragment_table *fragments;
    unsigned tunnels; /* kinds to look into */
    struct decoder_stats stats;
};

struct decoder *decoder_new(const uint8_t key[16])
{
    struct decoder *decoder = malloc(sizeof *decoder);

    if (decoder == NULL)
        return NULL;
    decoder->fragments = fragment_table_new(key);
    if (decoder->fragments == NULL) {
        free(decoder);
        return NULL;
    }
    decoder->tunnels = TUNNELS_ALL;
    decoder->stats = (struct decoder_stats){0};
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    fragment_table_free(decoder->fragments);
    free(decoder);
}

void decoder_set_tunnels(struct decoder *decoder, unsigned kinds)
{
    decoder->tunnels = kinds;
}

void decoder_get_stats(const struct decoder *decoder, struct decoder_stats *out)
{
    *out = decoder->stats;
}

bool decode_link_supported(int linktype)
{
    return link_supported(linktype);
}

static struct fragment_key fragment_key(const struct packet *packet,
                                        const struct ip_fragment *fragment)
{
    struct fragment_key key = {
        .src = packet->src,
        .dst = packet->dst,
        .datagram = fragment->datagram,
        .vlan = {packet->vlan[0], packet->vlan[1]},
        .ip_version = packet->ip_version,
        .proto = fragment->proto,
    };

    return key;
}

enum { FRAGMENT_UNIT = 8 }; /* bytes */

/* len: bytes of the fragment's payload. */
static bool wrong_length(const struct ip_fragment *fragment, size_t len)
{
    return (fragment->more && len % FRAGMENT_UNIT != 0) ||
           (size_t)fragment->offset * FRAGMENT_UNIT + len > UINT16_MAX;
}

static enum decode_result later_fragment(const struct decoder *decoder,
                                         const struct ip_fragment *fragment, struct cursor *cursor,
                                         struct packet *out)
{
    struct fragment_key key = fragment_key(out, fragment);
    struct fragment_ports ports;

    if (!fragment_get(decoder->fragments, &key, out->ts_ns, &ports))
        return DECODE_FRAGMENT;
    out->proto = ports.proto;
    out->sport = ports.sport;
    out->dport = ports.dport;
    out->tcp_flags = 0;
    out->tcp_seq = 0;
    if ((uint32_t)fragment->offset * FRAGMENT_UNIT < ports.end)
        out->wrong_fragment = true;
    if (ports.split > 0 && ports.split == fragment->offset * FRAGMENT_UNIT)
        transport_parse_rest(cursor, ports.split, out);
    return DECODE_OK;
}

static enum decode_result first_fragment(struct decoder *decoder,
                                         const struct ip_fragment *fragment, struct cursor *cursor,
                                         struct packet *out)
{
    struct fragment_key key = fragment_key(out, fragment);
    const uint32_t end = (uint32_t)cursor->claimed;
    size_t split = transport_split(cursor, out);
    enum decode_result result =
        split > 0 ? transport_parse_head(cursor, out) : transport_parse(cursor, out);
    struct fragment_ports ports = {out->sport, out->dport, out->proto, (uint8_t)split, end};

    if (result == DECODE_OK)
        fragment_put(decoder->fragments, &key, out->ts_ns, &ports);
    return result;
}

static enum decode_result decode_datagram(struct decoder *decoder, uint16_t ethertype,
                                          struct cursor *cursor, struct packet *out)
{
    struct ip_fragment fragment;
    enum decode_result result = ethertype == ETHERTYPE_IPV4 ? ip_parse_v4(cursor, out, &fragment)
                                                            : ip_parse_v6(cursor, out, &fragment);

    if (result != DECODE_OK)
        return result;
    out->wrong_fragment = out->fragment && wrong_length(&fragment, cursor->claimed);
    out->later_fragment = fragment.offset > 0;
    if (out->later_fragment)
        return later_fragment(decoder, &fragment, cursor, out);
    if (out->fragment)
        return first_fragment(decoder, &fragment, cursor, out);
    return transport_parse(cursor, out);
}

/* From where ethertype says what follows, to the payload of the datagram. */
static enum decode_result decode_network(struct decoder *decoder, uint16_t ethertype,
                                         struct cursor *cursor, struct packet *out)
{
    enum decode_result result;

    out->vlan_count = 0;
    out->vlan[0] = out->vlan[1] = 0;
    result = shim_strip(cursor, &ethertype, out);
    if (result == DECODE_OK)
        result = decode_datagram(decoder, ethertype, cursor, out);
    if (result != DECODE_OK)
        return result;
    out->payload = cursor->at;
    out->payload_cap = (uint32_t)cursor->captured;
    out->payload_len = (uint32_t)cursor->claimed;
    return DECODE_OK;
}

static enum tunnel_kind find_tunnel(const struct decoder *decoder, const struct packet *packet)
{
    enum tunnel_kind kind = packet->later_fragment ? TUNNEL_COUNT : tunnel_find(packet);

    return kind < TUNNEL_COUNT && decoder->tunnels & 1U << kind ? kind : TUNNEL_COUNT;
}

/* Replaces *packet by the one that it carries. Returns false, *packet as it was, if there is none
 * that can be decoded. */
static bool enter_tunnel(struct decoder *decoder, struct packet *packet)
{
    enum tunnel_kind kind = find_tunnel(decoder, packet);
    struct cursor cursor = {
        .at = packet->payload, .captured = packet->payload_cap, .claimed = SIZE_MAX};
    struct packet inner;
    enum decode_result result;
    uint16_t ethertype;

    if (kind == TUNNEL_COUNT)
        return false;
    inner = *packet;
    result = tunnel_strip(kind, &cursor, &ethertype);
    if (result == DECODE_OK)
        result = decode_network(decoder, ethertype, &cursor, &inner);
    if (result != DECODE_OK) {
        decoder->stats.opaque++;
        return false;
    }
    decoder->stats.inner[kind]++;
    *packet = inner;
    return true;
}

/* Frames are far smaller; the bound keeps lengths within struct packet's and the flows' fields. */
static uint32_t bounded(size_t length)
{
    return length < INT32_MAX ? (uint32_t)length : INT32_MAX;
}

enum decode_result decode_packet(struct decoder *decoder, int linktype, const struct frame *frame,
                                 struct packet *out)
{
    struct cursor cursor = {
        .at = frame->data, .captured = bounded(frame->caplen), .claimed = SIZE_MAX};
    enum decode_result result;
    uint16_t ethertype;

    out->ts_ns = frame->ts_ns;
    out->frame_cap = bounded(frame->caplen);
    out->frame_len = bounded(frame->wirelen);
    result = link_strip(linktype, &cursor, &ethertype);
    if (result == DECODE_OK)
        result = decode_network(decoder, ethertype, &cursor, out);
    for (int depth = 0; result == DECODE_OK && depth < TUNNELS_DEEP; depth++)
        if (!enter_tunnel(decoder, out))
            break;
    return result;
}

const char *decode_result_name(enum decode_result result)
{
    static const char *const names[DECODE_RESULT_COUNT] = {
        [DECODE_OK] = "ok",
        [DECODE_ARP] = "arp",
        [DECODE_NOT_IP] = "not-ip",
        [DECODE_ENCRYPTED] = "encrypted",
        [DECODE_LINK] = "link-type",
        [DECODE_TRUNCATED] = "truncated",
        [DECODE_MALFORMED] = "malformed",
        [DECODE_FRAGMENT] = "fragment",
    };

    return names[result];
}

const char *decode_tunnel_name(enum tunnel_kind kind)
{
    static const char *const names[TUNNEL_COUNT] = {
        [TUNNEL_GRE] = "gre",       [TUNNEL_IPIP] = "ipip",     [TUNNEL_6IN4] = "6in4",
        [TUNNEL_VXLAN] = "vxlan",   [TUNNEL_GENEVE] = "geneve", [TUNNEL_GTP] = "gtp",
        [TUNNEL_TEREDO] = "teredo", [TUNNEL_MPLS] = "mpls",
    };

    return names[kind];
}
