/* parts.h - the networks of DA3D, six at most, and how a configuration shapes them. */
#ifndef CORE_PARTS_H
#define CORE_PARTS_H

#include "da3d.h"
#include "net.h"

enum part {
    PART_ENCODER,       /* inputs -> hidden -> code, linear */
    PART_DECODER,       /* code -> the encoder's hidden layers mirrored -> inputs, as logits */
    PART_DISCRIMINATOR, /* code -> hidden -> 1, sigmoid */
    PART_GENERATOR,     /* noise -> hidden -> code, linear; without layers if none is trained */
    PART_CRITIC,        /* shaped as the discriminator; without layers if there is no generator */
    PART_ALARM,         /* hidden activations (reader.h) -> hidden -> 1, as logit; it, generator and
                         * critic are without layers if the alarm network is none of the views */
    PART_COUNT
};

struct parts {
    struct net net[PART_COUNT];
};

/* Shapes without parameters. config: derived, and checked with its columns (hyper.h). */
void parts_shape(struct parts *parts, const struct da3d_config *config, uint32_t inputs);

/* Returns 0, or -1 with errno ENOMEM and nothing held. */
int parts_alloc(struct parts *parts);
void parts_clear(struct parts *parts);

size_t parts_n_params(const struct parts *parts);

#endif
