/* net.h - feed-forward networks: an array of layers over one flat arena of parameters.
 *
 * A dense layer is y = dropout(activation(x W + b)), x (rows, in), W (in, out), b (out). Its
 * forward and its backward stand side by side in net.c, how it is built in net_build.c. Layers over
 * images (image_layer.h) differ in what stands for x W, and have one b for each channel, the same
 * at all pixels.
 * What a pass computes lives in a struct net_pass of the caller's: outputs, and gradients of the
 * same shapes. Nothing here allocates but net_alloc() and net_pass_init(). */
#ifndef CORE_NET_H
#define CORE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conv.h"
#include "matrix.h"
#include "rng.h"

enum { NET_LAYERS_MAX = 17 };

enum net_activation { NET_LINEAR, NET_LEAKY_RELU, NET_SIGMOID };

/* What a layer does before bias and activation. */
enum net_kind { NET_DENSE, NET_CONV, NET_CONV_TRANSPOSED, NET_BATCH_NORM };

struct net_layer {
    enum net_kind kind;
    uint32_t in, out; /* of an image: pixels times channels */
    uint32_t pixels;  /* of the output, which share the bias; 1 if the layer is dense */
    struct conv conv; /* of a convolution, transposed or not; else 0 */
    enum net_activation activation; /* LeakyReLU has slope 0.01 */
    float dropout;                  /* share of the outputs that training zeroes; 0: none */
    size_t weights;                 /* offset of W, or what stands for it, in the arena */
    size_t bias;                    /* offset of b in the arena */
};

struct net {
    uint32_t n_layers;
    struct net_layer layer[NET_LAYERS_MAX];
    size_t n_params;
    float *params; /* the arena: each layer's W, then its b; owned, NULL before net_alloc() */
};

/* Appends a layer to a zeroed or growing net; at most NET_LAYERS_MAX. */
void net_add(struct net *net, uint32_t in, uint32_t out, enum net_activation activation,
             float dropout);

/* Appends a convolution, as the geometry says it, or transposed; or the normalisation of the last
 * layer's output, channel by channel, over a training batch. Images are contiguous: x.ld of a pass
 * through a net that begins with one is its in. */
void net_add_conv(struct net *net, enum net_kind kind, const struct conv *conv,
                  enum net_activation activation, float dropout);
void net_add_batch_norm(struct net *net);

/* Allocates the arena, not initialised. Returns 0, or -1 with errno ENOMEM. */
int net_alloc(struct net *net);
void net_clear(struct net *net);

/* Glorot-uniform weights, zero bias; normalisation that does nothing yet. */
void net_randomise(struct net *net, struct rng *rng);

/* The parameters of another net, where it has the same layers; else nothing. */
void net_take(struct net *net, const struct net *from);

/* True if every parameter is finite. */
bool net_finite(const struct net *net);

/* Whether a model may hold these parameters: finite, and no running variance below 0. */
bool net_plausible(const struct net *net);

/* The net up to its last hidden activations: without its last layer and a normalisation before it.
 * Borrows the arena. At least two layers. */
struct net net_trunk(const struct net *net);

static inline uint32_t net_in(const struct net *net)
{
    return net->layer[0].in;
}

static inline uint32_t net_out(const struct net *net)
{
    return net->layer[net->n_layers - 1].out;
}

/* Outputs that have a bias of their own: all of a dense layer, an image's channels. */
static inline size_t net_channels(const struct net_layer *layer)
{
    return layer->out / layer->pixels;
}

/* Sum of all layers' output widths: the columns of a concatenation of all activations. */
size_t net_width(const struct net *net);

/* Whether there are layers over images. */
bool net_has_images(const struct net *net);

/* Sum of the output widths of the layers with LeakyReLU: what an alarm network reads. */
size_t net_hidden_width(const struct net *net);

/* Multiply-adds per row of a forward pass, about. */
double net_work(const struct net *net);

/* Mask bytes per row: the widths of the layers that have dropout. */
size_t net_mask_width(const struct net *net);

/* What one pass through a net computes. */
struct net_pass {
    struct matrix out[NET_LAYERS_MAX];  /* (rows, layer's out), after dropout */
    struct matrix grad[NET_LAYERS_MAX]; /* of the loss by out[]; at NULL where not wanted */
    float *stats[NET_LAYERS_MAX];       /* what a normalisation remembers (batch_norm.h) */
    float *scratch;                     /* of convolutions (conv.h) */
    float *owned;
};

enum net_pass_kind { NET_FORWARD_ONLY, NET_WITH_GRADIENTS };

/* Room for passes of up to rows rows. Returns 0, or -1 with errno ENOMEM. */
int net_pass_init(struct net_pass *pass, const struct net *net, size_t rows,
                  enum net_pass_kind kind);
void net_pass_clear(struct net_pass *pass);

/* Moves the net's layers in a zeroed or initialised pass side by side, in order, as columns of out
 * and of grad (at NULL: forward only), each (rows, net_width()). Borrows them. The pass may have
 * further layers: they stay where they are. Dense layers alone. */
void net_pass_map(struct net_pass *pass, const struct net *net, struct matrix out,
                  struct matrix grad);

/* x: (rows, in). masks: NULL outside training: no dropout, and normalisation by running averages;
 * in training, where a normalisation takes the batch's own statistics, the bytes 0 and 1 of each
 * layer with dropout, one layer after the other, each (rows, out): kept outputs are scaled by
 * 1 / (1 - dropout).
 * Fills pass->out; returns its last matrix. */
struct matrix net_forward(const struct net *net, struct matrix_in x, size_t rows,
                          const uint8_t *masks, struct net_pass *pass);

static inline struct matrix net_output(const struct net *net, const struct net_pass *pass)
{
    return pass->out[net->n_layers - 1];
}

/* The loss's gradient by the net's output. */
static inline struct matrix net_output_grad(const struct net *net, const struct net_pass *pass)
{
    return pass->grad[net->n_layers - 1];
}

/* Does it have a normalisation? A training pass then needs the whole batch. */
bool net_normalises(const struct net *net);

/* After a training pass of so many rows: moves the running averages of normalisations. */
void net_track(struct net *net, const struct net_pass *pass, size_t rows);

/* The other direction of net_forward(), with the same x, rows and masks; before it,
 * pass->grad of the last layer holds the loss's gradient. */
struct net_backward {
    struct matrix_in x;
    size_t rows;
    const uint8_t *masks;
    bool seeded;        /* hidden layers' pass->grad hold gradients of their own, to be added to */
    float *grad_params; /* arena-shaped, overwritten; NULL: the net is frozen */
    struct matrix grad_x; /* (rows, in), overwritten; at NULL: not wanted */
};

/* Overwrites pass->grad. */
void net_backward(const struct net *net, struct net_pass *pass, const struct net_backward *in);

#endif
