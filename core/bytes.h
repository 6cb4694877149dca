/* bytes.h - little-endian bytes in and out, bounded. */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes to at, or only counts where at is NULL. */
struct bytes_out {
    uint8_t *at; /* room for everything, the caller's */
    size_t size; /* bytes written or counted */
};

void bytes_put_bytes(struct bytes_out *out, const void *bytes, size_t n);
void bytes_put_u32(struct bytes_out *out, uint32_t value);
void bytes_put_u64(struct bytes_out *out, uint64_t value);
void bytes_put_float(struct bytes_out *out, float value);   /* IEEE 754 binary32 */
void bytes_put_double(struct bytes_out *out, double value); /* IEEE 754 binary64 */
void bytes_put_floats(struct bytes_out *out, const float *values, size_t n);

/* Reads; past the end, or at a float that is not finite, it turns bad and gives zeros for ever. */
struct bytes_in {
    const uint8_t *at; /* borrowed */
    size_t left;
    bool bad;
};

void bytes_get_bytes(struct bytes_in *in, void *bytes, size_t n);
uint32_t bytes_get_u32(struct bytes_in *in);
uint64_t bytes_get_u64(struct bytes_in *in);
float bytes_get_float(struct bytes_in *in);
double bytes_get_double(struct bytes_in *in);
void bytes_get_floats(struct bytes_in *in, float *values, size_t n);

#endif
