/* wifi.h - IEEE 802.11 data frames, with or without a radio's report in front of them. */
#ifndef FEATURES_WIFI_H
#define FEATURES_WIFI_H

#include <stdint.h>

#include "cursor.h"
#include "decode.h"

/* Each moves the cursor past its headers; *ethertype is what follows (shim.h). Returns DECODE_OK,
 * _NOT_IP (management, control, aggregates), _ENCRYPTED, _TRUNCATED or _MALFORMED. */
enum decode_result wifi_strip(struct cursor *cursor, uint16_t *ethertype);
enum decode_result wifi_strip_radiotap(struct cursor *cursor, uint16_t *ethertype);
enum decode_result wifi_strip_prism(struct cursor *cursor, uint16_t *ethertype);
enum decode_result wifi_strip_avs(struct cursor *cursor, uint16_t *ethertype);

#endif
