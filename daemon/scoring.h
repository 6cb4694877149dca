/* scoring.h - a model over captures: each flow with its score, in order. */
#ifndef DAEMON_SCORING_H
#define DAEMON_SCORING_H

#include "cli.h"
#include "core/da3d.h"
#include "pipeline.h"

/* Flows in one matrix product, live and of captures: the same, so that their scores are. */
enum { SCORING_ROWS = 256 };

/* Told of each scored flow; flow->samples and flow->sketch are NULL. x: its vector.
 * Returns 0 to go on, -1 to stop. */
typedef int scoring_sink(void *ctx, const struct flow *flow, const double *x,
                         const struct da3d_score *score);

/* The set that the model was trained on, if this program has it in the same shape; else NULL with
 * *error. */
const struct feature_set *scoring_set_of(const struct da3d_model *model, struct da3d_error *error);

/* Scores every flow of the options' inputs and filter.
 * Returns 0, or -1 (already reported, or stopped by the sink). */
int scoring_run(const struct options *options, const struct da3d_model *model, scoring_sink *sink,
                void *ctx, struct pipeline_stats *stats);

#endif
