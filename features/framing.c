#include "framing.h"

#include "shim.h"

enum { LINKTYPE_PPI = 192, LINKTYPE_PKTAP = 258 };

/* libpcap puts 16 bytes before a SLIP datagram: direction and compressed header. */
enum decode_result framing_strip_slip(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 16, &header);

    return result == DECODE_OK ? ethertype_at(cursor, ethertype) : result;
}

/* PPP in HDLC framing (RFC 1662), or Cisco's framing with an EtherType instead. */
enum decode_result framing_strip_ppp_serial(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 4);

    if (result != DECODE_OK)
        return result;
    *ethertype = ETHERTYPE_PPP;
    if (cursor->at[0] == 0x0f || cursor->at[0] == 0x8f) {
        *ethertype = read_be16(cursor->at + 2);
        cursor_skip(cursor, 4);
    }
    return DECODE_OK;
}

static uint16_t from_network_id(uint8_t id)
{
    switch (id) {
    case 0xcc: return ETHERTYPE_IPV4;
    case 0x8e: return ETHERTYPE_IPV6;
    default: return 0;
    }
}

/* RFC 2427: 03, then a network layer protocol id; or Cisco's: an EtherType. Both behind a Q.922
 * address of 2 bytes. */
enum decode_result framing_strip_frame_relay(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 4, &header);

    if (result != DECODE_OK)
        return result;
    *ethertype = header[2] == 0x03 ? from_network_id(header[3]) : read_be16(header + 2);
    return DECODE_OK;
}

/* ARCNET in Linux's captures: source, destination, offset (2 bytes), type; types of RFC 1201 are
 * followed by a flag (0: not split) and a sequence number (2 bytes), those of RFC 1051 are not. */
enum decode_result framing_strip_arcnet(struct cursor *cursor, uint16_t *ethertype)
{
    const uint8_t *header, *split;
    enum decode_result result = cursor_take(cursor, 5, &header);

    if (result != DECODE_OK)
        return result;
    switch (header[4]) {
    case 0xf0: *ethertype = ETHERTYPE_IPV4; return DECODE_OK;
    case 0xf1: *ethertype = ETHERTYPE_ARP; return DECODE_OK;
    case 0xd4: *ethertype = ETHERTYPE_IPV4; break;
    case 0xd5: *ethertype = ETHERTYPE_ARP; break;
    case 0xc4: *ethertype = ETHERTYPE_IPV6; break;
    default: return DECODE_NOT_IP;
    }
    result = cursor_take(cursor, 3, &split);
    return result == DECODE_OK && split[0] != 0 ? DECODE_NOT_IP : result;
}

/* Linux's netfilter log: family, version, resource; then attributes (length and type in the byte
 * order of the host, padded to 4 bytes), of which type 9 is the datagram. */
enum decode_result framing_strip_nflog(struct cursor *cursor, uint16_t *ethertype)
{
    enum { PAYLOAD = 9, ATTRIBUTES_MAX = 32 };
    const uint8_t *header;
    enum decode_result result = cursor_take(cursor, 4, &header);
    size_t length;

    for (int i = 0; result == DECODE_OK && i < ATTRIBUTES_MAX; i++) {
        result = cursor_take(cursor, 4, &header);
        if (result != DECODE_OK)
            return result;
        if (read_le16(header + 2) == PAYLOAD)
            return ethertype_at(cursor, ethertype);
        length = ((size_t)read_le16(header) + 3) & ~(size_t)3;
        if (length < 4)
            return DECODE_MALFORMED;
        result = cursor_take(cursor, length - 4, &header);
    }
    return result == DECODE_OK ? DECODE_NOT_IP : result;
}

/* The wrapping header is that long in all, at least used bytes of it. */
static enum decode_result skip_wrapper(struct cursor *cursor, size_t length, size_t used)
{
    const uint8_t *header;

    return length < used ? DECODE_MALFORMED : cursor_take(cursor, length, &header);
}

bool framing_wraps(int linktype)
{
    return linktype == LINKTYPE_PPI || linktype == LINKTYPE_PKTAP;
}

/* Both are little-endian. PPI: version, flags, length (2 bytes), link type (4). PKTAP: length (4),
 * record type (4), link type (4). */
enum decode_result framing_unwrap(struct cursor *cursor, int *linktype)
{
    size_t used = *linktype == LINKTYPE_PPI ? 8 : 12;
    const uint8_t *header = cursor->at;
    enum decode_result result;

    if (!framing_wraps(*linktype))
        return DECODE_OK;
    result = cursor_need(cursor, used);
    if (result != DECODE_OK)
        return result;
    *linktype = (int)(read_le32(header + used - 4) & 0xffff);
    return skip_wrapper(cursor, used == 8 ? read_le16(header + 2) : read_le32(header), used);
}
