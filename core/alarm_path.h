/* alarm_path.h - which inputs make the alarm network's logit: integrated gradients along the
 * straight path from a baseline (Sundararajan, Taly, Yan: "Axiomatic Attribution for Deep
 * Networks", 2017), by the midpoint rule. */
#ifndef CORE_ALARM_PATH_H
#define CORE_ALARM_PATH_H

#include "reader.h"

enum { ALARM_PATH_STEPS = 10 };

struct alarm_path {
    const struct net *encoder, *alarm; /* borrowed */
    bool encodes;                      /* the reader begins at the codes */
    struct net_pass encoder_pass, alarm_pass;
    struct reader reader;
    struct matrix points; /* (ALARM_PATH_STEPS + 1, inputs): along the path, and its end; owned */
    struct matrix grad;   /* the logit's, by them; owned */
};

/* Of a model with an alarm network. Returns 0, or -1 with errno ENOMEM and nothing held. */
int alarm_path_init(struct alarm_path *path, const struct parts *parts,
                    enum da3d_activations activations);
void alarm_path_clear(struct alarm_path *path);

/* baseline, x: inputs. terms: each input's part of what the logit of x is above the baseline's,
 * about; overwritten. Returns the logit of x. */
float alarm_path_terms(struct alarm_path *path, const float *baseline, const float *x,
                       float *terms);

#endif
