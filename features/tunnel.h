/* tunnel.h - what carries datagrams inside of datagrams. */
#ifndef FEATURES_TUNNEL_H
#define FEATURES_TUNNEL_H

#include "cursor.h"
#include "decode.h"

/* Does the datagram carry others, by its protocol or port? Returns TUNNEL_COUNT if not.
 * packet: its addresses and payload; not a later fragment. */
enum tunnel_kind tunnel_find(const struct packet *packet);

/* Moves the cursor, at the payload, past the tunnel's header; *ethertype is what follows (shim.h).
 * Returns DECODE_OK, _NOT_IP, _ENCRYPTED, _TRUNCATED or _MALFORMED. */
enum decode_result tunnel_strip(enum tunnel_kind kind, struct cursor *cursor, uint16_t *ethertype);

#endif
