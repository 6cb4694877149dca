/* da3d.h - DA3D: learn what is normal, score what comes (Schulze, Sperl, Boettinger: "Double-
 * Adversarial Activation Anomaly Detection").
 *
 * An adversarial autoencoder learns the normal rows; an alarm network reads its hidden activations,
 * the decoder's unless told otherwise; a generator, held by the alarm network and a critic, invents
 * anomalies for the alarm network to learn on. Training sees normal rows alone. */
#ifndef CORE_DA3D_H
#define CORE_DA3D_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "row_settings.h"
#include "schema.h"
#include "summary.h"

enum { DA3D_LAYERS_MAX = 16, DA3D_WIDTH_MAX = 16384, DA3D_PROGRAM_MAX = 32 };

/* Widths of a dense network's layers, input excluded. n == 0: derived from the number of columns.
 */
struct da3d_layers {
    uint32_t n;
    uint32_t width[DA3D_LAYERS_MAX];
};

/* What da3d_config.clip bounds: the gradient's Euclidean norm of every adversarial step, as the
 * authors' code does, or each weight of discriminator and critic, as the paper's text says. */
enum da3d_clip { DA3D_CLIP_GRADIENT_NORM, DA3D_CLIP_WEIGHTS };

/* Where the anomalies in code space come from that the alarm network learns on, beside the trivial
 * ones: a trained generator; wide noise, N(0, sigma_h^2), the paper's "Simple"; nowhere, its "A3".
 * Without a generator there is no critic either, and neither is part of the model. */
enum da3d_generator { DA3D_GENERATOR_GAN, DA3D_GENERATOR_GAUSSIAN, DA3D_GENERATOR_NONE };

/* Whose hidden activations the alarm network reads. */
enum da3d_activations {
    DA3D_ACTIVATIONS_DECODER,
    DA3D_ACTIVATIONS_ENCODER,
    DA3D_ACTIVATIONS_BOTH /* the encoder's, then the decoder's */
};

/* How numeric columns are scaled (scaler.h): to [0, 1] by their range, as the authors do; or to
 * normal scores by their ranks, which heavy tails do not crowd together. Images: by min-max alone.
 */
enum da3d_scaling { DA3D_SCALING_MIN_MAX, DA3D_SCALING_RANK_GAUSS };

/* What the autoencoder minimises, and what its last layer gives with it: mean binary cross-entropy
 * of inputs in [0, 1], and logits; or the mean squared error, and the inputs themselves. */
enum da3d_reconstruction { DA3D_RECONSTRUCTION_CROSS_ENTROPY, DA3D_RECONSTRUCTION_SQUARED };

/* How the learning rate runs over the steps of a stage: as it is; or along half a cosine down to a
 * fiftieth (Loshchilov, Hutter, "SGDR", 2017). */
enum da3d_schedule { DA3D_SCHEDULE_CONSTANT, DA3D_SCHEDULE_COSINE };

/* What of a row is looked at, each as one number that is larger for what is less normal (views.h).
 * With the alarm network alone its logit is what ranks rows, as in the paper. */
enum da3d_view {
    DA3D_VIEW_ALARM,      /* the alarm network's logit */
    DA3D_VIEW_RESIDUAL,   /* how far the autoencoder's reconstruction is off */
    DA3D_VIEW_PROTOTYPES, /* distance to the nearest prototypes of the training rows */
    DA3D_VIEW_COMPONENTS, /* size of the principal components, each by its own deviation */
    DA3D_VIEW_NOVELTY,    /* how many of its identities are new; only where a column is one */
    DA3D_VIEW_COUNT
};

/* By which options and events name them. */
extern const char *const da3d_view_names[DA3D_VIEW_COUNT];

/* Of what layers the autoencoder is. Convolutional ones learn images alone, and their widths count
 * channels: 32 16 8, and 16 of the code. All other networks are dense. */
enum da3d_layer_kind {
    DA3D_LAYERS_AUTO, /* convolutional if rows are images: not left open in a model */
    DA3D_LAYERS_DENSE,
    DA3D_LAYERS_CONV
};

/* Rows as grey images, 0 to 255, of which each column is a pixel, line by line; 0 x 0: no images.
 */
struct da3d_image {
    uint32_t height, width;
};

/* Which rows are held out: as chance has it; or, of rows in the order of their time, the last ones
 * of each of several stretches (split.h), so that none that is judged has its like of the same
 * minute among those that were learned. */
enum da3d_holdout {
    DA3D_HOLDOUT_AUTO, /* by chance; the caller knows whether rows are in order: not left open */
    DA3D_HOLDOUT_RANDOM,
    DA3D_HOLDOUT_TIME
};

/* Whose sizes and lengths are derived where a configuration leaves them open. */
enum da3d_method { DA3D_METHOD_DEFAULT, DA3D_METHOD_PAPER };

/* Everything that shapes a training run. da3d_config_paper holds the paper's constants, of which
 * the comments tell; da3d_config_default is what goes beyond it. */
struct da3d_config {
    enum da3d_method method;
    enum da3d_layer_kind layers;
    struct da3d_image image;
    struct da3d_layers encoder;       /* hidden widths, then the code's */
    struct da3d_layers alarm;         /* hidden widths */
    struct da3d_layers discriminator; /* hidden widths; the critic's too; 40 20 10 5 */
    struct da3d_layers generator;     /* hidden widths; 50 40 30 20 */
    uint32_t noise;                   /* the generator's input width; 8 */
    uint32_t epochs_aae;              /* stage 1; 0: derived from the rows; 500 */
    uint32_t epochs_alarm;            /* stage 2; 0: derived from the rows; 500 */
    uint32_t batch;                   /* rows per step; 0: derived from the number of rows */
    float learning_rate;              /* Adam, every network; 1e-4 */
    float dropout;                    /* after every hidden layer; 0.1 */
    enum da3d_scaling scaling;
    enum da3d_reconstruction reconstruction;
    enum da3d_schedule schedule;
    float corruption;    /* deviation of the noise on what the autoencoder is to restore; 0 */
    uint32_t prototypes; /* of the view of that name; fewer where rows are few; 4096 */
    uint32_t views;      /* bit (1 << enum da3d_view) for each that counts; the alarm's alone */
    float clip;          /* adversarial steps' bound; 0.01 */
    enum da3d_clip clip_kind;
    enum da3d_generator generator_kind;
    bool trivial; /* learn on trivial anomalies, N(.5, 1) in input space, too; true */
    enum da3d_activations activations;
    float sigma_h;            /* deviation of the wide code noise; 2 */
    float lambda_g, lambda_n; /* critic's weights of generated and of normal codes; 2 */
    float holdout;            /* share of rows kept for calibration, never trained on; .2 */
    enum da3d_holdout holdout_by;
    float trim;       /* share of the training rows, the oddest, that views are fitted without, and
                       * by which identities are refused (trim.h), 0 to .5; below 0: left open,
                       * which is .1 where novelty and a view fitted to rows count, else 0 */
    bool judged;      /* somebody has chosen the rows: trim does not apply. Not kept in the model */
    float target_fpr; /* promised share of normal rows that alert; .01 */
    uint64_t seed;
    uint32_t threads; /* to train with, of which at most 4 find work; 0: one per processor. Changes
                       * nothing in the model, and is not kept in it */
    char program[DA3D_PROGRAM_MAX]; /* who trains, with version; kept in the model; may be empty */
    struct row_settings row_settings; /* how the rows were made; kept in the model */
};

/* Whether a view counts. Without the alarm network among them there is none, nor what teaches it.
 */
static inline bool da3d_has_view(const struct da3d_config *config, enum da3d_view view)
{
    return (config->views >> view & 1U) != 0;
}

extern const struct da3d_config da3d_config_paper;
extern const struct da3d_config da3d_config_default;

enum da3d_stage { DA3D_STAGE_AAE, DA3D_STAGE_ALARM };

/* Told after each epoch; losses are the epoch's means. */
struct da3d_progress {
    enum da3d_stage stage;
    uint32_t epoch, epochs; /* of this stage, 1-based */
    double fraction;        /* of the whole training's work, 0..1 */
    double reconstruction;  /* stage 1: mean binary cross-entropy */
    double alarm;           /* stage 2: sum of the three terms' means */
};

/* Who is told, and may stop it. */
struct da3d_watch {
    bool (*progress)(void *ctx, const struct da3d_progress *state); /* false: stop */
    void *ctx;
};

/* Normal rows to learn from; borrowed. */
struct da3d_rows {
    const struct schema *schema;
    const double *values; /* (n, schema->n_columns) row-major, raw; NaN = missing */
    size_t n;
};

struct da3d_model;

/* Learns from normal rows.
 * watch: told of each epoch, may stop the training; NULL: nobody watches.
 * Same config, rows and machine: the same model, byte for byte, with any number of threads. (On
 * another machine, the BLAS library's kernels may round otherwise.) Turns off BLAS's own threads in
 * the whole process.
 * Returns 0 and the caller's *out, or -1 with *error (too few rows: fewer than 50 after the
 * holdout; values that cannot be; diverged training; stopped by progress; out of memory). */
int da3d_train(const struct da3d_config *config, const struct da3d_rows *rows,
               const struct da3d_watch *watch, struct da3d_model **out, struct da3d_error *error);
/* The same, but that networks begin with the parameters of a model where they have its shapes.
 * from: borrowed; NULL: da3d_train(). */
int da3d_train_from(const struct da3d_model *from, const struct da3d_config *config,
                    const struct da3d_rows *rows, const struct da3d_watch *watch,
                    struct da3d_model **out, struct da3d_error *error);
void da3d_model_free(struct da3d_model *model);

/* Bytes that a training takes at least, its rows included: the table as read and as inputs, and the
 * networks with their optimisers. 0 for rows that cannot be trained on so. */
double da3d_train_memory(const struct da3d_config *config, const struct schema *schema,
                         size_t rows);

/* What a model is: borrowed views. */
const struct schema *da3d_model_schema(const struct da3d_model *model);
const struct da3d_config *da3d_model_config(const struct da3d_model *model); /* as derived */

/* Facts of the training, kept in the model. */
struct da3d_report {
    uint64_t rows_train, rows_holdout; /* those held out that set the threshold */
    uint64_t rows_refused;     /* that hold an identity which is in odd rows alone: they teach no
                            * identity, and are at most one in 200 of the held-out ones */
    double reconstruction;     /* last epoch's mean binary cross-entropy */
    double alarm;              /* last epoch's alarm loss */
    double holdout_alert_rate; /* share of held-out rows at or above the threshold */
    uint64_t n_parameters;
};
const struct da3d_report *da3d_model_report(const struct da3d_model *model);

/* What the rows were that the model was trained on: one for each column of its schema. */
const struct column_summary *da3d_model_columns(const struct da3d_model *model);

/* Whether a value of a column is one of the identities that the model knows, which are those of all
 * rows that it was trained with, the held-out ones too, but for refused ones (up to 2^18, the most
 * frequent); true for a column that is no identity, and if novelty is no view of the model. */
bool da3d_model_knows(const struct da3d_model *model, uint32_t column, double value);

/* The highest logits of the held-out rows, and the generalised Pareto distribution that p-values
 * beyond tail.start are of, if it is used (pareto.h). */
struct da3d_tail {
    bool used;     /* false: rows are too few, or do not follow the distribution */
    uint32_t rows; /* above start */
    float start;   /* a logit */
    double share;  /* p-value where it begins */
    double shape, scale;
    double misfit; /* Anderson and Darling's A^2; 0: not fitted */
};
const struct da3d_tail *da3d_model_tail(const struct da3d_model *model);

/* Scratch for scoring max_rows rows at a time, fewer at the same cost; one per thread. What it
 * gives for a sequence of rows is the same, bit for bit, however calls cut the sequence.
 * NULL with errno ENOMEM.
 * Turns off BLAS's own threads in the whole process. */
struct da3d_scorer;
struct da3d_scorer *da3d_scorer_new(const struct da3d_model *model, size_t max_rows);
void da3d_scorer_free(struct da3d_scorer *scorer);

struct da3d_score {
    float logit;  /* what is ranked: the alarm network's output before its sigmoid; or, of
                     * several views, the logit of 1 - the geometric mean of their p-values, of
                     * which that of novelty counts twice */
    double score; /* sigmoid(logit), 0..1: what is shown */
    float surprise[DA3D_VIEW_COUNT]; /* -ln of each view's p-value; 0 for one that does not count */
    double p_value; /* share of normal rows that score this high or higher, > 0, by the held-out
                     * rows: (k+1)/(n+1), and beyond da3d_tail.start by that tail */
    bool alert;     /* logit >= threshold */
};

/* rows: (n, n_columns) raw values, NaN = missing; n <= max_rows. out: n scores. No allocation.
 * Non-finite values other than NaN are treated as the largest or smallest finite value.
 * A row's score does not depend on the other rows beyond float rounding. */
void da3d_score(struct da3d_scorer *scorer, const double *rows, size_t n, struct da3d_score *out);

/* The alert threshold: as a logit, and as the score it corresponds to. */
float da3d_threshold_logit(const struct da3d_model *model);
double da3d_threshold_score(const struct da3d_model *model);

/* The p-value of a logit; and the lowest logit of a p-value up to p, 0 < p < 1: where alerts begin
 * of which that share of normal rows is promised. */
double da3d_p_value(const struct da3d_model *model, float logit);
float da3d_logit_at(const struct da3d_model *model, double p);

/* Why a row scores as it does: what each column contributes to the difference between its logit and
 * a baseline's, which is the prototype that is nearest to the medians of the training rows, or, in
 * a model without prototypes, these medians. Scratch for one row at a time; one per thread. NULL
 * with errno ENOMEM. Turns off BLAS's own threads in the whole process. */
struct da3d_explainer;
struct da3d_explainer *da3d_explainer_new(const struct da3d_model *model);
void da3d_explainer_free(struct da3d_explainer *explainer);

struct da3d_reason {
    uint32_t column;
    double value;        /* raw, as in the row */
    double contribution; /* below 0: more normal in this than the baseline */
};

/* row: n_columns raw values, NaN = missing. out: the k columns that contribute most, first the one
 * that does most; of all n_columns the contributions add up to the difference. No allocation.
 * Returns how many: k, or n_columns if there are fewer. */
size_t da3d_explain(struct da3d_explainer *explainer, const double *row, struct da3d_reason *out,
                    size_t k);

/* The training rows that are most like the row, by the model's prototypes of them: up to k, at most
 * DA3D_NEAREST, the most alike first. rows: (k, n_columns) raw values, NaN = missing; of numbers,
 * means of like rows. Returns how many; 0 for a model without prototypes. */
enum { DA3D_NEAREST = 4 };
size_t da3d_explain_nearest(struct da3d_explainer *explainer, const double *row, double *rows,
                            size_t k);

/* The baseline's logit. */
float da3d_explain_baseline(const struct da3d_explainer *explainer);

/* The first bytes of every encoded model: "DA3DMODL". */
extern const uint8_t da3d_model_magic[8];

/* Name and kernels of the BLAS library: what a model's bytes may depend on. */
const char *da3d_blas(void);

/* The model as bytes: the body of a model file, without its digest (the caller's business).
 * Little-endian, versioned; see da3dd-model(5).
 * Returns a malloc'd buffer, the caller's, and its *size; NULL with errno ENOMEM. */
uint8_t *da3d_model_encode(const struct da3d_model *model, size_t *size);

/* The reverse; validates everything before use: magic, version, counts, shapes, names, finite
 * numbers, no trailing bytes. bytes: borrowed. Returns 0, or -1 with *error. */
int da3d_model_decode(const uint8_t *bytes, size_t size, struct da3d_model **out,
                      struct da3d_error *error);

#endif
