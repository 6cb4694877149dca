/* views.h - what is looked at beside the alarm network: each row's residual, its distance to the
 * prototypes, its principal components (enum da3d_view); and how views become one score.
 *
 *   residual     ln of the sum over inputs of |reconstruction - x| / deviation of that difference
 *                in training; of a network that learned to restore rows from noise
 *   prototypes   ln of the mean squared distance to the nearest prototypes
 *   components   ln of components_size()
 *   fusion       evidence of each view (evidence.h), its mean e over views by views_weight(): the
 *                logit is ln(exp(e) - 1), the score 1 - exp(-e), the geometric mean of p-values
 *                taken from 1 (Fisher, "Statistical Methods for Research Workers", 1932) */
#ifndef CORE_VIEWS_H
#define CORE_VIEWS_H

#include "components.h"
#include "da3d.h"
#include "evidence.h"
#include "parts.h"
#include "prototypes.h"

struct views {
    uint32_t inputs;
    float *residual_weight; /* inputs: 1 / deviation; NULL if the view does not count; owned */
    struct prototypes prototypes;
    struct components components;
    struct evidence evidence[DA3D_VIEW_COUNT]; /* all empty where the alarm network counts alone */
};

/* Whether rows are ranked by the alarm network's logit as it is. */
static inline bool views_alarm_alone(const struct da3d_config *config)
{
    return config->views == 1U << DA3D_VIEW_ALARM;
}

/* Prototypes for so many training rows. */
uint32_t views_n_prototypes(const struct da3d_config *config, size_t rows);

/* Room for what the configuration's views need but evidence. Returns 0, or -1 with errno ENOMEM. */
int views_alloc(struct views *views, const struct da3d_config *config, uint32_t inputs,
                uint32_t n_prototypes);
void views_clear(struct views *views);

/* x: (n, inputs), what parts were trained on. Returns 0, or -1 with errno ENOMEM, or ERANGE where
 * there are no components. */
struct views_rows {
    const float *x;
    size_t n;
    uint32_t inputs;
};
int views_fit(struct views *views, const struct da3d_config *config, const struct parts *parts,
              const struct views_rows *rows, struct rng *rng);

/* Scratch for measuring up to so many rows at a time. */
struct views_pass {
    struct matrix products, centred, rotated;
    float *column; /* rows */
};
int views_pass_init(struct views_pass *pass, const struct views *views, size_t rows);
void views_pass_clear(struct views_pass *pass);

/* x, reconstruction: (rows, inputs). values: (rows, DA3D_VIEW_COUNT), of which the columns of the
 * views that count are overwritten, but for those of the alarm network and of novelty (novelty.h).
 */
void views_measure(const struct views *views, struct views_pass *pass, struct matrix_in x,
                   struct matrix_in reconstruction, size_t rows, float *values);

/* After views_measure() of one row, once for each of these views: by how much each input adds to
 * what the view takes the logarithm of; none is below 0. terms: inputs, overwritten. */
struct views_row {
    const float *x, *reconstruction; /* inputs */
};
void views_terms(const struct views *views, struct views_pass *pass, enum da3d_view view,
                 const struct views_row *row, float *terms);

/* A view's part of the mean, by whose evidence there is: 0 to 1, 1 together. */
double views_weight(const struct views *views, enum da3d_view view);

/* values: DA3D_VIEW_COUNT of one row, finite. surprise: their evidence, overwritten. Returns the
 * logit. */
float views_fuse(const struct views *views, const float *values, float *surprise);

#endif
