#include "ip.h"

#include <string.h>

enum {
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    EXTENSION_HEADER_MIN = 8,
    EXTENSIONS_MAX = 16,
    OPTION_PAD1 = 0,
    OPTION_JUMBO = 0xc2 /* RFC 2675 */
};

/* IPv6 extension headers (IANA), and protocols that can follow them. */
enum next_header {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AUTHENTICATION = 51,
    NEXT_DESTINATION = 60,
    NEXT_MOBILITY = 135,
    NEXT_HIP = 139,
    NEXT_SHIM6 = 140
};

static void set_addresses(struct packet *out, const uint8_t *src, const uint8_t *dst, size_t size)
{
    memset(&out->src, 0, sizeof out->src);
    memset(&out->dst, 0, sizeof out->dst);
    memcpy(out->src.bytes, src, size);
    memcpy(out->dst.bytes, dst, size);
}

/* The value of the jumbo payload option among a hop-by-hop header's options, 0 if there is none.
 * options: size bytes. */
static uint32_t find_jumbo(const uint8_t *options, size_t size)
{
    size_t i = 0;

    while (i + 1 < size) {
        if (options[i] == OPTION_PAD1) {
            i++;
            continue;
        }
        if (options[i] == OPTION_JUMBO && options[i + 1] == 4 && i + 6 <= size)
            return read_be32(options + i + 2);
        i += 2 + (size_t)options[i + 1];
    }
    return 0;
}

/* cursor: at the hop-by-hop header. */
static enum decode_result read_jumbo(const struct cursor *cursor, size_t *payload)
{
    enum decode_result result = cursor_need(cursor, EXTENSION_HEADER_MIN);
    size_t header_len;

    if (result != DECODE_OK)
        return result;
    header_len = ((size_t)cursor->at[1] + 1) * 8;
    result = cursor_need(cursor, header_len);
    if (result != DECODE_OK)
        return result;
    *payload = find_jumbo(cursor->at + 2, header_len - 2);
    return *payload > UINT16_MAX && *payload <= cursor->captured ? DECODE_OK : DECODE_MALFORMED;
}

/* The payload's length: the header's, but for TSO and jumbograms. cursor: after the header. */
static enum decode_result read_payload_len(const struct cursor *cursor, const uint8_t *header,
                                           size_t *payload)
{
    *payload = read_be16(header + 4);
    if (*payload > 0)
        return DECODE_OK;
    if (header[6] == NEXT_HOP_BY_HOP)
        return read_jumbo(cursor, payload);
    if (header[6] == IP_PROTO_TCP || header[6] == IP_PROTO_UDP)
        *payload = cursor->captured;
    return DECODE_OK;
}

static bool is_extension(uint8_t next)
{
    switch (next) {
    case NEXT_HOP_BY_HOP:
    case NEXT_ROUTING:
    case NEXT_FRAGMENT:
    case NEXT_AUTHENTICATION:
    case NEXT_DESTINATION:
    case NEXT_MOBILITY:
    case NEXT_HIP:
    case NEXT_SHIM6: return true;
    default: return false;
    }
}

/* header: EXTENSION_HEADER_MIN bytes. */
static size_t extension_len(uint8_t next, const uint8_t *header)
{
    switch (next) {
    case NEXT_FRAGMENT: return 8;
    case NEXT_AUTHENTICATION: return ((size_t)header[1] + 2) * 4;
    default: return ((size_t)header[1] + 1) * 8;
    }
}

static void read_fragment_header(const uint8_t *header, struct packet *out,
                                 struct ip_fragment *fragment)
{
    uint16_t field = read_be16(header + 2);

    fragment->datagram = read_be32(header + 4);
    fragment->offset = field >> 3;
    fragment->more = (field & 1) != 0;
    out->fragment = (field & 0xfff9) != 0; /* offset, or more to come */
}

/* Moves past one extension header; *next: its own number, then that of what follows. */
static enum decode_result skip_extension(struct cursor *cursor, uint8_t *next, struct packet *out,
                                         struct ip_fragment *fragment)
{
    enum decode_result result = cursor_need(cursor, EXTENSION_HEADER_MIN);
    const uint8_t *header = cursor->at;
    size_t len;

    if (result != DECODE_OK)
        return result;
    len = extension_len(*next, header);
    result = cursor_need(cursor, len);
    if (result != DECODE_OK)
        return result;
    if (*next == NEXT_FRAGMENT)
        read_fragment_header(header, out, fragment);
    *next = header[0];
    cursor_skip(cursor, len);
    return DECODE_OK;
}

static enum decode_result skip_extensions(struct cursor *cursor, uint8_t next, struct packet *out,
                                          struct ip_fragment *fragment)
{
    enum decode_result result;

    for (int depth = 0; is_extension(next) && fragment->offset == 0; depth++) {
        if (depth == EXTENSIONS_MAX)
            return DECODE_MALFORMED;
        result = skip_extension(cursor, &next, out, fragment);
        if (result != DECODE_OK)
            return result;
    }
    out->proto = next;
    return DECODE_OK;
}

static void read_v4(const uint8_t *header, struct packet *out, struct ip_fragment *fragment)
{
    uint16_t flags = read_be16(header + 6);

    out->ip_version = 4;
    out->proto = fragment->proto = header[9];
    set_addresses(out, header + 12, header + 16, 4);
    fragment->datagram = read_be16(header + 4);
    fragment->offset = flags & 0x1fff;
    fragment->more = (flags & 0x2000) != 0;
    out->fragment = (flags & 0x3fff) != 0; /* offset, or more to come */
}

enum decode_result ip_parse_v4(struct cursor *cursor, struct packet *out,
                               struct ip_fragment *fragment)
{
    enum decode_result result = cursor_need(cursor, IPV4_HEADER);
    const uint8_t *header = cursor->at;
    size_t header_len, total;

    if (result != DECODE_OK)
        return result;
    header_len = (size_t)(header[0] & 0x0f) * 4;
    total = read_be16(header + 2);
    if (total == 0) /* TSO */
        total = cursor->captured;
    if (header[0] >> 4 != 4 || header_len < IPV4_HEADER || total < header_len)
        return DECODE_MALFORMED;
    read_v4(header, out, fragment);
    out->ip_len = (uint32_t)total;
    cursor_claim(cursor, total);
    result = cursor_take(cursor, header_len, &header);
    if (result == DECODE_OK && out->proto == NEXT_AUTHENTICATION && fragment->offset == 0)
        result = skip_extension(cursor, &out->proto, out, fragment);
    return result;
}

enum decode_result ip_parse_v6(struct cursor *cursor, struct packet *out,
                               struct ip_fragment *fragment)
{
    enum decode_result result = cursor_need(cursor, IPV6_HEADER);
    const uint8_t *header = cursor->at;
    size_t payload;

    if (result != DECODE_OK)
        return result;
    if (header[0] >> 4 != 6)
        return DECODE_MALFORMED;
    cursor_skip(cursor, IPV6_HEADER);
    result = read_payload_len(cursor, header, &payload);
    if (result != DECODE_OK)
        return result;
    cursor_claim(cursor, payload);
    out->ip_version = 6;
    out->ip_len = (uint32_t)(IPV6_HEADER + payload);
    out->fragment = false;
    set_addresses(out, header + 8, header + 24, 16);
    *fragment = (struct ip_fragment){0};
    return skip_extensions(cursor, header[6], out, fragment);
}
