#include "net.h"

#include <string.h>

#include "batch_norm.h"
#include "blas.h"
#include "image_layer.h"
#include "vmath.h"

#define LEAK 0.01F

static size_t mask_columns(const struct net_layer *layer)
{
    return layer->dropout > 0.0F ? layer->out : 0;
}

size_t net_mask_width(const struct net *net)
{
    size_t width = 0;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        width += mask_columns(&net->layer[l]);
    }
    return width;
}

static size_t stats_size(const struct net_layer *layer)
{
    return layer->kind == NET_BATCH_NORM ? BATCH_NORM_STATS * net_channels(layer) : 0;
}

/* Floats of what image layers need beside outputs and gradients: none in a dense net. */
static size_t extra_size(const struct net *net, size_t *scratch)
{
    size_t stats = 0;
    *scratch = 0;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const size_t needed = image_layer_scratch(&net->layer[l]);
        *scratch = needed > *scratch ? needed : *scratch;
        stats += stats_size(&net->layer[l]);
    }
    return *scratch + stats;
}

int net_pass_init(struct net_pass *pass, const struct net *net, size_t rows,
                  enum net_pass_kind kind)
{
    const size_t width = net_width(net);
    const size_t sides = kind == NET_WITH_GRADIENTS ? 2 : 1;
    size_t scratch, extra = extra_size(net, &scratch);
    *pass = (struct net_pass){
        .owned = matrix_alloc(rows, sides * width + (extra > 0 ? extra / rows + 1 : 0))};
    if (pass->owned == NULL) {
        return -1;
    }
    float *at = pass->owned, *stats = at + rows * sides * width + scratch;
    pass->scratch = stats - scratch;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        size_t out = net->layer[l].out;
        pass->out[l] = (struct matrix){at, out};
        if (kind == NET_WITH_GRADIENTS) {
            pass->grad[l] = (struct matrix){at + rows * width, out};
        }
        at += rows * out;
        pass->stats[l] = stats;
        stats += stats_size(&net->layer[l]);
    }
    return 0;
}

void net_pass_clear(struct net_pass *pass)
{
    free(pass->owned);
    *pass = (struct net_pass){0};
}

void net_pass_map(struct net_pass *pass, const struct net *net, struct matrix out,
                  struct matrix grad)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        pass->out[l] = out;
        pass->grad[l] = grad;
        out.at += net->layer[l].out;
        if (grad.at != NULL) {
            grad.at += net->layer[l].out;
        }
    }
}

/* y: one row of z = x W, in place. */
VMATH_INLINE void activate(enum net_activation activation, const float *restrict bias,
                           float *restrict y, size_t n)
{
    switch (activation) {
    case NET_LINEAR:
        for (size_t j = 0; j < n; j++) {
            y[j] += bias[j];
        }
        break;
    case NET_LEAKY_RELU:
        for (size_t j = 0; j < n; j++) {
            float z = y[j] + bias[j], leaked = LEAK * z;
            y[j] = z > leaked ? z : leaked;
        }
        break;
    case NET_SIGMOID:
        for (size_t j = 0; j < n; j++) {
            y[j] = vmath_sigmoid(y[j] + bias[j]);
        }
        break;
    }
}

/* g, the gradient by the activation's output, becomes the gradient by z. y: the output after
 * dropout, times undo what it was before it, where it was kept; elsewhere g is 0. */
VMATH_INLINE void deactivate(enum net_activation activation, const float *restrict y, float undo,
                             float *restrict g, size_t n)
{
    switch (activation) {
    case NET_LINEAR: break;
    case NET_LEAKY_RELU:
        for (size_t j = 0; j < n; j++) {
            g[j] *= y[j] > 0.0F ? 1.0F : LEAK;
        }
        break;
    case NET_SIGMOID:
        for (size_t j = 0; j < n; j++) {
            float s = undo * y[j];
            g[j] *= s * (1.0F - s);
        }
        break;
    }
}

VMATH_INLINE void drop(const uint8_t *restrict mask, float scale, float *restrict y, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        y[j] *= (float)mask[j] * scale;
    }
}

/* y = x W */
static void dense_forward(const struct net_layer *layer, const float *params, struct matrix_in x,
                          size_t rows, struct matrix y)
{
    struct matrix_in weights = {params + layer->weights, layer->out};
    blas_nn((struct blas_shape){rows, layer->out, layer->in}, x, weights, 0.0F, y);
}

/* What bias and activation see as a row: a pixel of an image, a row of a dense layer's output. */
static struct matrix pixels_of(const struct net_layer *layer, struct matrix m)
{
    return (struct matrix){m.at, layer->kind == NET_DENSE ? m.ld : net_channels(layer)};
}

/* Bias, activation, dropout, in place. mask: (rows, out) or NULL. */
VMATH_WIDE
static void layer_forward_pointwise(const struct net_layer *layer, const float *bias, size_t rows,
                                    const uint8_t *mask, struct matrix y)
{
    const size_t n = net_channels(layer);
    y = pixels_of(layer, y);
    for (size_t i = 0; i < rows * layer->pixels; i++) {
        activate(layer->activation, bias, y.at + i * y.ld, n);
        if (mask != NULL) {
            drop(mask + i * n, 1.0F / (1.0F - layer->dropout), y.at + i * y.ld, n);
        }
    }
}

/* g, the gradient by y, becomes in place the gradient by z = x W + b. Where no columns lie between
 * the rows, they are one long row: narrow layers vectorise badly row by row. Taken in pieces that
 * stay in the first cache. */
VMATH_WIDE
static void layer_backward_pointwise(const struct net_layer *layer, struct matrix y, size_t rows,
                                     const uint8_t *mask, struct matrix g)
{
    enum { PIECE = 1024 };
    const float keep = mask != NULL ? 1.0F - layer->dropout : 1.0F;
    const size_t width = net_channels(layer), n_pixels = rows * layer->pixels;
    y = pixels_of(layer, y);
    g = pixels_of(layer, g);
    const bool dense = y.ld == width && g.ld == width;
    const size_t n_rows = dense ? 1 : n_pixels, length = dense ? n_pixels * width : width;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t done = 0; done < length; done += PIECE) {
            size_t n = length - done < PIECE ? length - done : PIECE;
            float *at = g.at + i * g.ld + done;
            if (mask != NULL) {
                drop(mask + i * length + done, 1.0F / keep, at, n);
            }
            deactivate(layer->activation, y.at + i * y.ld + done, keep, at, n);
        }
    }
}

/* sums: n; of each column of g. */
VMATH_WIDE
static void sum_columns(struct matrix_in g, size_t rows, float *restrict sums, size_t n)
{
    memset(sums, 0, n * sizeof *sums);
    for (size_t i = 0; i < rows; i++) {
        const float *restrict row = g.at + i * g.ld;
        for (size_t j = 0; j < n; j++) {
            sums[j] += row[j];
        }
    }
}

/* dW = x' g */
static void dense_backward_weights(const struct net_layer *layer, struct matrix_in x, size_t rows,
                                   struct matrix_in g, float *grad_params)
{
    struct matrix weights = {grad_params + layer->weights, layer->out};
    blas_tn((struct blas_shape){layer->in, layer->out, rows}, x, g, 0.0F, weights);
}

/* db = column sums of g */
static void layer_backward_bias(const struct net_layer *layer, size_t rows, struct matrix g,
                                float *grad_params)
{
    sum_columns(matrix_in(pixels_of(layer, g)), rows * layer->pixels, grad_params + layer->bias,
                net_channels(layer));
}

/* dx = g W' + beta dx */
static void dense_backward_input(const struct net_layer *layer, const float *params,
                                 struct matrix_in g, size_t rows, float beta, struct matrix grad_x)
{
    struct matrix_in weights = {params + layer->weights, layer->out};
    blas_nt((struct blas_shape){rows, layer->in, layer->out}, g, weights, beta, grad_x);
}

static struct image_layer image_layer(const struct net *net, const struct net_pass *pass,
                                      uint32_t l, size_t rows, bool training)
{
    return (struct image_layer){
        .layer = &net->layer[l],
        .weights = net->params + net->layer[l].weights,
        .stats = pass->stats[l],
        .scratch = pass->scratch,
        .rows = rows,
        .training = training,
    };
}

struct matrix net_forward(const struct net *net, struct matrix_in x, size_t rows,
                          const uint8_t *masks, struct net_pass *pass)
{
    const bool training = masks != NULL;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        size_t columns = mask_columns(layer);
        if (layer->kind == NET_DENSE) {
            dense_forward(layer, net->params, x, rows, pass->out[l]);
        } else {
            struct image_layer image = image_layer(net, pass, l, rows, training);
            image_layer_forward(&image, x.at, pass->out[l].at);
        }
        layer_forward_pointwise(layer, net->params + layer->bias, rows, columns > 0 ? masks : NULL,
                                pass->out[l]);
        x = matrix_in(pass->out[l]);
        masks = training ? masks + rows * columns : NULL;
    }
    return net_output(net, pass);
}

bool net_normalises(const struct net *net)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        if (net->layer[l].kind == NET_BATCH_NORM) {
            return true;
        }
    }
    return false;
}

void net_track(struct net *net, const struct net_pass *pass, size_t rows)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        if (net->layer[l].kind == NET_BATCH_NORM) {
            struct image_layer image = image_layer(net, pass, l, rows, true);
            image_layer_track(&image, net->params + net->layer[l].weights);
        }
    }
}

/* From the gradient by what the layer gave before bias and activation. */
static void image_backward(const struct net *net, struct net_pass *pass, uint32_t l,
                           const struct net_backward *in, struct matrix_in x)
{
    const struct net_layer *layer = &net->layer[l];
    struct image_layer image = image_layer(net, pass, l, in->rows, in->masks != NULL);
    const float *g = pass->grad[l].at;
    float *grad_x = l > 0 ? pass->grad[l - 1].at : in->grad_x.at;
    if (in->grad_params != NULL) {
        image_layer_backward_weights(&image, x.at, g, in->grad_params + layer->weights);
    }
    if (grad_x != NULL) {
        image_layer_backward_input(&image, x.at, g, l > 0 && in->seeded ? 1.0F : 0.0F, grad_x);
    }
}

static void dense_backward(const struct net *net, struct net_pass *pass, uint32_t l,
                           const struct net_backward *in, struct matrix_in x)
{
    const struct net_layer *layer = &net->layer[l];
    struct matrix_in g = matrix_in(pass->grad[l]);
    struct matrix grad_x = l > 0 ? pass->grad[l - 1] : in->grad_x;
    if (in->grad_params != NULL) {
        dense_backward_weights(layer, x, in->rows, g, in->grad_params);
    }
    if (grad_x.at != NULL) {
        dense_backward_input(layer, net->params, g, in->rows, l > 0 && in->seeded ? 1.0F : 0.0F,
                             grad_x);
    }
}

void net_backward(const struct net *net, struct net_pass *pass, const struct net_backward *in)
{
    const uint8_t *masks = in->masks != NULL ? in->masks + in->rows * net_mask_width(net) : NULL;
    for (uint32_t l = net->n_layers; l-- > 0;) {
        const struct net_layer *layer = &net->layer[l];
        size_t columns = mask_columns(layer);
        masks = masks != NULL ? masks - in->rows * columns : NULL;
        struct matrix_in x = l > 0 ? matrix_in(pass->out[l - 1]) : in->x;
        layer_backward_pointwise(layer, pass->out[l], in->rows, columns > 0 ? masks : NULL,
                                 pass->grad[l]);
        if (in->grad_params != NULL) {
            layer_backward_bias(layer, in->rows, pass->grad[l], in->grad_params);
        }
        if (layer->kind == NET_DENSE) {
            dense_backward(net, pass, l, in, x);
        } else {
            image_backward(net, pass, l, in, x);
        }
    }
}
