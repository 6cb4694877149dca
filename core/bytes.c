#include "bytes.h"

#include <math.h>
#include <string.h>

void bytes_put_bytes(struct bytes_out *out, const void *bytes, size_t n)
{
    if (out->at != NULL) {
        memcpy(out->at + out->size, bytes, n);
    }
    out->size += n;
}

static void put(struct bytes_out *out, uint64_t value, size_t n)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    bytes_put_bytes(out, bytes, n);
}

void bytes_put_u32(struct bytes_out *out, uint32_t value)
{
    put(out, value, 4);
}

void bytes_put_u64(struct bytes_out *out, uint64_t value)
{
    put(out, value, 8);
}

void bytes_put_float(struct bytes_out *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(out, bits, 4);
}

void bytes_put_double(struct bytes_out *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(out, bits, 8);
}

void bytes_put_floats(struct bytes_out *out, const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes_put_float(out, values[i]);
    }
}

void bytes_get_bytes(struct bytes_in *in, void *bytes, size_t n)
{
    if (in->bad || n > in->left) {
        in->bad = true;
        memset(bytes, 0, n);
        return;
    }
    memcpy(bytes, in->at, n);
    in->at += n;
    in->left -= n;
}

static uint64_t get(struct bytes_in *in, size_t n)
{
    uint8_t bytes[8];
    uint64_t value = 0;
    bytes_get_bytes(in, bytes, n);
    for (size_t i = 0; i < n; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

uint32_t bytes_get_u32(struct bytes_in *in)
{
    return (uint32_t)get(in, 4);
}

uint64_t bytes_get_u64(struct bytes_in *in)
{
    return get(in, 8);
}

float bytes_get_float(struct bytes_in *in)
{
    uint32_t bits = bytes_get_u32(in);
    float value;
    memcpy(&value, &bits, sizeof value);
    in->bad = in->bad || !isfinite(value);
    return in->bad ? 0.0F : value;
}

double bytes_get_double(struct bytes_in *in)
{
    uint64_t bits = bytes_get_u64(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    in->bad = in->bad || !isfinite(value);
    return in->bad ? 0.0 : value;
}

void bytes_get_floats(struct bytes_in *in, float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = bytes_get_float(in);
    }
}
