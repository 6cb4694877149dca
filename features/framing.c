#include "framing.h"

#include "shim.h"

enum {
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_RAW = 101,
    LINKTYPE_USER2 = 149,
    LINKTYPE_JUNIPER_ETHER = 178,
    LINKTYPE_PPI = 192,
    LINKTYPE_PKTAP = 258
};

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

/* PPI, little-endian: version, flags, length (2 bytes), link type (4). */
static enum decode_result unwrap_ppi(struct cursor *cursor, int *linktype)
{
    const uint8_t *header = cursor->at;
    enum decode_result result = cursor_need(cursor, 8);

    if (result != DECODE_OK)
        return result;
    *linktype = (int)(read_le32(header + 4) & 0xffff);
    return skip_wrapper(cursor, read_le16(header + 2), 8);
}

/* PKTAP, little-endian: length (4 bytes), record type (4), link type (4). */
static enum decode_result unwrap_pktap(struct cursor *cursor, int *linktype)
{
    const uint8_t *header = cursor->at;
    enum decode_result result = cursor_need(cursor, 12);

    if (result != DECODE_OK)
        return result;
    *linktype = (int)(read_le32(header + 8) & 0xffff);
    return skip_wrapper(cursor, read_le32(header), 12);
}

/* Old systems of Apple's used a number for PKTAP that is anybody's: what has its length and is a
 * packet's is taken for one. */
static enum decode_result unwrap_user2(struct cursor *cursor, int *linktype)
{
    enum { PKTAP_LENGTH = 108, PACKET = 1 };
    enum decode_result result = cursor_need(cursor, 8);

    if (result != DECODE_OK)
        return result;
    if (read_le32(cursor->at) != PKTAP_LENGTH || read_le32(cursor->at + 4) != PACKET)
        return DECODE_LINK;
    return unwrap_pktap(cursor, linktype);
}

/* Juniper's: "MGC", flags; with the flag 0x80 extensions and before them their length (2 bytes);
 * with the flag 0x02 4 bytes and IP instead of an Ethernet frame. As tcpdump reads it. */
static enum decode_result unwrap_juniper(struct cursor *cursor, int *linktype)
{
    enum { EXTENSIONS = 0x80, NO_LINK = 0x02 };
    const uint8_t *header = cursor->at;
    enum decode_result result = cursor_need(cursor, 6);
    size_t length = 4;

    if (result != DECODE_OK)
        return result;
    if (header[0] != 'M' || header[1] != 'G' || header[2] != 'C')
        return DECODE_MALFORMED;
    if (header[3] & EXTENSIONS)
        length += 2 + (size_t)read_be16(header + 4);
    if (header[3] & NO_LINK)
        length += 4;
    *linktype = header[3] & NO_LINK ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
    return skip_wrapper(cursor, length, 4);
}

bool framing_wraps(int linktype)
{
    return linktype == LINKTYPE_PPI || linktype == LINKTYPE_PKTAP || linktype == LINKTYPE_USER2 ||
           linktype == LINKTYPE_JUNIPER_ETHER;
}

enum decode_result framing_unwrap(struct cursor *cursor, int *linktype)
{
    switch (*linktype) {
    case LINKTYPE_PPI: return unwrap_ppi(cursor, linktype);
    case LINKTYPE_PKTAP: return unwrap_pktap(cursor, linktype);
    case LINKTYPE_USER2: return unwrap_user2(cursor, linktype);
    case LINKTYPE_JUNIPER_ETHER: return unwrap_juniper(cursor, linktype);
    default: return DECODE_OK;
    }
}
