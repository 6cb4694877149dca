/* link.h - link layers: from a frame to the network protocol that it carries. */
#ifndef FEATURES_LINK_H
#define FEATURES_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "decode.h"

bool link_supported(int linktype);

/* Moves the cursor past the link header; *ethertype is what follows (shim.h).
 * Returns DECODE_OK, _LINK, _NOT_IP, _ENCRYPTED, _TRUNCATED or _MALFORMED. */
enum decode_result link_strip(int linktype, struct cursor *cursor, uint16_t *ethertype);

#endif
