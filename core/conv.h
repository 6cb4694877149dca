/* conv.h - two-dimensional convolution between images, and the way back, as matrix products.
 *
 * Images are float32, (height, width, channels): a pixel's channels lie side by side. One geometry
 * serves two layers: a convolution reads the large image and writes the small one, a transposed
 * convolution the other way round, each being the other's gradient. All go through patches: what
 * each pixel of the small image sees of the large one, (small pixels, kernel^2 large channels).
 *
 *   conv_down      small = patches(large) W
 *   conv_up        large = the sum of what falls on each of its pixels from small W'
 *   conv_weights   dW += patches(large)' small
 *
 * W is (kernel^2 large channels, small channels). */
#ifndef CORE_CONV_H
#define CORE_CONV_H

#include "matrix.h"

struct conv_image {
    uint32_t height, width, channels;
};

struct conv {
    struct conv_image large, small;
    uint32_t kernel, stride;
    uint32_t top,
        left; /* rows and columns of zeros before the large image; as many as needed follow */
};

/* Padding as TensorFlow has it: with CONV_SAME large = stride small (rounded up to it), the odd
 * row or column of zeros being the last; with CONV_VALID no zeros. */
enum conv_padding { CONV_SAME, CONV_VALID };

struct conv_kernel {
    uint32_t size, stride;
    enum conv_padding padding;
};

/* The geometry of a convolution of an image, at least a kernel high and wide if CONV_VALID, to one
 * of so many channels; and of a transposed convolution. */
struct conv conv_from(struct conv_image large, uint32_t channels, struct conv_kernel kernel);
struct conv conv_transposed_from(struct conv_image small, uint32_t channels,
                                 struct conv_kernel kernel);

static inline size_t conv_pixels(const struct conv_image *image)
{
    return (size_t)image->height * image->width;
}

static inline size_t conv_size(const struct conv_image *image)
{
    return conv_pixels(image) * image->channels;
}

/* Elements of W. */
size_t conv_n_weights(const struct conv *conv);

/* Floats of scratch that the following need: patches of as many images as fit into a cache. */
size_t conv_scratch(const struct conv *conv);

/* n images, one behind the other, large and small alike. */
struct conv_batch {
    const struct conv *conv;
    size_t n;
    float *scratch; /* conv_scratch() floats, overwritten */
};

/* beta is 0 (the result overwrites) or 1 (is added). */
void conv_down(const struct conv_batch *batch, const float *weights, const float *large, float beta,
               float *small);
void conv_up(const struct conv_batch *batch, const float *weights, const float *small, float beta,
             float *large);
/* grad: W's shape, overwritten. */
void conv_weights(const struct conv_batch *batch, const float *large, const float *small,
                  float *grad);

#endif
