/* frames.h - hand-made frames, and what holds for whatever is decoded. */
#ifndef TESTS_UNIT_FRAMES_H
#define TESTS_UNIT_FRAMES_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "features/decode.h"

static const uint8_t key[16] = "not very secret";

/* Frames are written in hexadecimal; blanks are ignored. */
#define MACS        "020000000002 020000000001 "
#define ETH_V4      MACS "0800 "
#define ETH_V6      MACS "86dd "
#define ENDS_V4     "0a000001 0a000002 "
#define V4(len, pr) "45 00 " len " 0001 0000 40 " pr " 0000 " ENDS_V4
#define SRC_V6      "20010db8000000000000000000000001 "
#define DST_V6      "20010db8000000000000000000000002 "
#define V6(len, nx) "60000000 " len nx " 40 " SRC_V6 DST_V6
#define UDP         "c350 0035 000c 0000 64617461 "
#define TCP_SYN20   "c350 01bb 00000001 00000000 50 02 ffff 0000 0000 "
#define TCP_OPT24   "c350 01bb 00000001 00000000 60 18 ffff 0000 0000 020405b4 "
#define SCTP        "0b59 0b5a 00000000 00000000 "
/* An 802.11 header of 24 bytes; its frame control and sequence fields. */
#define WIFI(control, seq) control " 0000 020000000001 020000000002 020000000003 " seq " "
#define PING               "08 00 0000 0001 0001 "

/* Returns a buffer of exactly *n bytes, so that an overrun is seen. */
static inline uint8_t *from_hex(const char *hex, size_t *n)
{
    uint8_t *bytes = malloc(strlen(hex) / 2 + 1);
    unsigned digit[2];
    size_t digits = 0;

    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        digit[digits % 2] = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
        if (digits++ % 2 == 1)
            bytes[digits / 2 - 1] = (uint8_t)(digit[0] << 4 | digit[1]);
    }
    *n = digits / 2;
    return realloc(bytes, *n > 0 ? *n : 1);
}

/* Decodes a copy of exactly n bytes and asserts what holds for whatever decodes. */
static inline enum decode_result decode_with(struct decoder *decoder, const uint8_t *bytes,
                                             size_t n, int linktype, struct packet *out)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    struct frame frame = {.ts_ns = 5, .data = copy, .caplen = n, .wirelen = n + 1};
    enum decode_result result;

    memcpy(copy, bytes, n);
    result = decode_packet(decoder, linktype, &frame, out);
    if (result == DECODE_OK) {
        cr_assert(out->payload >= copy && out->payload + out->payload_cap <= copy + n);
        cr_assert_leq(out->payload_cap, out->payload_len);
        cr_assert_eq(out->frame_cap, n);
        cr_assert_eq(out->frame_len, n + 1);
        cr_assert_leq(out->payload_len + (out->ip_version == 4 ? 20 : 40), out->ip_len);
        out->payload = bytes + (out->payload - copy);
    }
    free(copy);
    return result;
}

static inline enum decode_result decode_prefix(const uint8_t *bytes, size_t n, int linktype,
                                               struct packet *out)
{
    struct decoder *decoder = decoder_new(key);
    enum decode_result result = decode_with(decoder, bytes, n, linktype, out);

    decoder_free(decoder);
    return result;
}

#endif
