#include "scaler_file.h"

#include <math.h>

static void put_rank(struct bytes_out *out, const struct rank_gauss *rank)
{
    bytes_put_u32(out, rank->n);
    for (uint32_t i = 0; i < rank->n; i++) {
        bytes_put_double(out, rank->value[i]);
        bytes_put_double(out, rank->score[i]);
    }
}

void scaler_put(struct bytes_out *out, const struct scaler *scaler)
{
    for (uint32_t i = 0; i < scaler->n_columns; i++) {
        bytes_put_double(out, scaler->column[i].min);
        bytes_put_double(out, scaler->column[i].max);
        bytes_put_float(out, scaler->column[i].fill);
        if (scaler->scaling == DA3D_SCALING_RANK_GAUSS) {
            put_rank(out, &scaler->column[i].rank);
        }
    }
}

/* Returns whether it is one. */
static bool get_rank(struct bytes_in *in, struct rank_gauss *rank)
{
    uint32_t n = bytes_get_u32(in);
    if (in->bad || n > RANK_GAUSS_KNOTS || rank_gauss_alloc(rank, n) != 0) {
        return false;
    }
    bool ascending = true;
    for (uint32_t i = 0; i < n; i++) {
        rank->value[i] = bytes_get_double(in);
        rank->score[i] = bytes_get_double(in);
        ascending = ascending && (i == 0 || (rank->value[i - 1] < rank->value[i] &&
                                             rank->score[i - 1] < rank->score[i]));
    }
    return !in->bad && ascending;
}

int scaler_get(struct bytes_in *in, struct scaler *scaler, enum da3d_scaling scaling,
               struct da3d_error *error)
{
    const bool ranks = scaling == DA3D_SCALING_RANK_GAUSS;
    const float low = ranks ? -RANK_GAUSS_LIMIT : 0.0F, high = ranks ? RANK_GAUSS_LIMIT : 1.0F;
    bool good = true;
    scaler->scaling = scaling;
    for (uint32_t i = 0; i < scaler->n_columns && good; i++) {
        struct scaler_column *column = &scaler->column[i];
        column->min = bytes_get_double(in);
        column->max = bytes_get_double(in);
        column->fill = bytes_get_float(in);
        good = column->min <= column->max && column->fill >= low && column->fill <= high &&
               (!ranks || get_rank(in, &column->rank));
    }
    return in->bad || !good ? da3d_fail(error, "not a usable model: bad scaler") : 0;
}
