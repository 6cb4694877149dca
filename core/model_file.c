/* model_file.c - a model as bytes and back. Little-endian, in this order:
 *
 *   magic "DA3DMODL", u32 version
 *   schema       schema_file.c
 *   config       as put_config() writes it; layer lists as u32 count and u32 widths; the program;
 *                row_settings.c
 *   columns      summary.c
 *   scaler       scaler_file.c
 *   networks     each of enum part: u64 count, 0 if the variant has none, f32 parameters; shapes
 *                follow from the config
 *   views        views_file.c
 *   identities   novelty.c, if that view counts
 *   calibration  calibration.c
 *   report       u64 rows trained, u64 held out, u64 refused, f64 reconstruction, f64 alarm, f64
 *                alert rate
 *
 * Every accepted file encodes to the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "hyper.h"
#include "model.h"
#include "scaler_file.h"
#include "schema_file.h"
#include "views_file.h"

const uint8_t da3d_model_magic[8] = {'D', 'A', '3', 'D', 'M', 'O', 'D', 'L'};
enum { VERSION = 7 };

static void put_layers(struct bytes_out *out, const struct da3d_layers *layers)
{
    bytes_put_u32(out, layers->n);
    for (uint32_t i = 0; i < layers->n; i++) {
        bytes_put_u32(out, layers->width[i]);
    }
}

static void put_config(struct bytes_out *out, const struct da3d_config *config)
{
    bytes_put_u32(out, (uint32_t)config->method);
    bytes_put_u32(out, (uint32_t)config->layers);
    bytes_put_u32(out, config->image.height);
    bytes_put_u32(out, config->image.width);
    put_layers(out, &config->encoder);
    put_layers(out, &config->alarm);
    put_layers(out, &config->discriminator);
    put_layers(out, &config->generator);
    bytes_put_u32(out, config->noise);
    bytes_put_u32(out, config->epochs_aae);
    bytes_put_u32(out, config->epochs_alarm);
    bytes_put_u32(out, config->batch);
    bytes_put_float(out, config->learning_rate);
    bytes_put_float(out, config->dropout);
    bytes_put_u32(out, (uint32_t)config->scaling);
    bytes_put_u32(out, (uint32_t)config->reconstruction);
    bytes_put_u32(out, (uint32_t)config->schedule);
    bytes_put_float(out, config->corruption);
    bytes_put_u32(out, config->prototypes);
    bytes_put_u32(out, config->views);
    bytes_put_float(out, config->clip);
    bytes_put_u32(out, (uint32_t)config->clip_kind);
    bytes_put_u32(out, (uint32_t)config->generator_kind);
    bytes_put_u32(out, config->trivial);
    bytes_put_u32(out, (uint32_t)config->activations);
    bytes_put_float(out, config->sigma_h);
    bytes_put_float(out, config->lambda_g);
    bytes_put_float(out, config->lambda_n);
    bytes_put_float(out, config->holdout);
    bytes_put_u32(out, (uint32_t)config->holdout_by);
    bytes_put_float(out, config->trim);
    bytes_put_float(out, config->target_fpr);
    bytes_put_u64(out, config->seed);
    bytes_put_bytes(out, config->program, sizeof config->program);
    row_settings_put(out, &config->row_settings);
}

static void put_networks(struct bytes_out *out, const struct parts *parts)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        bytes_put_u64(out, parts->net[i].n_params);
        bytes_put_floats(out, parts->net[i].params, parts->net[i].n_params);
    }
}

static void put_report(struct bytes_out *out, const struct da3d_report *report)
{
    bytes_put_u64(out, report->rows_train);
    bytes_put_u64(out, report->rows_holdout);
    bytes_put_u64(out, report->rows_refused);
    bytes_put_double(out, report->reconstruction);
    bytes_put_double(out, report->alarm);
    bytes_put_double(out, report->holdout_alert_rate);
}

static void put_model(struct bytes_out *out, const struct da3d_model *model)
{
    bytes_put_bytes(out, da3d_model_magic, sizeof da3d_model_magic);
    bytes_put_u32(out, VERSION);
    schema_put(out, &model->schema);
    put_config(out, &model->config);
    summary_put(out, model->columns, &model->schema);
    scaler_put(out, &model->scaler);
    put_networks(out, &model->parts);
    views_put(out, &model->views);
    if (da3d_has_view(&model->config, DA3D_VIEW_NOVELTY)) {
        novelty_put(out, &model->novelty);
    }
    calibration_put(out, &model->calibration);
    put_report(out, &model->report);
}

uint8_t *da3d_model_encode(const struct da3d_model *model, size_t *size)
{
    struct bytes_out count = {0};
    put_model(&count, model);
    struct bytes_out out = {.at = malloc(count.size)};
    if (out.at == NULL) {
        return NULL;
    }
    put_model(&out, model);
    *size = out.size;
    return out.at;
}

static int damaged(struct da3d_error *error, const char *what)
{
    return da3d_fail(error, "not a usable model: %s", what);
}

static int get_header(struct bytes_in *in, struct da3d_error *error)
{
    char found[sizeof da3d_model_magic];
    bytes_get_bytes(in, found, sizeof found);
    uint32_t version = bytes_get_u32(in);
    if (in->bad || memcmp(found, da3d_model_magic, sizeof found) != 0) {
        return damaged(error, "it does not begin as one");
    }
    if (version != VERSION) {
        return da3d_fail(error, "model format version %u, this program reads %d", version, VERSION);
    }
    return 0;
}

static void get_layers(struct bytes_in *in, struct da3d_layers *layers)
{
    layers->n = bytes_get_u32(in);
    in->bad = in->bad || layers->n == 0 || layers->n > DA3D_LAYERS_MAX;
    for (uint32_t i = 0; !in->bad && i < layers->n; i++) {
        layers->width[i] = bytes_get_u32(in);
    }
}

/* A number from 0 to last; 0 where it is not. */
static uint32_t get_choice(struct bytes_in *in, uint32_t last)
{
    uint32_t value = bytes_get_u32(in);
    in->bad = in->bad || value > last;
    return in->bad ? 0 : value;
}

static int get_config(struct bytes_in *in, struct da3d_config *config, struct da3d_error *error)
{
    config->method = (enum da3d_method)get_choice(in, DA3D_METHOD_PAPER);
    config->layers = (enum da3d_layer_kind)get_choice(in, DA3D_LAYERS_CONV);
    config->image.height = bytes_get_u32(in);
    config->image.width = bytes_get_u32(in);
    get_layers(in, &config->encoder);
    get_layers(in, &config->alarm);
    get_layers(in, &config->discriminator);
    get_layers(in, &config->generator);
    config->noise = bytes_get_u32(in);
    config->epochs_aae = bytes_get_u32(in);
    config->epochs_alarm = bytes_get_u32(in);
    config->batch = bytes_get_u32(in);
    config->learning_rate = bytes_get_float(in);
    config->dropout = bytes_get_float(in);
    config->scaling = (enum da3d_scaling)get_choice(in, DA3D_SCALING_RANK_GAUSS);
    config->reconstruction = (enum da3d_reconstruction)get_choice(in, DA3D_RECONSTRUCTION_SQUARED);
    config->schedule = (enum da3d_schedule)get_choice(in, DA3D_SCHEDULE_COSINE);
    config->corruption = bytes_get_float(in);
    config->prototypes = bytes_get_u32(in);
    config->views = bytes_get_u32(in);
    config->clip = bytes_get_float(in);
    config->clip_kind = (enum da3d_clip)get_choice(in, DA3D_CLIP_WEIGHTS);
    config->generator_kind = (enum da3d_generator)get_choice(in, DA3D_GENERATOR_NONE);
    config->trivial = get_choice(in, 1) == 1;
    config->activations = (enum da3d_activations)get_choice(in, DA3D_ACTIVATIONS_BOTH);
    config->sigma_h = bytes_get_float(in);
    config->lambda_g = bytes_get_float(in);
    config->lambda_n = bytes_get_float(in);
    config->holdout = bytes_get_float(in);
    config->holdout_by = (enum da3d_holdout)get_choice(in, DA3D_HOLDOUT_TIME);
    config->trim = bytes_get_float(in);
    config->target_fpr = bytes_get_float(in);
    config->seed = bytes_get_u64(in);
    bytes_get_bytes(in, config->program, sizeof config->program);
    row_settings_get(in, &config->row_settings);
    if (in->bad || !hyper_is_derived(config) ||
        !schema_padded(config->program, sizeof config->program)) {
        return damaged(error, "bad configuration");
    }
    return hyper_check(config, error);
}

/* parts: shaped. Allocates only what the remaining bytes hold. */
static int get_networks(struct bytes_in *in, struct parts *parts, struct da3d_error *error)
{
    if (parts_n_params(parts) > in->left / sizeof(float)) {
        return damaged(error, "networks are cut off");
    }
    if (parts_alloc(parts) != 0) {
        return da3d_fail(error, "out of memory");
    }
    bool plausible = true;
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (bytes_get_u64(in) != parts->net[i].n_params) {
            return damaged(error, "networks and configuration disagree");
        }
        bytes_get_floats(in, parts->net[i].params, parts->net[i].n_params);
        plausible = plausible && net_plausible(&parts->net[i]);
    }
    return in->bad || !plausible ? damaged(error, "bad network parameters") : 0;
}

static int get_novelty(struct bytes_in *in, struct da3d_model *model, struct da3d_error *error)
{
    if (!da3d_has_view(&model->config, DA3D_VIEW_NOVELTY)) {
        return 0;
    }
    novelty_get(in, &model->novelty);
    return in->bad || model->novelty.n == 0 ? damaged(error, "bad identities") : 0;
}

static int get_calibration(struct bytes_in *in, struct da3d_model *model, struct da3d_error *error)
{
    calibration_get(in, &model->calibration);
    return in->bad ? damaged(error, "bad calibration") : 0;
}

static int get_summary(struct bytes_in *in, struct da3d_model *model, struct da3d_error *error)
{
    summary_get(in, model->columns, &model->schema);
    return in->bad ? damaged(error, "bad summary of columns") : 0;
}

static int get_report(struct bytes_in *in, struct da3d_report *report, struct da3d_error *error)
{
    report->rows_train = bytes_get_u64(in);
    report->rows_holdout = bytes_get_u64(in);
    report->rows_refused = bytes_get_u64(in);
    report->reconstruction = bytes_get_double(in);
    report->alarm = bytes_get_double(in);
    report->holdout_alert_rate = bytes_get_double(in);
    return in->bad ? damaged(error, "bad report") : 0;
}

static int get_body(struct bytes_in *in, struct da3d_model *model, struct da3d_error *error)
{
    if (get_config(in, &model->config, error) != 0 || get_summary(in, model, error) != 0 ||
        hyper_check_columns(&model->config, model->scaler.n_columns, model->scaler.n_inputs,
                            error) != 0 ||
        scaler_get(in, &model->scaler, model->config.scaling, error) != 0) {
        return -1;
    }
    parts_shape(&model->parts, &model->config, model->scaler.n_inputs);
    if (get_networks(in, &model->parts, error) != 0 ||
        views_get(in, &model->views, &model->config, model->scaler.n_inputs, error) != 0 ||
        get_novelty(in, model, error) != 0 || get_calibration(in, model, error) != 0 ||
        get_report(in, &model->report, error) != 0) {
        return -1;
    }
    model->report.n_parameters = parts_n_params(&model->parts);
    return in->left > 0 ? damaged(error, "bytes after its end") : 0;
}

static struct da3d_model *get_model(struct bytes_in *in, struct da3d_error *error)
{
    struct schema schema = {0};
    struct da3d_model *model = NULL;
    if (get_header(in, error) == 0 && schema_get(in, &schema, error) == 0) {
        model = model_new(&schema);
        if (model == NULL) {
            da3d_fail(error, "out of memory");
        }
    }
    schema_clear(&schema);
    if (model != NULL && get_body(in, model, error) != 0) {
        da3d_model_free(model);
        model = NULL;
    }
    return model;
}

int da3d_model_decode(const uint8_t *bytes, size_t size, struct da3d_model **out,
                      struct da3d_error *error)
{
    struct bytes_in in = {.at = bytes, .left = size};
    struct da3d_model *model = get_model(&in, error);
    if (model == NULL) {
        return -1;
    }
    *out = model;
    return 0;
}
