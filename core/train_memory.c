/* How much memory a training takes, told before it. */
#include "da3d.h"
#include "hyper.h"
#include "parts.h"
#include "slices.h"

/* Floats that the parameters of a network take where n optimisers work on it: each keeps two
 * moments of every gradient, and the gradient of each slice. */
static double optimised(const struct net *net, double n, double slices)
{
    return (double)net->n_params * (1.0 + n * (slices + 2.0));
}

/* Floats of both stages' networks; what one stage needs is free before the other. */
static double network_floats(const struct net *net, double slices)
{
    const double aae =
        optimised(&net[PART_ENCODER], 2, slices) + /* it reconstructs, and deceives */
        optimised(&net[PART_DECODER], 1, slices) + optimised(&net[PART_ALARM], 0, slices);
    const double alarm = optimised(&net[PART_ENCODER], 0, slices) +
                         optimised(&net[PART_DECODER], 0, slices) +
                         optimised(&net[PART_ALARM], 1, slices);
    return aae > alarm ? aae : alarm;
}

static bool has_identity(const struct schema *schema)
{
    bool found = false;
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        found = found || schema->columns[c].kind == SCHEMA_IDENTITY;
    }
    return found;
}

double da3d_train_memory(const struct da3d_config *config, const struct schema *schema, size_t rows)
{
    struct da3d_config derived = *config;
    struct da3d_error error;
    struct parts parts;
    const size_t inputs = schema_inputs(schema);
    const double n = (double)rows;
    if (!has_identity(schema)) {
        derived.views &= ~(1U << DA3D_VIEW_NOVELTY);
    }
    hyper_derive(&derived, (uint32_t)inputs, rows);
    if (hyper_check_columns(&derived, schema->n_columns, (uint32_t)inputs, &error) != 0) {
        return 0;
    }
    parts_shape(&parts, &derived, (uint32_t)inputs);
    const double slices = (double)slices_of(NULL, derived.batch).n;
    const double copies = derived.trim > 0.0F && !derived.judged ? 2.0 : 1.0; /* trim.c */
    const double table =
        n * schema->n_columns * sizeof(double) +
        copies * n * (1.0 - (double)derived.holdout) * (double)inputs * sizeof(float);
    return table + network_floats(parts.net, slices) * sizeof(float);
}
