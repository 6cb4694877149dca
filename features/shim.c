#include "shim.h"

#include <stdbool.h>

enum { SHIMS_MAX = 8, LABELS_MAX = 8 };

uint16_t ethertype_of_version(uint8_t first)
{
    switch (first >> 4) {
    case 4: return ETHERTYPE_IPV4;
    case 6: return ETHERTYPE_IPV6;
    default: return 0;
    }
}

enum decode_result ethertype_at(const struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 1);

    if (result == DECODE_OK)
        *ethertype = ethertype_of_version(cursor->at[0]);
    return result;
}

static enum decode_result strip_ethernet(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 14, &header);

    if (result == DECODE_OK)
        *ethertype = read_be16(header + 12);
    return result;
}

static enum decode_result strip_snap(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 8, &header);

    if (result == DECODE_OK && header[3] == 0 && header[4] == 0 &&
        (header[5] == 0 || header[5] == 0xf8))
        *ethertype = read_be16(header + 6);
    return result;
}

/* IEEE 802.2: a SNAP header (RFC 1042, or 802.1H's bridge tunnel) holds an EtherType; 0x06 is IP's
 * own service access point. */
static enum decode_result strip_llc(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 3);

    *ethertype = 0;
    if (result != DECODE_OK)
        return result;
    if (read_be16(cursor->at) == 0xaaaa)
        return strip_snap(cursor, ethertype);
    if (read_be16(cursor->at) == 0x0606)
        *ethertype = ETHERTYPE_IPV4;
    cursor_skip(cursor, 3);
    return DECODE_OK;
}

/* What lies behind the last label is told by nothing but its first bits: IP by its version; 0 is
 * the control word of a pseudowire (RFC 4385), taken as Ethernet's. */
static enum decode_result behind_labels(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 4);

    if (result != DECODE_OK)
        return result;
    *ethertype = ethertype_of_version(cursor->at[0]);
    if (cursor->at[0] >> 4 == 0) {
        *ethertype = ETHERTYPE_BRIDGED;
        cursor_skip(cursor, 4);
    }
    return DECODE_OK;
}

/* RFC 3032: label (20 bits), class (3), bottom of stack (1), time to live (8). */
static enum decode_result strip_mpls(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *entry;
    enum decode_result result;
    int depth = 0;

    do {
        result = depth++ < LABELS_MAX ? cursor_take(cursor, 4, &entry) : DECODE_MALFORMED;
        if (result != DECODE_OK)
            return result;
    } while (!(entry[2] & 1));
    return behind_labels(cursor, ethertype);
}

static uint16_t from_ppp(uint16_t protocol)
{
    switch (protocol) {
    case 0x0021: return ETHERTYPE_IPV4;
    case 0x0057: return ETHERTYPE_IPV6;
    case 0x0281: return ETHERTYPE_MPLS;
    default: return 0;
    }
}

/* RFC 1661, RFC 1662: address and control field ff 03 may be left out; an odd first byte is a
 * protocol number compressed to one. */
static enum decode_result strip_ppp(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 2);
    size_t size;

    if (result == DECODE_OK && read_be16(cursor->at) == 0xff03) {
        cursor_skip(cursor, 2);
        result = cursor_need(cursor, 2);
    }
    if (result != DECODE_OK)
        return result;
    size = cursor->at[0] & 1 ? 1 : 2;
    *ethertype = from_ppp(size == 1 ? cursor->at[0] : read_be16(cursor->at));
    cursor_skip(cursor, size);
    return DECODE_OK;
}

/* RFC 2516: version and type 1, code 0 (a session's data), session, length. */
static enum decode_result strip_pppoe(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 6, &header);

    if (result != DECODE_OK)
        return result;
    *ethertype = ETHERTYPE_PPP;
    return read_be16(header) == 0x1100 ? DECODE_OK : DECODE_MALFORMED;
}

/* WCCP's redirected datagrams: version 2 puts 4 bytes of its own in front of them. */
static enum decode_result strip_wccp(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 4);

    if (result != DECODE_OK)
        return result;
    if (ethertype_of_version(cursor->at[0]) != ETHERTYPE_IPV4)
        cursor_skip(cursor, 4);
    *ethertype = ETHERTYPE_IPV4;
    return DECODE_OK;
}

/* Moves the cursor past one layer and replaces *ethertype by the one that follows. */
struct shim {
    uint16_t ethertype;
    enum decode_result (*strip)(struct cursor *cursor, uint16_t *ethertype);
};

static const struct shim shims[] = {
    {ETHERTYPE_BRIDGED, strip_ethernet},
    {ETHERTYPE_MPLS, strip_mpls},
    {0x8848, strip_mpls}, /* multicast */
    {ETHERTYPE_PPPOE, strip_pppoe},
    {ETHERTYPE_PPP, strip_ppp},
    {ETHERTYPE_LLC, strip_llc},
    {ETHERTYPE_WCCP, strip_wccp},
};

static const struct shim *find(uint16_t ethertype)
{
    if (ethertype > 0 && ethertype <= ETHERTYPE_LENGTH_MAX)
        ethertype = ETHERTYPE_LLC;
    for (size_t i = 0; i < sizeof shims / sizeof shims[0]; i++)
        if (shims[i].ethertype == ethertype)
            return &shims[i];
    return NULL;
}

static enum decode_result not_ip(uint16_t ethertype)
{
    switch (ethertype) {
    case ETHERTYPE_ARP: return DECODE_ARP;
    case ETHERTYPE_MACSEC: return DECODE_ENCRYPTED;
    default: return DECODE_NOT_IP;
    }
}

static bool is_vlan(uint16_t ethertype)
{
    switch (ethertype) {
    case 0x8100: return true; /* IEEE 802.1Q */
    case 0x88a8: return true; /* IEEE 802.1ad */
    case 0x9100: return true; /* the same before it was standard */
    default: return false;
    }
}

static enum decode_result strip_vlan(struct cursor *cursor, uint16_t *ethertype, struct packet *out)
{
    const uint8_t *tag;
    enum decode_result result = cursor_take(cursor, 4, &tag);

    if (result != DECODE_OK)
        return result;
    if (out->vlan_count < VLAN_MAX)
        out->vlan[out->vlan_count++] = read_be16(tag) & 0x0fff;
    *ethertype = read_be16(tag + 2);
    return DECODE_OK;
}

static enum decode_result strip_one(struct cursor *cursor, uint16_t *ethertype, struct packet *out)
{
    const struct shim *shim;

    if (is_vlan(*ethertype))
        return strip_vlan(cursor, ethertype, out);
    shim = find(*ethertype);
    return shim != NULL ? shim->strip(cursor, ethertype) : not_ip(*ethertype);
}

enum decode_result shim_strip(struct cursor *cursor, uint16_t *ethertype, struct packet *out)
{
    enum decode_result result;

    for (int depth = 0; *ethertype != ETHERTYPE_IPV4 && *ethertype != ETHERTYPE_IPV6; depth++) {
        result = depth < SHIMS_MAX ? strip_one(cursor, ethertype, out) : DECODE_MALFORMED;
        if (result != DECODE_OK)
            return result;
    }
    return DECODE_OK;
}
