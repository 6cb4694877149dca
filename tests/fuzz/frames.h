/* frames.h - a fuzzer's bytes as a stream of captured frames: each a link type (index into a list),
 * a time step (signed, half seconds), a length (2 bytes, little-endian), and so many bytes, or what
 * is left. */
#ifndef TESTS_FUZZ_FRAMES_H
#define TESTS_FUZZ_FRAMES_H

#include <stdbool.h>
#include <string.h>

#include "features/decode.h"
#include "fuzz.h"

struct frame_stream {
    const uint8_t *at;
    size_t left;
    int64_t ts_ns;
    uint8_t *copy; /* of exactly the present frame, so that an overrun is seen; owned */
};

/* The order is the corpus's (seeds.py): append. */
static const int fuzz_linktypes[] = {1,   0,   8,   9,   12,  50,  51,  101, 104, 105, 107,
                                     108, 113, 119, 127, 129, 163, 166, 192, 204, 226, 228,
                                     229, 239, 242, 258, 276, 281, 282, 284, 285, 149, 178};

/* To make a decoder costs more than an input does: one serves many of them, each of which begins a
 * day after the one before, when nothing of that is remembered any more. A new one begins at 0. */
static inline struct decoder *fuzz_decoder(struct frame_stream *stream)
{
    enum { INPUTS = 10000 };
    static const uint8_t key[16] = "not very secret";
    static struct decoder *decoder;
    static int input;

    stream->ts_ns = input * INT64_C(86400) * 1000000000;
    if (input == 0) {
        decoder_free(decoder);
        decoder = decoder_new(key);
        fuzz_check(decoder);
    }
    input = (input + 1) % INPUTS;
    return decoder;
}

/* The next frame, until the next call. To be called until it returns false, which frees the
 * last. */
static inline bool frame_next(struct frame_stream *stream, struct frame *frame, int *linktype)
{
    enum { HEADER = 4 };
    size_t len;

    free(stream->copy);
    stream->copy = NULL;
    if (stream->left < HEADER)
        return false;
    *linktype = fuzz_linktypes[stream->at[0] % (sizeof fuzz_linktypes / sizeof *fuzz_linktypes)];
    stream->ts_ns += (int8_t)stream->at[1] * INT64_C(500000000);
    len = (size_t)(stream->at[2] | stream->at[3] << 8);
    stream->at += HEADER;
    stream->left -= HEADER;
    if (len > stream->left)
        len = stream->left;
    stream->copy = malloc(len > 0 ? len : 1);
    fuzz_check(stream->copy);
    memcpy(stream->copy, stream->at, len);
    *frame =
        (struct frame){.ts_ns = stream->ts_ns, .data = stream->copy, .caplen = len, .wirelen = len};
    stream->at += len;
    stream->left -= len;
    return true;
}

#endif
