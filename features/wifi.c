#include "wifi.h"

#include <stdbool.h>

#include "shim.h"

/* The first two bytes of a frame. */
enum {
    TYPE_MASK = 0x0c,
    TYPE_DATA = 0x08,
    SUBTYPE_NO_DATA = 0x40, /* among data frames */
    SUBTYPE_QOS = 0x80,
    TO_DS = 0x01, /* from here on in the second byte */
    FROM_DS = 0x02,
    PROTECTED = 0x40,
    ORDER = 0x80
};

enum { QOS_AGGREGATE = 0x80, HEADER = 24, FRAGMENT_NUMBER = 0x0f };

/* A fourth address between access points, QoS control, HT control. header: 2 bytes. */
static size_t header_len(const uint8_t *header)
{
    bool qos = header[0] & SUBTYPE_QOS;
    size_t len = HEADER;

    if ((header[1] & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
        len += 6;
    if (qos)
        len += 2;
    if (qos && header[1] & ORDER)
        len += 4;
    return len;
}

static bool is_aggregate(const uint8_t *header)
{
    bool four = (header[1] & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS);

    return header[0] & SUBTYPE_QOS && header[four ? HEADER + 6 : HEADER] & QOS_AGGREGATE;
}

/* Only a frame's first fragment holds the LLC header. */
static enum decode_result check(const uint8_t *header)
{
    if (header[1] & PROTECTED)
        return DECODE_ENCRYPTED;
    if (is_aggregate(header) || header[22] & FRAGMENT_NUMBER)
        return DECODE_NOT_IP;
    return DECODE_OK;
}

/* padded: the header is followed by bytes that make its length a multiple of 4. */
static enum decode_result strip_data(struct cursor *cursor, uint16_t *ethertype, bool padded)
{
    enum decode_result result = cursor_need(cursor, 2);
    const uint8_t *header = cursor->at;
    size_t len;

    if (result != DECODE_OK)
        return result;
    if ((header[0] & TYPE_MASK) != TYPE_DATA || header[0] & SUBTYPE_NO_DATA)
        return DECODE_NOT_IP;
    len = header_len(header);
    if (padded)
        len = (len + 3) & ~(size_t)3;
    result = cursor_take(cursor, len, &header);
    *ethertype = ETHERTYPE_LLC;
    return result == DECODE_OK ? check(header) : result;
}

enum decode_result wifi_strip(struct cursor *cursor, uint16_t *ethertype)
{
    return strip_data(cursor, ethertype, false);
}

/* Does the flags field of a radiotap header announce padding? It is the second field, behind the
 * time stamp (8 bytes, aligned), behind the chain of words that say which fields there are. header:
 * len bytes. https://www.radiotap.org */
static bool radiotap_padded(const uint8_t *header, size_t len)
{
    enum { TSFT = 1, FLAGS = 2, PADDED = 0x20 };
    const uint32_t more = UINT32_C(1) << 31;
    uint32_t present = read_le32(header + 4);
    size_t at = 8;

    for (uint32_t word = present; word & more && at + 4 <= len; at += 4)
        word = read_le32(header + at);
    if (present & TSFT)
        at = ((at + 7) & ~(size_t)7) + 8;
    return present & FLAGS && at < len && header[at] & PADDED;
}

/* version, padding, length (2 bytes), fields present (4), ...; little-endian */
enum decode_result wifi_strip_radiotap(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 8);
    const uint8_t *header = cursor->at;
    size_t len;

    if (result != DECODE_OK)
        return result;
    len = read_le16(header + 2);
    if (len < 8)
        return DECODE_MALFORMED;
    result = cursor_take(cursor, len, &header);
    if (result != DECODE_OK)
        return result;
    return strip_data(cursor, ethertype, radiotap_padded(header, len));
}

/* Message code and length, 4 bytes each, by the byte order of the host: network order for AVS. */
enum decode_result wifi_strip_avs(struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = cursor_need(cursor, 8);
    const uint8_t *header = cursor->at;

    if (result != DECODE_OK)
        return result;
    if (read_be32(header + 4) < 8)
        return DECODE_MALFORMED;
    result = cursor_take(cursor, read_be32(header + 4), &header);
    return result == DECODE_OK ? strip_data(cursor, ethertype, false) : result;
}

/* Always 144 bytes; some drivers send AVS headers under this name. */
enum decode_result wifi_strip_prism(struct cursor *cursor, uint16_t *ethertype)
{
    enum { PRISM_HEADER = 144 };
    const uint32_t avs_magic = 0x80211001;
    enum decode_result result = cursor_need(cursor, 4);
    const uint8_t *header;

    if (result != DECODE_OK)
        return result;
    if ((read_be32(cursor->at) & 0xfffff000) == (avs_magic & 0xfffff000))
        return wifi_strip_avs(cursor, ethertype);
    result = cursor_take(cursor, PRISM_HEADER, &header);
    return result == DECODE_OK ? strip_data(cursor, ethertype, false) : result;
}
