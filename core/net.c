#include "net.h"

#include <math.h>
#include <string.h>

#include "blas.h"
#include "vmath.h"

#define LEAK 0.01F

void net_add(struct net *net, uint32_t in, uint32_t out, enum net_activation activation,
             float dropout)
{
    size_t weights = (size_t)in * out;
    net->layer[net->n_layers++] = (struct net_layer){
        .in = in,
        .out = out,
        .activation = activation,
        .dropout = dropout,
        .weights = net->n_params,
        .bias = net->n_params + weights,
    };
    net->n_params += weights + out;
}

int net_alloc(struct net *net)
{
    net->params = matrix_alloc(1, net->n_params);
    return net->params != NULL ? 0 : -1;
}

void net_clear(struct net *net)
{
    free(net->params);
    *net = (struct net){0};
}

/* Glorot, Bengio, "Understanding the difficulty of training deep feedforward networks", 2010. */
void net_randomise(struct net *net, struct rng *rng)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        float limit = sqrtf(6.0F / (float)(layer->in + layer->out));
        size_t n = (size_t)layer->in * layer->out;
        rng_uniform(rng, net->params + layer->weights, n, -limit, limit);
        memset(net->params + layer->bias, 0, layer->out * sizeof(float));
    }
}

bool net_finite(const struct net *net)
{
    for (size_t i = 0; i < net->n_params; i++) {
        if (!isfinite(net->params[i])) {
            return false;
        }
    }
    return true;
}

struct net net_trunk(const struct net *net)
{
    struct net trunk = *net;
    trunk.n_layers--;
    trunk.n_params = trunk.layer[trunk.n_layers].weights;
    return trunk;
}

size_t net_width(const struct net *net)
{
    size_t width = 0;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        width += net->layer[l].out;
    }
    return width;
}

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

int net_pass_init(struct net_pass *pass, const struct net *net, size_t rows,
                  enum net_pass_kind kind)
{
    const size_t width = net_width(net);
    const size_t sides = kind == NET_WITH_GRADIENTS ? 2 : 1;
    *pass = (struct net_pass){.owned = matrix_alloc(rows, sides * width)};
    if (pass->owned == NULL) {
        return -1;
    }
    float *at = pass->owned;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        size_t out = net->layer[l].out;
        pass->out[l] = (struct matrix){at, out};
        if (kind == NET_WITH_GRADIENTS) {
            pass->grad[l] = (struct matrix){at + rows * width, out};
        }
        at += rows * out;
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

/* y, which holds x W: bias, activation, dropout. mask: (rows, out) or NULL. */
VMATH_WIDE
static void layer_forward_pointwise(const struct net_layer *layer, const float *params, size_t rows,
                                    const uint8_t *mask, struct matrix y)
{
    const size_t out = layer->out;
    for (size_t i = 0; i < rows; i++) {
        activate(layer->activation, params + layer->bias, y.at + i * y.ld, out);
        if (mask != NULL) {
            drop(mask + i * out, 1.0F / (1.0F - layer->dropout), y.at + i * y.ld, out);
        }
    }
}

static void layer_forward(const struct net_layer *layer, const float *params, struct matrix_in x,
                          size_t rows, const uint8_t *mask, struct matrix y)
{
    struct matrix_in weights = {params + layer->weights, layer->out};
    blas_nn((struct blas_shape){rows, layer->out, layer->in}, x, weights, 0.0F, y);
    layer_forward_pointwise(layer, params, rows, mask, y);
}

/* g, the gradient by y, becomes in place the gradient by z = x W + b. Where no columns lie between
 * the rows, they are one long row: narrow layers vectorise badly row by row. Taken in pieces that
 * stay in the first cache. */
VMATH_WIDE
static void layer_backward_pointwise(const struct net_layer *layer, struct matrix_in y, size_t rows,
                                     const uint8_t *mask, struct matrix g)
{
    enum { PIECE = 1024 };
    const float keep = mask != NULL ? 1.0F - layer->dropout : 1.0F;
    const bool dense = y.ld == layer->out && g.ld == layer->out;
    const size_t n_rows = dense ? 1 : rows, length = dense ? rows * layer->out : layer->out;
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

/* dW = x' g, db = column sums of g */
static void layer_backward_params(const struct net_layer *layer, struct matrix_in x, size_t rows,
                                  struct matrix_in g, float *grad_params)
{
    struct matrix weights = {grad_params + layer->weights, layer->out};
    blas_tn((struct blas_shape){layer->in, layer->out, rows}, x, g, 0.0F, weights);
    sum_columns(g, rows, grad_params + layer->bias, layer->out);
}

/* dx = g W' + beta dx */
static void layer_backward_input(const struct net_layer *layer, const float *params,
                                 struct matrix_in g, size_t rows, float beta, struct matrix grad_x)
{
    struct matrix_in weights = {params + layer->weights, layer->out};
    blas_nt((struct blas_shape){rows, layer->in, layer->out}, g, weights, beta, grad_x);
}

struct matrix net_forward(const struct net *net, struct matrix_in x, size_t rows,
                          const uint8_t *masks, struct net_pass *pass)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        size_t columns = mask_columns(layer);
        layer_forward(layer, net->params, x, rows, columns > 0 ? masks : NULL, pass->out[l]);
        x = matrix_in(pass->out[l]);
        masks = masks != NULL ? masks + rows * columns : NULL;
    }
    return net_output(net, pass);
}

void net_backward(const struct net *net, struct net_pass *pass, const struct net_backward *in)
{
    const uint8_t *masks = in->masks != NULL ? in->masks + in->rows * net_mask_width(net) : NULL;
    for (uint32_t l = net->n_layers; l-- > 0;) {
        const struct net_layer *layer = &net->layer[l];
        size_t columns = mask_columns(layer);
        masks = masks != NULL ? masks - in->rows * columns : NULL;
        struct matrix_in x = l > 0 ? matrix_in(pass->out[l - 1]) : in->x;
        struct matrix grad_x = l > 0 ? pass->grad[l - 1] : in->grad_x;
        float beta = l > 0 && in->seeded ? 1.0F : 0.0F;
        layer_backward_pointwise(layer, matrix_in(pass->out[l]), in->rows,
                                 columns > 0 ? masks : NULL, pass->grad[l]);
        if (in->grad_params != NULL) {
            layer_backward_params(layer, x, in->rows, matrix_in(pass->grad[l]), in->grad_params);
        }
        if (grad_x.at != NULL) {
            layer_backward_input(layer, net->params, matrix_in(pass->grad[l]), in->rows, beta,
                                 grad_x);
        }
    }
}
