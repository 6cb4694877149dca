/* hyper.h - hyperparameters: checks a training configuration and derives what it leaves open. */
#ifndef CORE_HYPER_H
#define CORE_HYPER_H

#include <stddef.h>

#include "adam.h"
#include "da3d.h"

enum { HYPER_BATCH_MAX = 1 << 16, HYPER_EPOCHS_MAX = 1000000 };

/* A convolutional encoder's layers, the code's included, and the channels of each at most. */
enum { HYPER_CONV_LAYERS = 4, HYPER_CHANNELS_MAX = 256 };

/* Fills what *config leaves open from the network's inputs (at least 1) and the training rows (at
 * least 1): layer widths, batch; a batch is never larger than rows. The view novelty must be set
 * only where rows have identities. */
void hyper_derive(struct da3d_config *config, uint32_t inputs, size_t rows);

/* A field of struct da3d_config. */
struct hyper_field {
    const char *name;
    size_t offset;
};

/* What is wrong with a configuration. */
struct hyper_fault {
    struct hyper_field field;
    struct da3d_error reason; /* without the field's name */
};

/* Whether a configuration, derived or not yet, is one that can be trained: every number finite
 * and in its range. Returns 0, or -1 with *fault. */
int hyper_find_fault(const struct da3d_config *config, struct hyper_fault *fault);

/* The same; *error names the field. */
int hyper_check(const struct da3d_config *config, struct da3d_error *error);

/* Whether rows of so many columns, giving so many inputs, are what a derived configuration is for:
 * images of its shape, and of a shape that convolutional layers can take, if it says so.
 * Returns 0, or -1 with *error. */
int hyper_check_columns(const struct da3d_config *config, uint32_t columns, uint32_t inputs,
                        struct da3d_error *error);

/* Terms of the alarm network's loss: normal rows, and each kind of anomalies that it learns on. */
uint32_t hyper_alarm_terms(const struct da3d_config *config);

/* Whether nothing is left to derive. */
bool hyper_is_derived(const struct da3d_config *config);

/* The kinds of training step, by what bounds them: nothing; the clip of a critic (discriminator,
 * critic); the clip of a network that deceives one (encoder, generator). Weights are clipped on
 * critics alone, as Wasserstein GANs do (Arjovsky et al. 2017); gradient norms on both. */
enum hyper_step { HYPER_STEP_PLAIN, HYPER_STEP_CRITIC, HYPER_STEP_DECEIVER };
struct adam_rule hyper_rule(const struct da3d_config *config, float rate, enum hyper_step step);

/* The learning rate where a share done, 0 to 1, of a stage's work lies behind. */
float hyper_rate(const struct da3d_config *config, double done);

#endif
