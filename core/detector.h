/* detector.h - stage 2, detector and anomaly generator over a frozen autoencoder: per batch three
 * steps, each with its own Adam. With f(x) the alarm network's logit on what it reads of input x
 * (reader.h), g(h) the same of code h:
 *
 *   alarm      cross-entropy of f(x) against 0, of f(trivial) and of g(G(noise)) against 1, each a
 *              mean, summed
 *   generator  generator G: mean sigmoid(g(G(noise))) + mean C(G(noise'))
 *   critic     critic C: mean C(wide) - lambda_g mean C(G(noise)) - lambda_n mean C(E(x))
 *
 * Variants, by the configuration: trivial's term may be left out; wide noise may stand for G(noise)
 * in the alarm's, or that term may be left out, either without generator and critic steps.
 *
 * Where the decoder alone is read, f(x) = g(E(x)), and reading begins at codes. Where the encoder
 * is read, reading begins at inputs, and a code h, which has no input of its own, is given the one
 * that the frozen decoder makes of it: g(h) = f(D(h)), D with its sigmoid. The generator's gradient
 * flows back through all of them.
 *
 * A batch is worked on in slices. All randomness comes in from outside (draws.h). A network that a
 * step does not train is left bit for bit as it was. */
#ifndef CORE_DETECTOR_H
#define CORE_DETECTOR_H

#include "adam.h"
#include "draws.h"
#include "net.h"
#include "parts.h"
#include "reader.h"

/* What the passes over a slice compute. */
struct detector_work {
    struct reader reader;
    struct net_pass encoder_pass, decoder_pass, generator_pass, critic_pass, alarm_pass;
    struct matrix stack; /* (3 rows, reader_in()): all that the alarm network learns on */
    struct matrix codes; /* (3 rows, code): all that the critic learns on */
};

struct detector {
    const struct da3d_config *config;       /* borrowed: the variant, how far steps may go */
    float rate;                             /* the learning rate at hand */
    const struct net *encoder;              /* borrowed, frozen */
    struct net decoder;                     /* with its sigmoid; borrowed, frozen */
    struct net *generator, *critic, *alarm; /* borrowed; what is trained */
    struct adam generator_adam, critic_adam, alarm_adam;
    struct detector_work work[SLICES_MAX];
    size_t n_work; /* slices that there is room for */
};

/* Whether stage 2 takes a training row as its code, the encoder being frozen, or as its input. */
static inline bool detector_takes_codes(const struct da3d_config *config)
{
    return config->activations == DA3D_ACTIVATIONS_DECODER;
}

/* For batches of up to batch rows. config: as derived, parts shaped by it.
 * Returns 0, or -1 with errno ENOMEM and nothing held. */
int detector_init(struct detector *detector, struct parts *parts, const struct da3d_config *config,
                  size_t batch);
void detector_clear(struct detector *detector);

/* Each computes one loss for n > 0 rows, a slice of a batch, and leaves its gradient as that
 * slice's in the Adam state that bears its name. rows: (n, code) if detector_takes_codes(), else
 * (n, inputs). The last two are for variants with a generator. Returns the loss. */
double detector_alarm(struct detector *detector, size_t slice, const float *rows, size_t n,
                      const struct detector_draws *draws);
double detector_generator(struct detector *detector, size_t slice, size_t n,
                          const struct detector_draws *draws);
double detector_critic(struct detector *detector, size_t slice, const float *rows, size_t n,
                       const struct detector_draws *draws);

struct detector_losses {
    double alarm, generator, critic; /* 0 where there is none */
};

/* The variant's losses in turn, each followed by its step. draws: one for each slice. */
struct detector_losses detector_train_batch(struct detector *detector, const struct slices *slices,
                                            const float *rows, const struct detector_draws *draws);

#endif
