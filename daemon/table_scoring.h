/* table_scoring.h - a model over tables, or images: each row with its score, in order. */
#ifndef DAEMON_TABLE_SCORING_H
#define DAEMON_TABLE_SCORING_H

#include "cli.h"
#include "core/da3d.h"

/* label: of the row, as csv_escape() writes it, shorter than SCHEMA_VALUE_MAX; "" without a label
 * column. Returns 0 to go on, -1 to stop. */
typedef int table_sink(void *ctx, const char *label, const struct da3d_score *score);

/* Was the model trained on images? */
bool table_scoring_is_images(const struct da3d_model *model);

/* Scores every row of the options' inputs.
 * Returns 0, or -1 (already reported, or stopped by the sink), also if there is no row at all. */
int table_scoring_run(const struct options *options, const struct da3d_model *model,
                      table_sink *sink, void *ctx);

#endif
