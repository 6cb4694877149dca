/* Views beside the alarm network, and how they become one score. */
#include "core/views.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hyper.h"

static void expect(double got, double want, double tolerance)
{
    cr_assert_lt(fabs(got - want), tolerance, "%g, not %g", got, want);
}

/* Four heaps of ten rows around the corners of a square. */
Test(prototypes, heaps_find_theirs)
{
    enum { N = 40 };
    static float x[N][2], products[N * N], squared[N];
    struct prototypes p;
    struct rng rng;
    rng_init(&rng, 4, 0);
    for (size_t i = 0; i < N; i++) {
        rng_normal(&rng, x[i], 2, 0.0F, 0.01F);
        x[i][0] += i % 4 / 2 == 0 ? 0.0F : 10.0F;
        x[i][1] += i % 2 == 0 ? 0.0F : 10.0F;
    }
    cr_assert_eq(prototypes_alloc(&p, N, 2), 0);
    cr_assert_eq(prototypes_fit(&p, x[0], N, &rng), 0);
    prototypes_distance(&p, (struct matrix_in){x[0], 2}, N, (struct matrix){products, N}, squared);
    for (size_t i = 0; i < N; i++) {
        cr_assert_lt(squared[i], 0.01F);
    }
    const float far[2] = {5.0F, 0.0F};
    prototypes_distance(&p, (struct matrix_in){far, 2}, 1, (struct matrix){products, N}, squared);
    expect((double)squared[0], 25.0, 0.5);
    float terms[2];
    uint32_t index[PROTOTYPES_NEAR];
    prototypes_terms(&p, far, products, terms);
    expect((double)(terms[0] + terms[1]), (double)squared[0], 1e-3);
    cr_assert_gt(terms[0], terms[1]);
    cr_assert_eq(prototypes_nearest(&p, products, index), PROTOTYPES_NEAR);
    prototypes_clear(&p);
}

/* Two columns that are equal but for a little: along them ten units are nothing odd, across them
 * one is. */
Test(components, what_moves_together)
{
    enum { N = 2000 };
    static float x[N][2];
    struct components c;
    struct rng rng;
    rng_init(&rng, 5, 0);
    for (size_t i = 0; i < N; i++) {
        float z[2];
        rng_normal(&rng, z, 2, 0.0F, 1.0F);
        x[i][0] = 3.0F + 10.0F * z[0] + 0.1F * z[1];
        x[i][1] = 3.0F + 10.0F * z[0] - 0.1F * z[1];
    }
    cr_assert_eq(components_alloc(&c, 2), 0);
    cr_assert_eq(components_fit(&c, x[0], N), 0);
    const float rows[3][2] = {{3, 3}, {13, 13}, {4, 2}};
    float centred[6], rotated[6], size[3];
    components_size(&c, (struct matrix_in){rows[0], 2}, 3,
                    &(struct components_out){{centred, 2}, {rotated, 2}, size});
    float terms[2];
    components_terms(&c, centred + 4, rotated + 4, terms);
    expect((double)(terms[0] + terms[1]), (double)size[2], 1e-4);
    expect((double)size[0], 0.0, 0.3);
    expect((double)size[1], 1.0, 0.4);        /* one deviation along */
    expect((double)size[2], sqrt(10.0), 0.6); /* ten across */
    components_clear(&c);
}

/* A hundred values 1 .. 100: the tail begins at 90, its mean excess is
 * (0 + 1 + .. + 10) / 11 = 5. */
Test(evidence, shares_and_tail)
{
    static float values[100];
    struct evidence e;
    for (size_t i = 0; i < 100; i++) {
        values[i] = (float)(100 - i);
    }
    cr_assert_eq(evidence_fit(&e, values, 100), 0);
    expect((double)e.tail, 90.0, 1e-6);
    expect((double)e.scale, 5.0, 1e-6);
    expect(evidence_of(&e, 0.0F), -log(101.0 / 101.0), 1e-9);
    expect(evidence_of(&e, 51.0F), -log(51.0 / 101.0), 1e-9);
    expect(evidence_of(&e, 95.0F), 1.0 - log(0.1), 1e-6);
    expect(evidence_of(&e, 3e38F), EVIDENCE_MAX, 1e-9);
    evidence_clear(&e);
}

/* Rows that are all alike give no certainty: a tenth of a unit is one nat. */
Test(evidence, alike_values)
{
    float values[5] = {2, 2, 2, 2, 2};
    struct evidence e;
    cr_assert_eq(evidence_fit(&e, values, 5), 0);
    expect(evidence_of(&e, 2.0F), 0.0, 1e-9);
    expect(evidence_of(&e, 2.1F), 1.0 - log(0.1), 1e-5);
    evidence_clear(&e);
}

/* Of 100 held-out rows two are new: a new one is as odd as three of 101 at most. */
Test(evidence, by_rank_alone)
{
    float values[100] = {[7] = 1, [90] = 1};
    struct evidence e;
    cr_assert_eq(evidence_fit_ranks(&e, values, 100), 0);
    cr_expect(evidence_of(&e, 0.0F) == 0.0 && !signbit(evidence_of(&e, 0.0F)), "-0 is no evidence");
    expect(evidence_of(&e, 1.0F), -log(3.0 / 101.0), 1e-9);
    expect(evidence_of(&e, 2.0F), -log(1.0 / 101.0), 1e-9);
    evidence_clear(&e);
}

/* Of two views of p-values .1 and .001 the geometric mean is .01, the logit ln 99. */
Test(views, fusion_is_the_geometric_mean)
{
    struct views views = {0};
    float values[DA3D_VIEW_COUNT] = {0}, surprise[DA3D_VIEW_COUNT];
    for (size_t i = 1; i <= 2; i++) {
        cr_assert_eq(evidence_alloc(&views.evidence[i], 1), 0);
        views.evidence[i].reference[0] = 0.0F;
        views.evidence[i].scale = 1.0F;
    }
    values[1] = 1e-9F;
    values[2] = (float)log(100.0);
    float logit = views_fuse(&views, values, surprise);
    expect((double)surprise[0], 0.0, 1e-12);
    expect((double)surprise[1], -log(0.1), 1e-5);
    expect((double)surprise[2], -log(0.001), 1e-5);
    expect((double)logit, log(99.0), 1e-5);
    views_clear(&views);
}

/* Networks of zeros restore every row as zeros: the residual is the row itself. */
Test(views, residuals_by_their_deviation)
{
    enum { N = 100, INPUTS = 2 };
    static float x[N][INPUTS];
    struct da3d_config config = da3d_config_default;
    struct parts parts;
    struct views views;
    struct rng rng;
    config.views = 1U << DA3D_VIEW_RESIDUAL;
    hyper_derive(&config, INPUTS, N);
    parts_shape(&parts, &config, INPUTS);
    cr_assert_eq(parts_alloc(&parts), 0);
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (parts.net[i].params != NULL) {
            memset(parts.net[i].params, 0, parts.net[i].n_params * sizeof(float));
        }
    }
    for (size_t i = 0; i < N; i++) {
        x[i][0] = i % 2 == 0 ? 0.5F : -0.5F;
        x[i][1] = i % 10 == 0 ? 10.0F : 0.0F;
    }
    rng_init(&rng, 6, 0);
    cr_assert_eq(views_fit(&views, &config, &parts, &(struct views_rows){x[0], N, INPUTS}, &rng),
                 0);
    expect((double)views.residual_weight[0], 1.0 / sqrt(0.25 + 1e-3), 1e-5);
    expect((double)views.residual_weight[1], 1.0 / sqrt(10.0 + 1e-3), 1e-5);
    views_clear(&views);
    parts_clear(&parts);
}

Test(views, novelty_weighs_as_two)
{
    struct views views = {0};
    views.evidence[DA3D_VIEW_RESIDUAL].n = views.evidence[DA3D_VIEW_NOVELTY].n = 1;
    expect(views_weight(&views, DA3D_VIEW_RESIDUAL), 1.0 / 3.0, 1e-12);
    expect(views_weight(&views, DA3D_VIEW_NOVELTY), 2.0 / 3.0, 1e-12);
    expect(views_weight(&views, DA3D_VIEW_COMPONENTS), 0.0, 1e-12);
}
