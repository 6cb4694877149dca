/* draws.h - all the randomness that one training batch consumes: noise and dropout masks, drawn
 * before the batch's steps run, each kind from a stream of its own. Masks are net_forward()'s. */
#ifndef CORE_DRAWS_H
#define CORE_DRAWS_H

#include "parts.h"
#include "rng.h"

/* Stage 1, for a batch of n rows. All owned. */
struct aae_draws {
    uint8_t *reconstruct_encoder; /* masks, n rows */
    uint8_t *reconstruct_decoder; /* masks, n rows */
    uint8_t *discriminate;        /* masks of the discriminator, 2n rows */
    uint8_t *deceive;             /* masks of the encoder, n rows */
    float *prior;                 /* (n, code), N(0, 1) */
    float *corruption;            /* (n, inputs), N(0, corruption^2); NULL without */
};

/* Stage 2, for a batch of n rows. All owned; what the variant does not use is not drawn. */
struct detector_draws {
    float *trivial;         /* (n, inputs), N(.5, 1): trivial anomalies */
    float *alarm_noise;     /* (n, noise), N(0, 1): for the generated anomalies */
    uint8_t *alarm;         /* masks of the alarm network, hyper_alarm_terms() n rows */
    float *generator_noise; /* (2n, noise), N(0, 1): for the alarm's term, then the critic's */
    uint8_t *generator;     /* masks of the generator, 2n rows */
    float *wide;            /* (n, code), N(0, sigma_h^2): for the critic, or as anomalies */
    float *critic_noise;    /* (n, noise), N(0, 1) */
    uint8_t *critic;        /* masks of the critic, 3n rows */
};

/* Streams of one seed, one per purpose. Appending keeps old streams as they are. */
enum stream {
    STREAM_HOLDOUT,
    STREAM_PARAMETERS, /* and the PART_COUNT - 1 after it: one per network */
    STREAM_SHUFFLE_AAE = STREAM_PARAMETERS + PART_COUNT,
    STREAM_RECONSTRUCT_ENCODER,
    STREAM_RECONSTRUCT_DECODER,
    STREAM_DISCRIMINATE,
    STREAM_DECEIVE,
    STREAM_PRIOR,
    STREAM_SHUFFLE_ALARM,
    STREAM_TRIVIAL,
    STREAM_ALARM_NOISE,
    STREAM_ALARM,
    STREAM_GENERATOR_NOISE,
    STREAM_GENERATOR,
    STREAM_WIDE,
    STREAM_CRITIC_NOISE,
    STREAM_CRITIC,
    STREAM_CORRUPTION,
    STREAM_PROTOTYPES,
    STREAM_COUNT
};

struct streams {
    struct rng rng[STREAM_COUNT];
};

/* slice: of the batch that they are for; each draws from its own. */
void streams_init(struct streams *streams, uint64_t seed, size_t slice);

/* Room for batches of up to batch rows. Return 0, or -1 with errno ENOMEM and nothing held. */
int aae_draws_init(struct aae_draws *draws, const struct parts *parts,
                   const struct da3d_config *config, size_t batch);
int detector_draws_init(struct detector_draws *draws, const struct parts *parts, size_t batch);
void aae_draws_clear(struct aae_draws *draws);
void detector_draws_clear(struct detector_draws *draws);

/* Draw for a batch of n rows. */
void aae_draws_fill(struct aae_draws *draws, const struct parts *parts,
                    const struct da3d_config *config, size_t n, struct streams *streams);
void detector_draws_fill(struct detector_draws *draws, const struct parts *parts,
                         const struct da3d_config *config, size_t n, struct streams *streams);

#endif
