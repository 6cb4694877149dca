/* retrain_rows.h - what a retraining learns from and is judged by, as rows of the live model's
 * schema. */
#ifndef DAEMON_RETRAIN_ROWS_H
#define DAEMON_RETRAIN_ROWS_H

#include "cli.h"
#include "config.h"
#include "flow_rows.h"

struct retrain_rows {
    struct flow_rows normal; /* oldest first */
    struct flow_rows known;  /* anomalies of config->retrain.known */
    struct flow_rows marked; /* anomalies that an operator has marked */
};

/* Reads the captures of the options. The filter of the options counts; flows are made as the
 * service makes them.
 * Returns 0, or -1 (reported); *rows is to be cleared in both cases. */
int retrain_rows_read(struct retrain_rows *rows, const struct options *options,
                      const struct config *config, const struct da3d_model *live);
void retrain_rows_clear(struct retrain_rows *rows);

#endif
