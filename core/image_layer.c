#include "image_layer.h"

#include "batch_norm.h"

static struct conv_batch batch_of(const struct image_layer *image)
{
    return (struct conv_batch){&image->layer->conv, image->rows, image->scratch};
}

static struct batch_norm norm_of(const struct image_layer *image)
{
    return (struct batch_norm){
        .n = image->rows * image->layer->pixels,
        .channels = net_channels(image->layer),
        .params = image->weights,
        .stats = image->stats,
        .training = image->training,
    };
}

size_t image_layer_scratch(const struct net_layer *layer)
{
    const bool convolves = layer->kind == NET_CONV || layer->kind == NET_CONV_TRANSPOSED;
    return convolves ? conv_scratch(&layer->conv) : 0;
}

void image_layer_forward(const struct image_layer *image, const float *x, float *y)
{
    const struct conv_batch batch = batch_of(image);
    const struct batch_norm norm = norm_of(image);
    switch (image->layer->kind) {
    case NET_DENSE: break;
    case NET_CONV: conv_down(&batch, image->weights, x, 0.0F, y); break;
    case NET_CONV_TRANSPOSED: conv_up(&batch, image->weights, x, 0.0F, y); break;
    case NET_BATCH_NORM: batch_norm_forward(&norm, x, y); break;
    }
}

void image_layer_backward_weights(const struct image_layer *image, const float *x, const float *g,
                                  float *grad)
{
    const struct conv_batch batch = batch_of(image);
    const struct batch_norm norm = norm_of(image);
    switch (image->layer->kind) {
    case NET_DENSE: break;
    case NET_CONV: conv_weights(&batch, x, g, grad); break;
    case NET_CONV_TRANSPOSED: conv_weights(&batch, g, x, grad); break;
    case NET_BATCH_NORM: batch_norm_backward_params(&norm, x, g, grad); break;
    }
}

void image_layer_backward_input(const struct image_layer *image, const float *x, const float *g,
                                float beta, float *grad_x)
{
    const struct conv_batch batch = batch_of(image);
    const struct batch_norm norm = norm_of(image);
    switch (image->layer->kind) {
    case NET_DENSE: break;
    case NET_CONV: conv_up(&batch, image->weights, g, beta, grad_x); break;
    case NET_CONV_TRANSPOSED: conv_down(&batch, image->weights, g, beta, grad_x); break;
    case NET_BATCH_NORM: batch_norm_backward_input(&norm, x, g, beta, grad_x); break;
    }
}

void image_layer_track(const struct image_layer *image, float *weights)
{
    const struct batch_norm norm = norm_of(image);
    batch_norm_track(&norm, weights);
}
