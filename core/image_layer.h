/* image_layer.h - layers over images: convolution, transposed convolution, batch normalisation.
 * Only what stands for a dense layer's product x W: bias, activation and dropout are net.c's.
 *
 * x: (rows, in), y and its gradient g: (rows, out), contiguous; an image is (pixels, channels). */
#ifndef CORE_IMAGE_LAYER_H
#define CORE_IMAGE_LAYER_H

#include "net.h"

/* A layer in a pass. */
struct image_layer {
    const struct net_layer *layer;
    const float *weights;
    float *stats, *scratch; /* the pass's */
    size_t rows;
    bool training; /* normalisation by the batch, not by running averages */
};

/* Floats of scratch that a layer needs; 0 for a dense one. */
size_t image_layer_scratch(const struct net_layer *layer);

void image_layer_forward(const struct image_layer *image, const float *x, float *y);

/* grad: the weights' shape, overwritten. */
void image_layer_backward_weights(const struct image_layer *image, const float *x, const float *g,
                                  float *grad);

/* grad_x: times beta, 0 or 1, plus the gradient. */
void image_layer_backward_input(const struct image_layer *image, const float *x, const float *g,
                                float beta, float *grad_x);

/* Of a normalisation, after a training pass: moves its running averages, which are weights. */
void image_layer_track(const struct image_layer *image, float *weights);

#endif
