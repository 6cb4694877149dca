#include "parts.h"

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

static void shape_generator(struct net *generator, const struct da3d_config *config, uint32_t code)
{
    shape(generator, config->noise, &config->generator, config->dropout);
    finish(generator, code, NET_LINEAR);
}

/* The decoder's hidden layers are the encoder's mirrored, so either side is as wide. */
static uint32_t activations_width(const struct net *encoder, enum da3d_activations activations)
{
    const struct net hidden = net_trunk(encoder);
    const uint32_t side = (uint32_t)net_width(&hidden);
    return activations == DA3D_ACTIVATIONS_BOTH ? 2 * side : side;
}

void parts_shape(struct parts *parts, const struct da3d_config *config, uint32_t inputs)
{
    *parts = (struct parts){0};
    struct net *net = parts->net;
    shape_autoencoder(&net[PART_ENCODER], &net[PART_DECODER], config, inputs);
    const uint32_t code = net_out(&net[PART_ENCODER]);
    shape(&net[PART_DISCRIMINATOR], code, &config->discriminator, config->dropout);
    finish(&net[PART_DISCRIMINATOR], 1, NET_SIGMOID);
    if (config->generator_kind == DA3D_GENERATOR_GAN) {
        shape_generator(&net[PART_GENERATOR], config, code);
        net[PART_CRITIC] = net[PART_DISCRIMINATOR];
    }
    shape(&net[PART_ALARM], activations_width(&net[PART_ENCODER], config->activations),
          &config->alarm, config->dropout);
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
