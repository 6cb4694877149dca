/* Networks before a pass: their layers, their parameters. */
#include <math.h>
#include <string.h>

#include "batch_norm.h"
#include "net.h"

/* layer: all but its offsets. */
static void append(struct net *net, struct net_layer layer, size_t n_weights)
{
    layer.weights = net->n_params;
    layer.bias = net->n_params + n_weights;
    net->layer[net->n_layers++] = layer;
    net->n_params = layer.bias + layer.out / layer.pixels;
}

void net_add(struct net *net, uint32_t in, uint32_t out, enum net_activation activation,
             float dropout)
{
    struct net_layer layer = {
        .in = in, .out = out, .pixels = 1, .activation = activation, .dropout = dropout};
    append(net, layer, (size_t)in * out);
}

void net_add_conv(struct net *net, enum net_kind kind, const struct conv *conv,
                  enum net_activation activation, float dropout)
{
    const bool transposed = kind == NET_CONV_TRANSPOSED;
    const struct conv_image *in = transposed ? &conv->small : &conv->large;
    const struct conv_image *out = transposed ? &conv->large : &conv->small;
    struct net_layer layer = {
        .kind = kind,
        .in = (uint32_t)conv_size(in),
        .out = (uint32_t)conv_size(out),
        .pixels = (uint32_t)conv_pixels(out),
        .conv = *conv,
        .activation = activation,
        .dropout = dropout,
    };
    append(net, layer, conv_n_weights(conv));
}

void net_add_batch_norm(struct net *net)
{
    const struct net_layer *last = &net->layer[net->n_layers - 1];
    struct net_layer layer = {
        .kind = NET_BATCH_NORM, .in = last->out, .out = last->out, .pixels = last->pixels};
    append(net, layer, BATCH_NORM_PARAMS * (size_t)(last->out / last->pixels));
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

/* Inputs that an output sees, and outputs that an input is seen by, together. */
static size_t fans(const struct net_layer *layer)
{
    const struct conv *conv = &layer->conv;
    return layer->kind == NET_DENSE ? (size_t)layer->in + layer->out
                                    : (size_t)conv->kernel * conv->kernel *
                                          (conv->large.channels + conv->small.channels);
}

/* Glorot, Bengio, "Understanding the difficulty of training deep feedforward networks", 2010. */
void net_randomise(struct net *net, struct rng *rng)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        float *weights = net->params + layer->weights;
        if (layer->kind == NET_BATCH_NORM) {
            batch_norm_start(weights, net_channels(layer));
        } else {
            float limit = sqrtf(6.0F / (float)fans(layer));
            rng_uniform(rng, weights, layer->bias - layer->weights, -limit, limit);
        }
        memset(net->params + layer->bias, 0, net_channels(layer) * sizeof(float));
    }
}

static bool same_layer(const struct net_layer *a, const struct net_layer *b)
{
    return a->kind == b->kind && a->in == b->in && a->out == b->out && a->weights == b->weights &&
           a->bias == b->bias;
}

void net_take(struct net *net, const struct net *from)
{
    if (net->n_layers != from->n_layers || net->n_params != from->n_params) {
        return;
    }
    for (uint32_t i = 0; i < net->n_layers; i++) {
        if (!same_layer(&net->layer[i], &from->layer[i])) {
            return;
        }
    }
    if (net->n_params > 0) {
        memcpy(net->params, from->params, net->n_params * sizeof *net->params);
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

bool net_plausible(const struct net *net)
{
    bool plausible = net_finite(net);
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        plausible =
            plausible && (layer->kind != NET_BATCH_NORM ||
                          batch_norm_plausible(net->params + layer->weights, net_channels(layer)));
    }
    return plausible;
}

struct net net_trunk(const struct net *net)
{
    struct net trunk = *net;
    trunk.n_layers--;
    while (trunk.n_layers > 1 && trunk.layer[trunk.n_layers - 1].kind == NET_BATCH_NORM) {
        trunk.n_layers--;
    }
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

bool net_has_images(const struct net *net)
{
    for (uint32_t l = 0; l < net->n_layers; l++) {
        if (net->layer[l].kind != NET_DENSE) {
            return true;
        }
    }
    return false;
}

size_t net_hidden_width(const struct net *net)
{
    size_t width = 0;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        width += net->layer[l].activation == NET_LEAKY_RELU ? net->layer[l].out : 0;
    }
    return width;
}

double net_work(const struct net *net)
{
    double work = 0;
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        double often = layer->kind == NET_CONV || layer->kind == NET_CONV_TRANSPOSED
                           ? (double)conv_pixels(&layer->conv.small)
                           : 1.0;
        work += often * (double)(layer->bias - layer->weights);
    }
    return work;
}
