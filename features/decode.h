/* decode.h - from the bytes of one captured frame to a struct packet.
 *
 * Never trusts a length: every read is bounded by the captured bytes. What cannot be decoded is
 * told by a reason that the caller counts; nothing is logged. */
#ifndef FEATURES_DECODE_H
#define FEATURES_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum decode_result {
    DECODE_OK,            /* *out is filled */
    DECODE_NOT_IP,        /* a frame of another network protocol (ARP, LLDP, ...) */
    DECODE_LINK,          /* the link type is not supported */
    DECODE_TRUNCATED,     /* headers are cut off by the snapshot length */
    DECODE_MALFORMED,     /* a header contradicts itself or the datagram */
    DECODE_FRAGMENT,      /* a later fragment whose first fragment has not been seen */
    DECODE_RESULT_COUNT
};

/* Remembers the ports of first fragments, so that later fragments find their flow. Bounded; keyed
 * by addresses, protocol and datagram id; an entry lives 30 s of packet time. */
struct decoder;

/* key: 16 secret bytes for the fragment table's hash, copied.
 * Returns NULL with errno ENOMEM. */
struct decoder *decoder_new(const uint8_t key[16]);
void decoder_free(struct decoder *decoder);

/* True if frames of this link type (LINKTYPE_ number as in a capture file's header) can be
 * decoded at all. */
bool decode_link_supported(int linktype);

/* Decodes one frame. data: caplen captured bytes, borrowed; out->payload points into it.
 * *out is defined only on DECODE_OK. Constant time per frame; no allocation. */
enum decode_result decode_packet(struct decoder *decoder, int linktype, int64_t ts_ns,
                                 const uint8_t *data, size_t caplen, struct packet *out);

/* A short name for counters and messages: "not-ip", "truncated", ... */
const char *decode_result_name(enum decode_result result);

#endif
