#include "tunnel.h"

#include <stdbool.h>

#include "shim.h"

/* Protocol numbers and ports by IANA, and the one that Linux's VXLAN had before. */
struct tunnel_mark {
    uint8_t proto;
    uint16_t port; /* destination port; 0: no ports */
    enum tunnel_kind kind;
};

static const struct tunnel_mark marks[] = {
    {4, 0, TUNNEL_IPIP},       {41, 0, TUNNEL_6IN4},      {47, 0, TUNNEL_GRE},
    {17, 2152, TUNNEL_GTP},    {17, 3544, TUNNEL_TEREDO}, {17, 4789, TUNNEL_VXLAN},
    {17, 6081, TUNNEL_GENEVE}, {17, 6635, TUNNEL_MPLS},   {17, 8472, TUNNEL_VXLAN},
};

enum { TEREDO_PORT = 3544 };

enum tunnel_kind tunnel_find(const struct packet *packet)
{
    if (packet->proto == IP_PROTO_TCP)
        return TUNNEL_COUNT;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (marks[i].proto == packet->proto &&
            (marks[i].port == 0 || marks[i].port == packet->dport))
            return marks[i].kind;
    /* a Teredo server's answer goes to the client's own port */
    if (packet->proto == IP_PROTO_UDP && packet->sport == TEREDO_PORT)
        return TUNNEL_TEREDO;
    return TUNNEL_COUNT;
}

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGE = 0x0080,
    GRE_VERSION = 0x0007,
    GRE_ERSPAN = 0x88be, /* types I and II */
    GRE_ERSPAN_III = 0x22eb
};

/* RFC 2784, RFC 2890; PPTP's version 1 (RFC 2637) adds an acknowledgement and carries PPP. Source
 * routes (RFC 1701) are as good as extinct. */
static enum decode_result skip_gre_fields(struct cursor *cursor, uint16_t flags)
{
    const uint8_t *fields;
    size_t size = 0;

    if ((flags & GRE_VERSION) > 1 || flags & GRE_ROUTING)
        return DECODE_MALFORMED;
    size += flags & GRE_CHECKSUM ? 4 : 0;
    size += flags & GRE_KEY ? 4 : 0;
    size += flags & GRE_SEQUENCE ? 4 : 0;
    size += flags & GRE_VERSION && flags & GRE_ACKNOWLEDGE ? 4 : 0;
    return cursor_take(cursor, size, &fields);
}

/* draft-foschiano-erspan: type I has no header of its own, which the missing sequence number tells;
 * type II has 8 bytes. */
static enum decode_result strip_erspan(struct cursor *cursor, uint16_t flags, uint16_t *ethertype)
{
    const uint8_t *header;

    *ethertype = ETHERTYPE_BRIDGED;
    return cursor_take(cursor, flags & GRE_SEQUENCE ? 8 : 0, &header);
}

/* 12 bytes; the last two hold the frame's type (0: Ethernet, 2: IP) and whether 8 more follow. */
static enum decode_result strip_erspan_3(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header, *more;
    enum decode_result result = cursor_take(cursor, 12, &header);

    if (result == DECODE_OK)
        result = cursor_take(cursor, header[11] & 1 ? 8 : 0, &more);
    if (result != DECODE_OK)
        return result;
    *ethertype = 0;
    switch (header[10] >> 2 & 0x1f) {
    case 0: *ethertype = ETHERTYPE_BRIDGED; return DECODE_OK;
    case 2: return ethertype_at(cursor, ethertype);
    default: return DECODE_NOT_IP;
    }
}

static enum decode_result strip_gre(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 4, &header);
    uint16_t flags;

    if (result != DECODE_OK)
        return result;
    flags = read_be16(header);
    result = skip_gre_fields(cursor, flags);
    if (result != DECODE_OK)
        return result;
    *ethertype = read_be16(header + 2);
    switch (*ethertype) {
    case GRE_ERSPAN: return strip_erspan(cursor, flags, ethertype);
    case GRE_ERSPAN_III: return strip_erspan_3(cursor, ethertype);
    default: return DECODE_OK;
    }
}

static enum decode_result strip_ip(struct cursor *cursor, uint16_t *ethertype)
{
    return ethertype_at(cursor, ethertype);
}

/* RFC 7348: flags (bit 3: the network id is valid), 3 reserved, network id (3), reserved. */
static enum decode_result strip_vxlan(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 8, &header);

    if (result != DECODE_OK)
        return result;
    *ethertype = ETHERTYPE_BRIDGED;
    return header[0] & 0x08 ? DECODE_OK : DECODE_MALFORMED;
}

/* RFC 8926: version (2 bits), options' length in words (6), flags, EtherType (2), network id (3),
 * reserved, options. */
static enum decode_result strip_geneve(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header, *options;
    enum decode_result result = cursor_take(cursor, 8, &header);

    if (result != DECODE_OK)
        return result;
    if (header[0] >> 6 != 0)
        return DECODE_MALFORMED;
    *ethertype = read_be16(header + 2);
    return cursor_take(cursor, (size_t)(header[0] & 0x3f) * 4, &options);
}

/* Extension headers: length in words, content, next type. *next: of the first one. */
static enum decode_result skip_gtp_extensions(struct cursor *cursor, uint8_t next)
{
    enum { EXTENSIONS_MAX = 8 };
    const uint8_t *extension;
    enum decode_result result;
    size_t len;

    for (int i = 0; next != 0; i++) {
        result = i < EXTENSIONS_MAX ? cursor_need(cursor, 1) : DECODE_MALFORMED;
        if (result != DECODE_OK)
            return result;
        len = (size_t)cursor->at[0] * 4;
        if (len == 0)
            return DECODE_MALFORMED;
        result = cursor_take(cursor, len, &extension);
        if (result != DECODE_OK)
            return result;
        next = extension[len - 1];
    }
    return DECODE_OK;
}

/* 3GPP TS 29.281: version 1 and flags, message type (255: a user's datagram), length (2), tunnel
 * (4); with any of the three flags set, sequence number (2), N-PDU number, next extension. */
static enum decode_result strip_gtp(struct cursor *cursor, uint16_t *ethertype)
{
    enum { EXTENSION = 0x04, ANY_FLAG = 0x07, USER_DATA = 255 };
    const uint8_t *header, *optional;
    enum decode_result result = cursor_take(cursor, 8, &header);

    if (result != DECODE_OK)
        return result;
    if (header[0] >> 4 != 3)
        return DECODE_MALFORMED;
    if (header[1] != USER_DATA)
        return DECODE_NOT_IP;
    if (header[0] & ANY_FLAG) {
        result = cursor_take(cursor, 4, &optional);
        if (result == DECODE_OK && header[0] & EXTENSION)
            result = skip_gtp_extensions(cursor, optional[3]);
    }
    return result == DECODE_OK ? ethertype_at(cursor, ethertype) : result;
}

/* RFC 4380: an authentication header (00 01, two lengths, what they say, nonce 8, confirmation 1)
 * and an origin indication (00 00, port, address) may precede IPv6. */
static enum decode_result strip_teredo(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_need(cursor, 4);

    if (result == DECODE_OK && read_be16(cursor->at) == 1)
        result = cursor_take(cursor, 13 + (size_t)cursor->at[2] + cursor->at[3], &header);
    if (result == DECODE_OK)
        result = cursor_need(cursor, 2);
    if (result == DECODE_OK && read_be16(cursor->at) == 0)
        result = cursor_take(cursor, 8, &header);
    if (result == DECODE_OK)
        result = ethertype_at(cursor, ethertype);
    if (result != DECODE_OK)
        return result;
    return *ethertype == ETHERTYPE_IPV6 ? DECODE_OK : DECODE_NOT_IP;
}

/* RFC 7510 */
static enum decode_result strip_mpls(struct cursor *cursor, uint16_t *ethertype)
{
    (void)cursor;
    *ethertype = ETHERTYPE_MPLS;
    return DECODE_OK;
}

typedef enum decode_result tunnel_stripper(struct cursor *cursor, uint16_t *ethertype);

enum decode_result tunnel_strip(enum tunnel_kind kind, struct cursor *cursor, uint16_t *ethertype)
{
    static tunnel_stripper *const strippers[TUNNEL_COUNT] = {
        [TUNNEL_GRE] = strip_gre,       [TUNNEL_IPIP] = strip_ip,       [TUNNEL_6IN4] = strip_ip,
        [TUNNEL_VXLAN] = strip_vxlan,   [TUNNEL_GENEVE] = strip_geneve, [TUNNEL_GTP] = strip_gtp,
        [TUNNEL_TEREDO] = strip_teredo, [TUNNEL_MPLS] = strip_mpls,
    };

    return strippers[kind](cursor, ethertype);
}
