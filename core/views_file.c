#include "views_file.h"

#include "ascending.h"

static void put_evidence(struct bytes_out *out, const struct evidence *e)
{
    bytes_put_u32(out, e->n);
    bytes_put_floats(out, e->reference, e->n);
    bytes_put_float(out, e->tail);
    bytes_put_float(out, e->scale);
}

void views_put(struct bytes_out *out, const struct views *views)
{
    const struct prototypes *p = &views->prototypes;
    const struct components *c = &views->components;
    bytes_put_u32(out, views->inputs);
    bytes_put_u32(out, p->n);
    if (views->residual_weight != NULL) {
        bytes_put_floats(out, views->residual_weight, views->inputs);
    }
    bytes_put_floats(out, p->at, (size_t)p->n * p->columns);
    bytes_put_floats(out, c->mean, c->n);
    bytes_put_floats(out, c->rotation, (size_t)c->n * c->n);
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        if (views->evidence[i].n > 0) {
            put_evidence(out, &views->evidence[i]);
        }
    }
}

static bool get_evidence(struct bytes_in *in, struct evidence *e)
{
    uint32_t n = bytes_get_u32(in);
    if (in->bad || n == 0 || n > EVIDENCE_REFERENCE_MAX || evidence_alloc(e, n) != 0) {
        return false;
    }
    bytes_get_floats(in, e->reference, n);
    e->tail = bytes_get_float(in);
    e->scale = bytes_get_float(in);
    return !in->bad && e->scale > 0.0F && ascending_is(e->reference, n);
}

/* Floats that the views will take, so that nothing is allocated that the bytes do not hold. */
static uint64_t floats_of(const struct da3d_config *config, uint64_t inputs, uint64_t prototypes)
{
    return (da3d_has_view(config, DA3D_VIEW_RESIDUAL) ? inputs : 0) + prototypes * inputs +
           (da3d_has_view(config, DA3D_VIEW_COMPONENTS) ? inputs * (inputs + 1) : 0);
}

static void get_arrays(struct bytes_in *in, struct views *views)
{
    struct prototypes *p = &views->prototypes;
    struct components *c = &views->components;
    if (views->residual_weight != NULL) {
        bytes_get_floats(in, views->residual_weight, views->inputs);
    }
    bytes_get_floats(in, p->at, (size_t)p->n * p->columns);
    bytes_get_floats(in, c->mean, c->n);
    bytes_get_floats(in, c->rotation, (size_t)c->n * c->n);
    prototypes_square(p);
}

int views_get(struct bytes_in *in, struct views *views, const struct da3d_config *config,
              uint32_t inputs, struct da3d_error *error)
{
    const uint32_t written = bytes_get_u32(in), n = bytes_get_u32(in);
    if (in->bad || written != inputs || n > config->prototypes ||
        (n > 0) != da3d_has_view(config, DA3D_VIEW_PROTOTYPES) ||
        (da3d_has_view(config, DA3D_VIEW_COMPONENTS) && inputs > COMPONENTS_MAX) ||
        floats_of(config, inputs, n) > in->left / sizeof(float)) {
        return da3d_fail(error, "not a usable model: bad views");
    }
    if (views_alloc(views, config, inputs, n) != 0) {
        return da3d_fail(error, "out of memory");
    }
    get_arrays(in, views);
    bool good = !in->bad;
    for (size_t i = 0; i < DA3D_VIEW_COUNT && good && !views_alarm_alone(config); i++) {
        good = !da3d_has_view(config, (enum da3d_view)i) || get_evidence(in, &views->evidence[i]);
    }
    return good ? 0 : da3d_fail(error, "not a usable model: bad views");
}
