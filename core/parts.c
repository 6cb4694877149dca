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

void parts_shape(struct parts *parts, const struct da3d_config *config, uint32_t inputs)
{
    *parts = (struct parts){0};
    struct net *net = parts->net;
    shape_autoencoder(&net[PART_ENCODER], &net[PART_DECODER], config, inputs);
    const uint32_t code = net_out(&net[PART_ENCODER]);
    shape(&net[PART_DISCRIMINATOR], code, &config->discriminator, config->dropout);
    finish(&net[PART_DISCRIMINATOR], 1, NET_SIGMOID);
    net[PART_CRITIC] = net[PART_DISCRIMINATOR];
    shape(&net[PART_GENERATOR], config->noise, &config->generator, config->dropout);
    finish(&net[PART_GENERATOR], code, NET_LINEAR);
    struct net trunk = net_trunk(&net[PART_DECODER]);
    shape(&net[PART_ALARM], (uint32_t)net_width(&trunk), &config->alarm, config->dropout);
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
