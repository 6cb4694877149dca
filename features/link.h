/* link.h - link layers: from a frame to the network protocol that it carries. */
#ifndef FEATURES_LINK_H
#define FEATURES_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "decode.h"

/* Network protocols by their EtherType. */
enum ethertype { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };

bool link_supported(int linktype);

/* Moves the cursor past the link header and all VLAN tags; *ethertype is what follows. Sets the
 * VLAN fields of *out. Returns DECODE_OK, _LINK, _TRUNCATED, or _MALFORMED (too many tags). */
enum decode_result link_strip(int linktype, struct cursor *cursor, uint16_t *ethertype,
                              struct packet *out);

#endif
