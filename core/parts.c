#include "parts.h"

#include "hyper.h"

/* in -> hidden layers */
static void shape(struct net *net, uint32_t in, const struct da3d_layers *hidden, float dropout)
{
    for (uint32_t i = 0; i < hidden->n; i++) {
        net_add(net, in, hidden->width[i], NET_LEAKY_RELU, dropout);
        in = hidden->width[i];
    }
}

static void finish(struct net *net, uint32_t out, enum net_activation activation)
{
    net_add(net, net_out(net), out, activation, 0.0F);
}

static void shape_autoencoder(struct net *encoder, struct net *decoder,
                              const struct da3d_config *config, uint32_t inputs)
{
    struct da3d_layers hidden = config->encoder;
    hidden.n--; /* the last is the code's */
    const uint32_t code = hidden.width[hidden.n];
    struct da3d_layers mirrored = {.n = hidden.n};
    for (uint32_t i = 0; i < hidden.n; i++) {
        mirrored.width[i] = hidden.width[hidden.n - 1 - i];
    }
    shape(encoder, inputs, &hidden, config->dropout);
    finish(encoder, code, NET_LINEAR);
    shape(decoder, code, &mirrored, config->dropout);
    finish(decoder, inputs, NET_LINEAR);
}

/* Channels of the encoder's three hidden layers and the code; the decoder's mirror them. Kernels as
 * the authors chose them, a normalisation behind each hidden layer, no dropout. */
static void shape_conv_autoencoder(struct net *encoder, struct net *decoder,
                                   const struct da3d_config *config)
{
    enum { HIDDEN = HYPER_CONV_LAYERS - 1 };
    static const struct conv_kernel down = {3, 2, CONV_SAME}, to_code = {3, 2, CONV_VALID};
    static const struct conv_kernel up[HYPER_CONV_LAYERS] = {
        {4, 2, CONV_SAME}, {4, 2, CONV_VALID}, {4, 2, CONV_VALID}, {4, 2, CONV_SAME}};
    const uint32_t *channels = config->encoder.width;
    struct conv conv = {.small = {config->image.height, config->image.width, 1}};
    for (size_t i = 0; i < HIDDEN; i++) {
        conv = conv_from(conv.small, channels[i], down);
        net_add_conv(encoder, NET_CONV, &conv, NET_LEAKY_RELU, 0.0F);
        net_add_batch_norm(encoder);
    }
    conv = conv_from(conv.small, channels[HIDDEN], to_code);
    net_add_conv(encoder, NET_CONV, &conv, NET_LINEAR, 0.0F);
    conv.large = conv.small;
    for (size_t i = 0; i < HIDDEN; i++) {
        conv = conv_transposed_from(conv.large, channels[HIDDEN - 1 - i], up[i]);
        net_add_conv(decoder, NET_CONV_TRANSPOSED, &conv, NET_LEAKY_RELU, 0.0F);
        net_add_batch_norm(decoder);
    }
    conv = conv_transposed_from(conv.large, 1, up[HIDDEN]);
    net_add_conv(decoder, NET_CONV_TRANSPOSED, &conv, NET_LINEAR, 0.0F);
}

static void shape_generator(struct net *generator, const struct da3d_config *config, uint32_t code)
{
    shape(generator, config->noise, &config->generator, config->dropout);
    finish(generator, code, NET_LINEAR);
}

static uint32_t activations_width(const struct parts *parts, enum da3d_activations activations)
{
    size_t width = 0;
    if (activations != DA3D_ACTIVATIONS_DECODER) {
        width += net_hidden_width(&parts->net[PART_ENCODER]);
    }
    if (activations != DA3D_ACTIVATIONS_ENCODER) {
        width += net_hidden_width(&parts->net[PART_DECODER]);
    }
    return (uint32_t)width;
}

void parts_shape(struct parts *parts, const struct da3d_config *config, uint32_t inputs)
{
    *parts = (struct parts){0};
    struct net *net = parts->net;
    if (config->layers == DA3D_LAYERS_CONV) {
        shape_conv_autoencoder(&net[PART_ENCODER], &net[PART_DECODER], config);
    } else {
        shape_autoencoder(&net[PART_ENCODER], &net[PART_DECODER], config, inputs);
    }
    const uint32_t code = net_out(&net[PART_ENCODER]);
    shape(&net[PART_DISCRIMINATOR], code, &config->discriminator, config->dropout);
    finish(&net[PART_DISCRIMINATOR], 1, NET_SIGMOID);
    if (!da3d_has_view(config, DA3D_VIEW_ALARM)) {
        return;
    }
    if (config->generator_kind == DA3D_GENERATOR_GAN) {
        shape_generator(&net[PART_GENERATOR], config, code);
        net[PART_CRITIC] = net[PART_DISCRIMINATOR];
    }
    shape(&net[PART_ALARM], activations_width(parts, config->activations), &config->alarm,
          config->dropout);
    finish(&net[PART_ALARM], 1, NET_LINEAR);
}

int parts_alloc(struct parts *parts)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (net_alloc(&parts->net[i]) != 0) {
            parts_clear(parts);
            return -1;
        }
    }
    return 0;
}

void parts_clear(struct parts *parts)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        net_clear(&parts->net[i]);
    }
}

size_t parts_n_params(const struct parts *parts)
{
    size_t n = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        n += parts->net[i].n_params;
    }
    return n;
}
