/* aae.h - stage 1, the adversarial autoencoder: per batch three steps, each with its own Adam.
 *
 *   reconstruction   encoder, decoder: mean cross-entropy, or squared error, between x and its
 *                    reconstruction, of x itself or of x and noise (da3d_config.corruption)
 *   discrimination   discriminator D: mean D(E(x)) - mean D(prior), encoder E frozen
 *   deception        encoder: -mean D(E(x)), discriminator frozen
 *
 * All randomness comes in from outside (draws.h), so each step is a function of its arguments and
 * the networks. A network that a step does not train is left bit for bit as it was. A batch is
 * worked on in slices. */
#ifndef CORE_AAE_H
#define CORE_AAE_H

#include "adam.h"
#include "draws.h"
#include "net.h"
#include "parts.h"

/* What the passes over a slice compute. */
struct aae_work {
    struct net_pass encoder_pass, decoder_pass, discriminator_pass;
    struct matrix codes; /* (2 rows, code): codes of x, then draws of the prior */
    float *corrupted;    /* (rows, inputs); NULL if x is reconstructed from itself */
};

struct aae {
    const struct da3d_config *config;              /* borrowed */
    float rate;                                    /* the learning rate at hand */
    struct net *encoder, *decoder, *discriminator; /* borrowed; what is trained */
    struct adam reconstruction[2];                 /* encoder's, decoder's */
    struct adam discrimination, deception;
    struct aae_work work[SLICES_MAX];
    size_t n_work;   /* slices that there is room for */
    size_t max_rows; /* of the largest slice */
};

/* For batches of up to batch rows. Returns 0, or -1 with errno ENOMEM and nothing held. */
int aae_init(struct aae *aae, struct parts *parts, const struct da3d_config *config, size_t batch);
void aae_clear(struct aae *aae);

/* How a batch of so many rows is cut: a network that normalises over it takes it whole. */
struct slices aae_slices(const struct aae *aae, struct crew *crew, size_t rows);

/* Each computes one loss over x (n, inputs), n > 0, scaled, which is a slice of a batch, and leaves
 * its gradient as that slice's in the Adam state that bears its name. Returns the loss. */
double aae_reconstruction(struct aae *aae, size_t slice, const float *x, size_t n,
                          const struct aae_draws *draws);
double aae_discrimination(struct aae *aae, size_t slice, const float *x, size_t n,
                          const struct aae_draws *draws);
double aae_deception(struct aae *aae, size_t slice, const float *x, size_t n,
                     const struct aae_draws *draws);

struct aae_losses {
    double reconstruction, discrimination, deception;
};

/* The three losses in turn, each followed by its step, and by the running averages of what it
 * trained. x: (slices->rows, inputs). draws: one for each slice. */
struct aae_losses aae_train_batch(struct aae *aae, const struct slices *slices, const float *x,
                                  const struct aae_draws *draws);

#endif
