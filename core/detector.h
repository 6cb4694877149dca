/* detector.h - stage 2, detector and anomaly generator over a frozen autoencoder: per batch three
 * steps, each with its own Adam. With a(h) the decoder's hidden activations of code h:
 *
 *   alarm      alarm network A: cross-entropy of A(a(E(x))) against 0, of A(a(E(trivial))) and of
 *              A(a(G(noise))) against 1, each a mean, summed
 *   generator  generator G: mean sigmoid(A(a(G(noise)))) + mean C(G(noise'))
 *   critic     critic C: mean C(wide) - lambda_g mean C(G(noise)) - lambda_n mean C(E(x))
 *
 * All randomness comes in from outside (draws.h). The encoder being frozen, training rows come in
 * as their codes. A network that a step does not train is left bit for bit as it was. */
#ifndef CORE_DETECTOR_H
#define CORE_DETECTOR_H

#include "adam.h"
#include "draws.h"
#include "net.h"
#include "parts.h"

struct detector {
    const struct net *encoder;              /* borrowed, frozen */
    struct net trunk;                       /* the decoder's hidden layers; borrowed, frozen */
    struct net *generator, *critic, *alarm; /* borrowed; what is trained */
    struct adam generator_adam, critic_adam, alarm_adam;
    struct net_pass encoder_pass, trunk_pass, generator_pass, critic_pass, alarm_pass;
    struct matrix codes;           /* (3 batch, code) */
    struct matrix activations;     /* (3 batch, trunk's width): the trunk's outputs, side by side */
    struct matrix activation_grad; /* of the same shape */
};

/* For batches of up to batch rows. Returns 0, or -1 with errno ENOMEM and nothing held. */
int detector_init(struct detector *detector, struct parts *parts, size_t batch);
void detector_clear(struct detector *detector);

/* Each computes one loss for a batch of n > 0 rows and leaves its gradient in the grad of the Adam
 * state that bears its name. codes: (n, code), the rows' codes. Returns the loss. */
double detector_alarm(struct detector *detector, const float *codes, size_t n,
                      const struct detector_draws *draws);
double detector_generator(struct detector *detector, size_t n, const struct detector_draws *draws);
double detector_critic(struct detector *detector, const float *codes, size_t n,
                       const struct detector_draws *draws, const struct da3d_config *config);

struct detector_losses {
    double alarm, generator, critic;
};

/* The three losses in turn, each followed by its step. */
struct detector_losses detector_train_batch(struct detector *detector, const float *codes, size_t n,
                                            const struct detector_draws *draws,
                                            const struct da3d_config *config);

#endif
