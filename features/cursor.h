/* cursor.h - reads a captured datagram without running over either of its ends: that of the
 * captured bytes and that of the length which its headers claim. */
#ifndef FEATURES_CURSOR_H
#define FEATURES_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "decode.h"

struct cursor {
    const uint8_t *at; /* borrowed */
    size_t captured;   /* bytes that may be read */
    size_t claimed;    /* bytes that are left by the enclosing header's length, >= captured */
};

/* Are n bytes there to read? If not, says whose fault it is. */
static inline enum decode_result cursor_need(const struct cursor *cursor, size_t n)
{
    if (n > cursor->claimed)
        return DECODE_MALFORMED;
    return n > cursor->captured ? DECODE_TRUNCATED : DECODE_OK;
}

/* n: at most what is claimed. */
static inline void cursor_skip(struct cursor *cursor, size_t n)
{
    size_t readable = n < cursor->captured ? n : cursor->captured;

    cursor->at += readable;
    cursor->captured -= readable;
    cursor->claimed -= n;
}

/* Moves past the next n bytes, *bytes, if they are there to read; else stays. */
static inline enum decode_result cursor_take(struct cursor *cursor, size_t n, const uint8_t **bytes)
{
    enum decode_result result = cursor_need(cursor, n);

    *bytes = cursor->at;
    if (result == DECODE_OK)
        cursor_skip(cursor, n);
    return result;
}

/* Sets the claimed length, by which the captured bytes (padding) are cut as well. */
static inline void cursor_claim(struct cursor *cursor, size_t n)
{
    cursor->claimed = n;
    if (cursor->captured > n)
        cursor->captured = n;
}

static inline uint16_t read_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t read_be32(const uint8_t *p)
{
    return (uint32_t)read_be16(p) << 16 | read_be16(p + 2);
}

static inline uint16_t read_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t read_le32(const uint8_t *p)
{
    return (uint32_t)read_le16(p + 2) << 16 | read_le16(p);
}

#endif
