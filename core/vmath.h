/* vmath.h - exp, log, sine and cosine in float32 without branches, so that loops over them
 * vectorise and give the same bits with every C library.
 *
 * Relative error below 3e-7 (exp, log of x outside [.99, 1.01]), absolute error below 1e-7 (log
 * near 1, sine, cosine). Polynomials: Cephes (S. Moshier), single precision. */
#ifndef CORE_VMATH_H
#define CORE_VMATH_H

#include <stdint.h>
#include <string.h>

/* Before a function whose loops vectorise: compiled for several vector widths, of which the first
 * that the processor has is picked when the program starts. They give the same bits. Not with
 * clang, which gives the choice a name (clang 14: ".ifunc") that other files do not look for. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define VMATH_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VMATH_WIDE
#endif

/* Before what such a function calls in its loops: part of it at every width. */
#define VMATH_INLINE static inline __attribute__((always_inline))

VMATH_INLINE int32_t vmath_bits(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

VMATH_INLINE float vmath_float(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Adding it rounds a float of magnitude below 2^22 to an integer, found in the low bits. */
#define VMATH_ROUND 12582912.0F

/* e^x, x clamped to [-87, 88]; NaN counts as -87. */
VMATH_INLINE float vmath_exp(float x)
{
    float low = x > -87.0F ? x : -87.0F;
    float in = low < 88.0F ? low : 88.0F;
    float shifted = in * 1.44269504F + VMATH_ROUND;
    float k = shifted - VMATH_ROUND; /* x = k ln 2 + r, |r| <= ln 2 / 2 */
    float r = (in - k * 0.693359375F) + k * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1.0F;
    int32_t power = vmath_bits(shifted) - vmath_bits(VMATH_ROUND);
    return p * vmath_float((power + 127) * (1 << 23));
}

/* ln x for normal x > 0. */
VMATH_INLINE float vmath_log(float x)
{
    const int32_t sqrt_half = 0x3f3504f3;
    int32_t bits = vmath_bits(x);
    int32_t k = (bits - sqrt_half) >> 23; /* x = 2^k (1 + f), 1 + f in [sqrt .5, sqrt 2) */
    float f = vmath_float(bits - k * (1 << 23)) - 1.0F;
    float z = f * f;
    float p = 7.0376836292e-2F;
    p = p * f - 1.1514610310e-1F;
    p = p * f + 1.1676998740e-1F;
    p = p * f - 1.2420140846e-1F;
    p = p * f + 1.4249322787e-1F;
    p = p * f - 1.6668057665e-1F;
    p = p * f + 2.0000714765e-1F;
    p = p * f - 2.4999993993e-1F;
    p = p * f + 3.3333331174e-1F;
    float e = (float)k;
    return p * f * z + e * -2.12194440e-4F - 0.5F * z + f + e * 0.693359375F;
}

/* Sine and cosine of 2 pi turns, turns in [0, 1]. */
VMATH_INLINE void vmath_sincos(float turns, float *sine, float *cosine)
{
    float shifted = turns * 4.0F + VMATH_ROUND;
    int32_t quadrant = vmath_bits(shifted); /* its two low bits */
    float r = (turns * 4.0F - (shifted - VMATH_ROUND)) * 1.57079633F;
    float z = r * r;
    float s = ((-1.9515295891e-4F * z + 8.3321608736e-3F) * z - 1.6666654611e-1F) * z * r + r;
    float c =
        ((2.443315711809948e-5F * z - 1.388731625493765e-3F) * z + 4.166664568298827e-2F) * z * z -
        0.5F * z + 1.0F;
    float a = (quadrant & 1) != 0 ? c : s;
    float b = (quadrant & 1) != 0 ? s : c;
    *sine = (quadrant & 2) != 0 ? -a : a;
    *cosine = ((quadrant + 1) & 2) != 0 ? -b : b;
}

/* 1 / (1 + e^-x) */
VMATH_INLINE float vmath_sigmoid(float x)
{
    return 1.0F / (1.0F + vmath_exp(-x));
}

#endif
