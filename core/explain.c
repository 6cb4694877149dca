/* explain.c - which columns of a row make its score, and which normal rows are most like it.
 *
 * Each view but the alarm network's takes the logarithm of a sum over inputs of which none is below
 * 0 (views_terms()). By column, what a row's terms are above the baseline's shares out by how much
 * its evidence is; where that is below, what they are below. So contributions are exact, without a
 * path: integrated gradients fail on the principal components, whose roots are steepest where a
 * path crosses 0. The alarm network's terms are those of alarm_path.h. The logit's difference
 * follows that of the views' mean evidence. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alarm_path.h"
#include "blas.h"
#include "da3d.h"
#include "model.h"

_Static_assert((int)DA3D_NEAREST == (int)PROTOTYPES_NEAR, "as many rows as prototypes");

/* One row, looked at: its logit, and the evidence that it comes from. */
struct look {
    float logit;
    double evidence; /* mean over views */
    float surprise[DA3D_VIEW_COUNT];
};

struct da3d_explainer {
    const struct da3d_model *model; /* borrowed */
    uint32_t *column;               /* inputs: to which column each belongs */
    float *x, *baseline;            /* inputs: of the row, and of what it is compared with */
    float *terms;                   /* inputs: one view's */
    double *by_column;              /* columns: the same */
    double *base_terms;             /* (DA3D_VIEW_COUNT, columns): the baseline's */
    double *shares;                 /* columns */
    struct look base;
    struct reader reader; /* of the reconstruction */
    struct views_pass pass;
    struct alarm_path path; /* if the alarm network counts */
};

static bool has(const struct da3d_explainer *e, enum da3d_view view)
{
    return da3d_has_view(&e->model->config, view);
}

/* An indicator belongs to the first column of its group. */
static void map_inputs(struct da3d_explainer *e)
{
    const struct scaler *scaler = &e->model->scaler;
    for (uint32_t c = scaler->n_columns; c-- > 0;) {
        const struct scaler_column *column = &scaler->column[c];
        for (uint32_t i = 0; i < column->inputs; i++) {
            e->column[column->input + i] = c;
        }
        if (column->indicator != 0) {
            e->column[column->indicator] = c;
        }
    }
}

/* Index of the largest of n > 0. */
static uint32_t most(const double *share, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++) {
        best = share[i] > share[best] ? i : best;
    }
    return best;
}

/* The median of each numeric column, the most frequent category of each other. */
static void set_medians(struct da3d_explainer *e)
{
    const struct scaler *scaler = &e->model->scaler;
    const struct column_summary *summary = da3d_model_columns(e->model);
    memset(e->baseline, 0, scaler->n_inputs * sizeof *e->baseline);
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        const struct scaler_column *column = &scaler->column[c];
        if (column->categories == 0 && column->inputs > 0) {
            e->baseline[column->input] = column->fill;
        } else if (column->categories > 0) {
            e->baseline[column->input + most(summary[c].share, column->categories)] = 1.0F;
        }
    }
}

/* The training medians; or, as no row has all of them at once, the prototype nearest to them. */
static void set_baseline(struct da3d_explainer *e)
{
    const struct prototypes *p = &e->model->views.prototypes;
    set_medians(e);
    if (p->n > 0) {
        uint32_t index[PROTOTYPES_NEAR];
        float squared;
        prototypes_distance(p, (struct matrix_in){e->baseline, p->columns}, 1, e->pass.products,
                            &squared);
        prototypes_nearest(p, e->pass.products.at, index);
        memcpy(e->baseline, p->at + (size_t)index[0] * p->columns,
               p->columns * sizeof *e->baseline);
    }
}

/* The view's terms, of which some inputs may be one column's. out: columns, overwritten. */
static void add_up(const struct da3d_explainer *e, double *out)
{
    memset(out, 0, e->model->scaler.n_columns * sizeof *out);
    for (size_t i = 0; i < e->model->scaler.n_inputs; i++) {
        out[e->column[i]] += (double)e->terms[i];
    }
}

/* Adds an amount to the columns' shares, in proportion to e->by_column, of which none is below 0;
 * by equal parts where these say nothing. */
static void share_out(struct da3d_explainer *e, double amount)
{
    const size_t columns = e->model->scaler.n_columns;
    double sum = 0.0;
    for (size_t c = 0; c < columns; c++) {
        sum += e->by_column[c];
    }
    const bool usable = isfinite(sum) && sum > 0.0;
    for (size_t c = 0; c < columns; c++) {
        e->shares[c] += amount * (usable ? e->by_column[c] / sum : 1.0 / (double)columns);
    }
}

/* Shares out by how much a view's evidence is above the baseline's: among what its terms, which are
 * in e->by_column, are above the baseline's; or, where it is below, below. */
static void share_rise(struct da3d_explainer *e, size_t view, double rise)
{
    const size_t columns = e->model->scaler.n_columns;
    const double *base = e->base_terms + view * columns;
    for (size_t c = 0; c < columns; c++) {
        double above = e->by_column[c] - base[c];
        e->by_column[c] = fmax(rise < 0.0 ? -above : above, 0.0);
    }
    share_out(e, rise);
}

static float finite_value(float value)
{
    return isnan(value) ? FLT_MAX : fminf(fmaxf(value, -FLT_MAX), FLT_MAX);
}

/* What the views find in the inputs x, with so many new identities. Leaves the alarm network's
 * terms in e->terms. */
static struct look look_at(struct da3d_explainer *e, const float *x, float novelty)
{
    const struct da3d_model *model = e->model;
    const struct matrix_in row = {x, model->scaler.n_inputs};
    float values[DA3D_VIEW_COUNT] = {[DA3D_VIEW_NOVELTY] = novelty};
    struct matrix_in restored = {0};
    struct look look = {0};
    if (has(e, DA3D_VIEW_RESIDUAL)) {
        reader_read(&e->reader, row, 1);
        restored = reader_reconstruction(&e->reader);
    }
    views_measure(&model->views, &e->pass, row, restored, 1, values);
    if (has(e, DA3D_VIEW_ALARM)) {
        values[DA3D_VIEW_ALARM] = alarm_path_terms(&e->path, e->baseline, x, e->terms);
    }
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        values[i] = finite_value(values[i]);
    }
    if (views_alarm_alone(&model->config)) {
        look.logit = values[DA3D_VIEW_ALARM];
        return look;
    }
    look.logit = views_fuse(&model->views, values, look.surprise);
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        look.evidence += views_weight(&model->views, (enum da3d_view)i) * (double)look.surprise[i];
    }
    return look;
}

/* A row, raw and as inputs; of the baseline, which has no identities, raw is NULL. */
struct seen {
    const double *row;
    const float *x;
};

/* After look_at() of it: a view's terms, in e->terms; the alarm network's are there. */
static void find_terms(struct da3d_explainer *e, const float *x, size_t view)
{
    const struct views_row row = {
        .x = x,
        .reconstruction = has(e, DA3D_VIEW_RESIDUAL) ? reader_reconstruction(&e->reader).at : NULL,
    };
    if (view != DA3D_VIEW_ALARM) {
        views_terms(&e->model->views, &e->pass, (enum da3d_view)view, &row, e->terms);
    }
}

/* The same by column, in e->by_column; of novelty, 1 for each identity that is new. */
static void find_columns(struct da3d_explainer *e, const struct seen *seen, size_t view)
{
    if (view != DA3D_VIEW_NOVELTY) {
        find_terms(e, seen->x, view);
        add_up(e, e->by_column);
        return;
    }
    for (uint32_t c = 0; c < e->model->scaler.n_columns; c++) {
        const bool known = !seen->row || novelty_knows(&e->model->novelty, c, seen->row[c]);
        e->by_column[c] = known ? 0.0 : 1.0;
    }
}

/* The alarm network's is the first of the views: its terms are where the others' will be. */
static void share_evidence(struct da3d_explainer *e, const struct seen *seen,
                           const struct look *look)
{
    memset(e->shares, 0, e->model->scaler.n_columns * sizeof *e->shares);
    for (size_t view = 0; view < DA3D_VIEW_COUNT; view++) {
        if (has(e, (enum da3d_view)view)) {
            find_columns(e, seen, view);
            share_rise(e, view,
                       views_weight(&e->model->views, (enum da3d_view)view) *
                           ((double)look->surprise[view] - (double)e->base.surprise[view]));
        }
    }
}

static void set_base(struct da3d_explainer *e)
{
    const size_t columns = e->model->scaler.n_columns;
    e->base = look_at(e, e->baseline, 0.0F);
    for (size_t view = 0; view < DA3D_VIEW_COUNT; view++) {
        if (has(e, (enum da3d_view)view)) {
            find_columns(e, &(struct seen){NULL, e->baseline}, view);
            memcpy(e->base_terms + view * columns, e->by_column, columns * sizeof *e->by_column);
        }
    }
}

/* The alarm network's logit alone: what its terms miss of the difference is shared by size. */
static void share_logit(struct da3d_explainer *e, double difference)
{
    add_up(e, e->shares);
    for (size_t c = 0; c < e->model->scaler.n_columns; c++) {
        e->shares[c] = isfinite(e->shares[c]) ? e->shares[c] : 0.0;
        e->by_column[c] = fabs(e->shares[c]);
        difference -= e->shares[c];
    }
    share_out(e, difference);
}

/* By how much the logit rises with the mean evidence, between the baseline's and the row's. */
static double slope(const struct look *base, const struct look *look)
{
    const double rise = look->evidence - base->evidence;
    return fabs(rise) > 1e-6 ? ((double)look->logit - (double)base->logit) / rise : 1.0;
}

/* Leaves the columns' contributions in e->shares. */
static void contribute(struct da3d_explainer *e, const double *row)
{
    const struct look look = look_at(e, e->x, novelty_of(&e->model->novelty, row));
    if (views_alarm_alone(&e->model->config)) {
        share_logit(e, (double)look.logit - (double)e->base.logit);
        return;
    }
    const double by = slope(&e->base, &look);
    share_evidence(e, &(struct seen){row, e->x}, &look);
    for (uint32_t c = 0; c < e->model->scaler.n_columns; c++) {
        e->shares[c] *= by;
    }
}

/* Keeps the k highest contributions, of equal ones the first, in order. */
static void insert(struct da3d_reason *out, size_t held, size_t k, const struct da3d_reason *reason)
{
    size_t at = held < k ? held : k;
    while (at > 0 && out[at - 1].contribution < reason->contribution) {
        if (at < k) {
            out[at] = out[at - 1];
        }
        at--;
    }
    if (at < k) {
        out[at] = *reason;
    }
}

size_t da3d_explain(struct da3d_explainer *explainer, const double *row, struct da3d_reason *out,
                    size_t k)
{
    const uint32_t n = explainer->model->scaler.n_columns;
    scaler_apply(&explainer->model->scaler, row, explainer->x);
    contribute(explainer, row);
    for (uint32_t c = 0; c < n; c++) {
        const struct da3d_reason reason = {c, row[c], explainer->shares[c]};
        insert(out, c, k, &reason);
    }
    return k < n ? k : n;
}

size_t da3d_explain_nearest(struct da3d_explainer *explainer, const double *row, double *rows,
                            size_t k)
{
    const struct scaler *scaler = &explainer->model->scaler;
    const struct prototypes *p = &explainer->model->views.prototypes;
    uint32_t index[PROTOTYPES_NEAR], n;
    float squared;
    if (p->n == 0) {
        return 0;
    }
    scaler_apply(scaler, row, explainer->x);
    prototypes_distance(p, (struct matrix_in){explainer->x, p->columns}, 1,
                        explainer->pass.products, &squared);
    n = prototypes_nearest(p, explainer->pass.products.at, index);
    n = k < n ? (uint32_t)k : n;
    for (size_t i = 0; i < n; i++) {
        scaler_invert(scaler, p->at + (size_t)index[i] * p->columns, rows + i * scaler->n_columns);
    }
    return n;
}

float da3d_explain_baseline(const struct da3d_explainer *explainer)
{
    return explainer->base.logit;
}

static int init(struct da3d_explainer *e)
{
    const struct da3d_model *model = e->model;
    const size_t inputs = model->scaler.n_inputs, columns = model->scaler.n_columns;
    const struct reader_plan plan = {.blind = true, .reconstruct = true, .rows = 1};
    e->column = calloc(inputs, sizeof *e->column);
    e->x = matrix_alloc(inputs, 1);
    e->baseline = matrix_alloc(inputs, 1);
    e->terms = matrix_alloc(inputs, 1);
    e->shares = calloc(columns, sizeof *e->shares);
    e->by_column = calloc(columns, sizeof *e->by_column);
    e->base_terms = calloc(DA3D_VIEW_COUNT * columns, sizeof *e->base_terms);
    if (e->column == NULL || e->x == NULL || e->baseline == NULL || e->terms == NULL ||
        e->shares == NULL || e->by_column == NULL || e->base_terms == NULL ||
        views_pass_init(&e->pass, &model->views, 1) != 0 ||
        (has(e, DA3D_VIEW_RESIDUAL) && reader_init(&e->reader, &model->parts, &plan) != 0)) {
        return -1;
    }
    return has(e, DA3D_VIEW_ALARM)
               ? alarm_path_init(&e->path, &model->parts, model->config.activations)
               : 0;
}

struct da3d_explainer *da3d_explainer_new(const struct da3d_model *model)
{
    struct da3d_explainer *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return NULL;
    }
    blas_alone();
    e->model = model;
    if (init(e) != 0) {
        da3d_explainer_free(e);
        return NULL;
    }
    map_inputs(e);
    set_baseline(e);
    set_base(e);
    return e;
}

void da3d_explainer_free(struct da3d_explainer *explainer)
{
    if (explainer == NULL) {
        return;
    }
    free(explainer->column);
    free(explainer->x);
    free(explainer->baseline);
    free(explainer->terms);
    free(explainer->shares);
    free(explainer->by_column);
    free(explainer->base_terms);
    reader_clear(&explainer->reader);
    views_pass_clear(&explainer->pass);
    alarm_path_clear(&explainer->path);
    free(explainer);
}
