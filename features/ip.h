/* ip.h - IPv4 and IPv6 headers. */
#ifndef FEATURES_IP_H
#define FEATURES_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "decode.h"

/* Where a datagram's payload lies in the original one. */
struct ip_fragment {
    uint32_t datagram; /* identification field */
    uint16_t offset;   /* in units of 8 bytes; 0: whole, or the first fragment */
    bool more;         /* it is not the last one */
    uint8_t proto;     /* IPv4: as in the header of every fragment; IPv6: 0 */
};

/* Moves the cursor past the IP header and its options or extension headers, to the transport
 * header or, in a later fragment, its share of the payload; what it claims ends with the datagram.
 * Sets addresses, version, protocol (of an IPv6 later fragment: the next header that it names),
 * length and fragment of *out. Returns DECODE_OK, _TRUNCATED or _MALFORMED. */
enum decode_result ip_parse_v4(struct cursor *cursor, struct packet *out,
                               struct ip_fragment *fragment);
enum decode_result ip_parse_v6(struct cursor *cursor, struct packet *out,
                               struct ip_fragment *fragment);

#endif
