/* retrain_rows.h - what a retraining learns from and is judged by, as rows of the live model's
 * schema. */
#ifndef DAEMON_RETRAIN_ROWS_H
#define DAEMON_RETRAIN_ROWS_H

#include "cli.h"
#include "config.h"
#include "flow_rows.h"

struct retrain_rows {
    struct flow_rows normal; /* oldest first, but for the golden ones, which are the last of all */
    size_t n_golden;         /* of these; never learned */
    int64_t span_ns;         /* of the spool's: spool_rows_span() */
    struct flow_rows known;  /* anomalies of config->retrain.known */
    struct flow_rows marked; /* anomalies that an operator has marked */
    uint64_t suspect, chance, change; /* alerts in the spool: spool_read.h */
};

/* Empty ones, of a model's columns. */
void retrain_rows_init(struct retrain_rows *rows, const struct da3d_model *live);
void retrain_rows_clear(struct retrain_rows *rows);

/* Reads the captures of the options, of which the filter counts, and what config->retrain.known
 * names; flows are made as the live model's were. The newest are golden. Returns 0, or -1
 * (reported). */
int retrain_rows_read_captures(struct retrain_rows *rows, const struct options *options,
                               const struct config *config, const struct da3d_model *live);

/* Reads what may be learned of the spool, and marks. Golden are those that always were. Returns 0,
 * or -1 (reported). */
int retrain_rows_read_spool(struct retrain_rows *rows, const struct config *config,
                            const struct da3d_model *live);

#endif
