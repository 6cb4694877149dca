#include "draws.h"

#include "hyper.h"

void streams_init(struct streams *streams, uint64_t seed, size_t slice)
{
    for (uint64_t i = 0; i < STREAM_COUNT; i++) {
        rng_init(&streams->rng[i], seed, (uint64_t)slice << 32 | i);
    }
}

static uint8_t *alloc_masks(const struct net *net, size_t rows)
{
    return malloc(rows * net_mask_width(net) + 1);
}

/* Networks have one dropout rate: that of their first layer. */
static void fill_masks(struct rng *rng, uint8_t *masks, const struct net *net, size_t rows)
{
    rng_mask(rng, masks, rows * net_mask_width(net), net->layer[0].dropout);
}

int aae_draws_init(struct aae_draws *draws, const struct parts *parts,
                   const struct da3d_config *config, size_t batch)
{
    const struct net *net = parts->net;
    const bool corrupt = config->corruption > 0.0F;
    *draws = (struct aae_draws){
        .reconstruct_encoder = alloc_masks(&net[PART_ENCODER], batch),
        .reconstruct_decoder = alloc_masks(&net[PART_DECODER], batch),
        .discriminate = alloc_masks(&net[PART_DISCRIMINATOR], 2 * batch),
        .deceive = alloc_masks(&net[PART_ENCODER], batch),
        .prior = matrix_alloc(batch, net_out(&net[PART_ENCODER])),
        .corruption = corrupt ? matrix_alloc(batch, net_in(&net[PART_ENCODER])) : NULL,
    };
    if (draws->reconstruct_encoder == NULL || draws->reconstruct_decoder == NULL ||
        draws->discriminate == NULL || draws->deceive == NULL || draws->prior == NULL ||
        (corrupt && draws->corruption == NULL)) {
        aae_draws_clear(draws);
        return -1;
    }
    return 0;
}

void aae_draws_clear(struct aae_draws *draws)
{
    free(draws->reconstruct_encoder);
    free(draws->reconstruct_decoder);
    free(draws->discriminate);
    free(draws->deceive);
    free(draws->prior);
    free(draws->corruption);
    *draws = (struct aae_draws){0};
}

void aae_draws_fill(struct aae_draws *draws, const struct parts *parts,
                    const struct da3d_config *config, size_t n, struct streams *streams)
{
    const struct net *net = parts->net;
    struct rng *rng = streams->rng;
    fill_masks(&rng[STREAM_RECONSTRUCT_ENCODER], draws->reconstruct_encoder, &net[PART_ENCODER], n);
    fill_masks(&rng[STREAM_RECONSTRUCT_DECODER], draws->reconstruct_decoder, &net[PART_DECODER], n);
    fill_masks(&rng[STREAM_DISCRIMINATE], draws->discriminate, &net[PART_DISCRIMINATOR], 2 * n);
    fill_masks(&rng[STREAM_DECEIVE], draws->deceive, &net[PART_ENCODER], n);
    rng_normal(&rng[STREAM_PRIOR], draws->prior, n * net_out(&net[PART_ENCODER]), 0.0F, 1.0F);
    if (config->corruption > 0.0F) {
        rng_normal(&rng[STREAM_CORRUPTION], draws->corruption, n * net_in(&net[PART_ENCODER]), 0.0F,
                   config->corruption);
    }
}

int detector_draws_init(struct detector_draws *draws, const struct parts *parts, size_t batch)
{
    const struct net *net = parts->net;
    const size_t noise = net_in(&net[PART_GENERATOR]);
    *draws = (struct detector_draws){
        .trivial = matrix_alloc(batch, net_in(&net[PART_ENCODER])),
        .alarm_noise = matrix_alloc(batch, noise),
        .alarm = alloc_masks(&net[PART_ALARM], 3 * batch),
        .generator_noise = matrix_alloc(2 * batch, noise),
        .generator = alloc_masks(&net[PART_GENERATOR], 2 * batch),
        .wide = matrix_alloc(batch, net_out(&net[PART_ENCODER])),
        .critic_noise = matrix_alloc(batch, noise),
        .critic = alloc_masks(&net[PART_CRITIC], 3 * batch),
    };
    if (draws->trivial == NULL || draws->alarm_noise == NULL || draws->alarm == NULL ||
        draws->generator_noise == NULL || draws->generator == NULL || draws->wide == NULL ||
        draws->critic_noise == NULL || draws->critic == NULL) {
        detector_draws_clear(draws);
        return -1;
    }
    return 0;
}

void detector_draws_clear(struct detector_draws *draws)
{
    free(draws->trivial);
    free(draws->alarm_noise);
    free(draws->alarm);
    free(draws->generator_noise);
    free(draws->generator);
    free(draws->wide);
    free(draws->critic_noise);
    free(draws->critic);
    *draws = (struct detector_draws){0};
}

void detector_draws_fill(struct detector_draws *draws, const struct parts *parts,
                         const struct da3d_config *config, size_t n, struct streams *streams)
{
    const struct net *net = parts->net;
    const size_t noise = net_in(&net[PART_GENERATOR]), code = net_out(&net[PART_ENCODER]);
    const size_t terms = hyper_alarm_terms(config);
    struct rng *rng = streams->rng;
    fill_masks(&rng[STREAM_ALARM], draws->alarm, &net[PART_ALARM], terms * n);
    if (config->trivial) {
        rng_normal(&rng[STREAM_TRIVIAL], draws->trivial, n * net_in(&net[PART_ENCODER]), 0.5F,
                   1.0F);
    }
    if (config->generator_kind != DA3D_GENERATOR_NONE) {
        rng_normal(&rng[STREAM_WIDE], draws->wide, n * code, 0.0F, config->sigma_h);
    }
    if (config->generator_kind == DA3D_GENERATOR_GAN) {
        rng_normal(&rng[STREAM_ALARM_NOISE], draws->alarm_noise, n * noise, 0.0F, 1.0F);
        rng_normal(&rng[STREAM_GENERATOR_NOISE], draws->generator_noise, 2 * n * noise, 0.0F, 1.0F);
        fill_masks(&rng[STREAM_GENERATOR], draws->generator, &net[PART_GENERATOR], 2 * n);
        rng_normal(&rng[STREAM_CRITIC_NOISE], draws->critic_noise, n * noise, 0.0F, 1.0F);
        fill_masks(&rng[STREAM_CRITIC], draws->critic, &net[PART_CRITIC], 3 * n);
    }
}
