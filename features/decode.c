#include "decode.h"

#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "fragment.h"
#include "ip.h"
#include "link.h"
#include "transport.h"

struct decoder {
    struct fragment_table *fragments;
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
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    fragment_table_free(decoder->fragments);
    free(decoder);
}

bool decode_link_supported(int linktype)
{
    return link_supported(linktype);
}

static struct fragment_key fragment_key(const struct packet *packet, uint32_t datagram)
{
    struct fragment_key key = {
        .src = packet->src,
        .dst = packet->dst,
        .datagram = datagram,
        .vlan = {packet->vlan[0], packet->vlan[1]},
        .ip_version = packet->ip_version,
        .proto = packet->ip_version == 4 ? packet->proto : 0,
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
                                         const struct ip_fragment *fragment, struct packet *out)
{
    struct fragment_key key = fragment_key(out, fragment->datagram);
    struct fragment_ports ports;

    if (!fragment_get(decoder->fragments, &key, out->ts_ns, &ports))
        return DECODE_FRAGMENT;
    out->proto = ports.proto;
    out->sport = ports.sport;
    out->dport = ports.dport;
    out->tcp_flags = 0;
    if ((uint32_t)fragment->offset * FRAGMENT_UNIT < ports.end)
        out->wrong_fragment = true;
    return DECODE_OK;
}

static void remember_fragment(struct decoder *decoder, uint32_t datagram, size_t len,
                              const struct packet *packet)
{
    struct fragment_key key = fragment_key(packet, datagram);
    struct fragment_ports ports = {packet->sport, packet->dport, packet->proto, (uint32_t)len};

    fragment_put(decoder->fragments, &key, packet->ts_ns, &ports);
}

static enum decode_result decode_ip(struct decoder *decoder, uint16_t ethertype,
                                    struct cursor *cursor, struct packet *out)
{
    struct ip_fragment fragment;
    enum decode_result result;
    size_t len;

    switch (ethertype) {
    case ETHERTYPE_IPV4: result = ip_parse_v4(cursor, out, &fragment); break;
    case ETHERTYPE_IPV6: result = ip_parse_v6(cursor, out, &fragment); break;
    default: return DECODE_NOT_IP;
    }
    if (result != DECODE_OK)
        return result;
    len = cursor->claimed;
    out->wrong_fragment = out->fragment && wrong_length(&fragment, len);
    out->later_fragment = fragment.offset > 0;
    if (out->later_fragment)
        return later_fragment(decoder, &fragment, out);
    result = transport_parse(cursor, out);
    if (result == DECODE_OK && out->fragment)
        remember_fragment(decoder, fragment.datagram, len, out);
    return result;
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
    result = link_strip(linktype, &cursor, &ethertype, out);
    if (result == DECODE_OK)
        result = decode_ip(decoder, ethertype, &cursor, out);
    if (result != DECODE_OK)
        return result;
    out->payload = cursor.at;
    out->payload_cap = (uint32_t)cursor.captured;
    out->payload_len = (uint32_t)cursor.claimed;
    return DECODE_OK;
}

const char *decode_result_name(enum decode_result result)
{
    static const char *const names[DECODE_RESULT_COUNT] = {
        [DECODE_OK] = "ok",
        [DECODE_NOT_IP] = "not-ip",
        [DECODE_LINK] = "link-type",
        [DECODE_TRUNCATED] = "truncated",
        [DECODE_MALFORMED] = "malformed",
        [DECODE_FRAGMENT] = "fragment",
    };

    return names[result];
}
