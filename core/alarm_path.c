#include "alarm_path.h"

#include <string.h>

enum { POINTS = ALARM_PATH_STEPS + 1 };

static int init(struct alarm_path *path, const struct parts *parts,
                enum da3d_activations activations)
{
    const struct reader_plan plan = {
        .read = activations,
        .from_codes = activations == DA3D_ACTIVATIONS_DECODER,
        .rows = POINTS,
        .grad_rows = POINTS,
    };
    path->encodes = plan.from_codes;
    path->points.ld = path->grad.ld = net_in(path->encoder);
    path->points.at = matrix_alloc(POINTS, path->points.ld);
    path->grad.at = matrix_alloc(POINTS, path->grad.ld);
    if (path->points.at == NULL || path->grad.at == NULL ||
        reader_init(&path->reader, parts, &plan) != 0 ||
        net_pass_init(&path->alarm_pass, path->alarm, POINTS, NET_WITH_GRADIENTS) != 0) {
        return -1;
    }
    return path->encodes
               ? net_pass_init(&path->encoder_pass, path->encoder, POINTS, NET_WITH_GRADIENTS)
               : 0;
}

int alarm_path_init(struct alarm_path *path, const struct parts *parts,
                    enum da3d_activations activations)
{
    *path = (struct alarm_path){
        .encoder = &parts->net[PART_ENCODER],
        .alarm = &parts->net[PART_ALARM],
    };
    if (init(path, parts, activations) != 0) {
        alarm_path_clear(path);
        return -1;
    }
    return 0;
}

void alarm_path_clear(struct alarm_path *path)
{
    free(path->points.at);
    free(path->grad.at);
    reader_clear(&path->reader);
    net_pass_clear(&path->encoder_pass);
    net_pass_clear(&path->alarm_pass);
    *path = (struct alarm_path){0};
}

static void set_points(struct alarm_path *path, const float *baseline, const float *x)
{
    const size_t inputs = path->points.ld;
    for (size_t step = 0; step < ALARM_PATH_STEPS; step++) {
        const float share = ((float)step + 0.5F) / ALARM_PATH_STEPS;
        float *point = path->points.at + step * inputs;
        for (size_t i = 0; i < inputs; i++) {
            point[i] = baseline[i] + share * (x[i] - baseline[i]);
        }
    }
    memcpy(path->points.at + ALARM_PATH_STEPS * inputs, x, inputs * sizeof *x);
}

/* From the points to their logits. entered: what the reader reads of them. */
static struct matrix forward(struct alarm_path *path, struct matrix_in entered,
                             struct matrix_in *activations)
{
    *activations = reader_read(&path->reader, entered, POINTS);
    return net_forward(path->alarm, *activations, POINTS, NULL, &path->alarm_pass);
}

/* The way back, to path->grad. */
static void backward(struct alarm_path *path, struct matrix_in entered,
                     struct matrix_in activations)
{
    const struct matrix_in points = matrix_in(path->points);
    struct matrix grad_logits = net_output_grad(path->alarm, &path->alarm_pass);
    for (size_t i = 0; i < POINTS; i++) {
        grad_logits.at[i * grad_logits.ld] = 1.0F;
    }
    net_backward(
        path->alarm, &path->alarm_pass,
        &(struct net_backward){.x = activations, .rows = POINTS, .grad_x = path->reader.grad});
    if (!path->encodes) {
        reader_trace(&path->reader, entered, POINTS, path->grad);
        return;
    }
    reader_trace(&path->reader, entered, POINTS,
                 net_output_grad(path->encoder, &path->encoder_pass));
    net_backward(path->encoder, &path->encoder_pass,
                 &(struct net_backward){.x = points, .rows = POINTS, .grad_x = path->grad});
}

float alarm_path_terms(struct alarm_path *path, const float *baseline, const float *x, float *terms)
{
    const size_t inputs = path->points.ld;
    struct matrix_in entered = matrix_in(path->points), activations;
    set_points(path, baseline, x);
    if (path->encodes) {
        entered = matrix_in(net_forward(path->encoder, entered, POINTS, NULL, &path->encoder_pass));
    }
    struct matrix logits = forward(path, entered, &activations);
    float logit = logits.at[ALARM_PATH_STEPS * logits.ld];
    backward(path, entered, activations);
    for (size_t i = 0; i < inputs; i++) {
        float sum = 0.0F;
        for (size_t step = 0; step < ALARM_PATH_STEPS; step++) {
            sum += path->grad.at[step * inputs + i];
        }
        terms[i] = sum / ALARM_PATH_STEPS * (x[i] - baseline[i]);
    }
    return logit;
}
