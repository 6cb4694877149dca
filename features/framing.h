/* framing.h - link layers whose headers need more than a look at a fixed place. */
#ifndef FEATURES_FRAMING_H
#define FEATURES_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "decode.h"

/* Each moves the cursor past its header; *ethertype is what follows (shim.h).
 * Returns DECODE_OK, _NOT_IP, _TRUNCATED or _MALFORMED. */
enum decode_result framing_strip_slip(struct cursor *cursor, uint16_t *ethertype);
enum decode_result framing_strip_ppp_serial(struct cursor *cursor, uint16_t *ethertype);
enum decode_result framing_strip_frame_relay(struct cursor *cursor, uint16_t *ethertype);
enum decode_result framing_strip_arcnet(struct cursor *cursor, uint16_t *ethertype);
enum decode_result framing_strip_nflog(struct cursor *cursor, uint16_t *ethertype);

/* Is it a capture format that wraps others (PPI, PKTAP, Juniper)? framing_unwrap() moves the cursor
 * past the header of such a one and replaces *linktype by what it wraps; it leaves any other
 * alone. */
bool framing_wraps(int linktype);
enum decode_result framing_unwrap(struct cursor *cursor, int *linktype);

#endif
