/* Layers over images: forward against plain loops, backward against central differences. */
#include "core/conv.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/batch_norm.h"
#include "core/net.h"

enum { ROWS = 5, SIZE_MAX_IMAGE = 4096 };

static void fill(uint64_t stream, float *x, size_t n)
{
    struct rng rng;
    rng_init(&rng, 78, stream);
    rng_normal(&rng, x, n, 0.0F, 1.0F);
}

/* Every kernel of the method, over even, odd and unequal sides, and others. */
static const struct shape {
    uint32_t height, width, channels, others;
    struct conv_kernel kernel;
} shapes[] = {
    {10, 10, 1, 2, {3, 2, CONV_SAME}}, {7, 7, 3, 2, {3, 2, CONV_SAME}},
    {14, 14, 2, 3, {3, 2, CONV_SAME}}, {5, 8, 2, 3, {3, 2, CONV_SAME}},
    {4, 4, 3, 2, {3, 2, CONV_VALID}},  {9, 6, 2, 4, {3, 2, CONV_VALID}},
    {1, 1, 3, 2, {4, 2, CONV_SAME}},   {3, 5, 2, 3, {4, 2, CONV_SAME}},
    {4, 5, 3, 2, {4, 2, CONV_VALID}},  {6, 7, 2, 3, {4, 2, CONV_VALID}},
    {5, 5, 1, 1, {3, 1, CONV_SAME}},   {5, 4, 2, 2, {2, 3, CONV_SAME}},
};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static struct conv conv_of(const struct shape *s, bool transposed)
{
    struct conv_image from = {s->height, s->width, s->channels};
    return transposed ? conv_transposed_from(from, s->others, s->kernel)
                      : conv_from(from, s->others, s->kernel);
}

Test(conv, sizes_of_the_published_network)
{
    const uint32_t down[] = {14, 7, 4}, up[] = {2, 6, 14, 28};
    const enum conv_padding paddings[] = {CONV_SAME, CONV_VALID, CONV_VALID, CONV_SAME};
    struct conv conv = {.small = {28, 28, 1}};
    for (size_t i = 0; i < 3; i++) {
        conv = conv_from(conv.small, 8, (struct conv_kernel){3, 2, CONV_SAME});
        cr_assert_eq(conv.small.height, down[i]);
    }
    conv = conv_from(conv.small, 16, (struct conv_kernel){3, 2, CONV_VALID});
    cr_assert_eq(conv_size(&conv.small), 16U);
    conv.large = conv.small;
    for (size_t i = 0; i < 4; i++) {
        conv = conv_transposed_from(conv.large, 8, (struct conv_kernel){4, 2, paddings[i]});
        cr_assert_eq(conv.large.height, up[i]);
        cr_assert_eq(conv.large.width, up[i]);
    }
}

/* Visits every pair of pixels that a weight joins. */
static void plain(const struct conv *c, const float *weights, const float *in, bool transposed,
                  double *out)
{
    const struct conv_image *l = &c->large, *s = &c->small;
    for (size_t i = 0; i < conv_pixels(s) * c->kernel * c->kernel; i++) {
        const size_t pixel = i / (c->kernel * c->kernel), k = i % (c->kernel * c->kernel);
        const size_t y = pixel / s->width * c->stride + k / c->kernel;
        const size_t x = pixel % s->width * c->stride + k % c->kernel;
        if (y < c->top || y - c->top >= l->height || x < c->left || x - c->left >= l->width) {
            continue;
        }
        const size_t at = ((y - c->top) * l->width + x - c->left) * l->channels;
        for (size_t a = 0; a < l->channels; a++) {
            for (size_t b = 0; b < s->channels; b++) {
                double w = (double)weights[(k * l->channels + a) * s->channels + b];
                size_t large = at + a, small = pixel * s->channels + b;
                out[transposed ? large : small] += w * (double)in[transposed ? small : large];
            }
        }
    }
}

static void check_forward(const struct conv *c, bool transposed)
{
    const size_t in_size = conv_size(transposed ? &c->small : &c->large);
    const size_t out_size = conv_size(transposed ? &c->large : &c->small);
    static float weights[SIZE_MAX_IMAGE], in[ROWS * SIZE_MAX_IMAGE], out[ROWS * SIZE_MAX_IMAGE];
    float *scratch = matrix_alloc(1, conv_scratch(c));
    const struct conv_batch batch = {c, ROWS, scratch};
    fill(1, weights, conv_n_weights(c));
    fill(2, in, ROWS * in_size);
    (transposed ? conv_up : conv_down)(&batch, weights, in, 0.0F, out);
    (transposed ? conv_up : conv_down)(&batch, weights, in, 1.0F, out);
    for (size_t row = 0; row < ROWS; row++) {
        double want[SIZE_MAX_IMAGE] = {0};
        plain(c, weights, in + row * in_size, transposed, want);
        for (size_t i = 0; i < out_size; i++) {
            cr_assert_lt(fabs((double)out[row * out_size + i] - 2.0 * want[i]), 1e-4,
                         "kernel %u, %u x %u, %zu", c->kernel, c->large.height, c->large.width, i);
        }
    }
    free(scratch);
}

Test(conv, both_directions_equal_plain_loops)
{
    for (size_t i = 0; i < SHAPES; i++) {
        for (int transposed = 0; transposed < 2; transposed++) {
            struct conv conv = conv_of(&shapes[i], transposed);
            check_forward(&conv, transposed);
        }
    }
}

/* More images than fit into scratch at a time. */
Test(conv, chunks_do_not_show)
{
    enum { MANY = 40 };
    struct conv c =
        conv_from((struct conv_image){60, 60, 4}, 2, (struct conv_kernel){3, 2, CONV_SAME});
    const size_t large = conv_size(&c.large), small = conv_size(&c.small);
    float *x = matrix_alloc(MANY, large), *y = matrix_alloc(MANY, small);
    float *scratch = matrix_alloc(1, conv_scratch(&c)), one[2 * 30 * 30], weights[72];
    float grad[72], sum[72] = {0};
    cr_assert_lt(conv_scratch(&c), MANY * small / 2 * 36);
    fill(1, weights, 72);
    fill(2, x, MANY * large);
    conv_down(&(struct conv_batch){&c, MANY, scratch}, weights, x, 0.0F, y);
    conv_weights(&(struct conv_batch){&c, MANY, scratch}, x, y, grad);
    for (size_t i = 0; i < MANY; i++) {
        float part[72];
        conv_down(&(struct conv_batch){&c, 1, scratch}, weights, x + i * large, 0.0F, one);
        conv_weights(&(struct conv_batch){&c, 1, scratch}, x + i * large, one, part);
        for (size_t j = 0; j < small; j++) {
            cr_assert_float_eq(one[j], y[i * small + j], 1e-4F);
        }
        for (size_t j = 0; j < 72; j++) {
            sum[j] += part[j];
        }
    }
    for (size_t j = 0; j < 72; j++) {
        cr_assert_float_eq(sum[j], grad[j], 1e-3F * fabsf(grad[j]) + 0.1F);
    }
    free(x);
    free(y);
    free(scratch);
}

/* A loss over a net's outputs, each weighted. */
struct bench {
    struct net net;
    struct net_pass pass;
    float x[ROWS * SIZE_MAX_IMAGE], grad_x[ROWS * SIZE_MAX_IMAGE];
    float weight[3][ROWS * SIZE_MAX_IMAGE]; /* of each layer's outputs */
    float grad[SIZE_MAX_IMAGE];
    uint8_t mask_bytes[4 * ROWS * SIZE_MAX_IMAGE];
    const uint8_t *masks;
    bool seeded; /* hidden layers count too */
};

/* A convolution, a normalisation of it, and a convolution or a dense layer's sigmoid. */
static void bench_init(struct bench *b, const struct shape *shape, bool transposed, float dropout)
{
    struct conv conv = conv_of(shape, transposed);
    struct rng rng;
    memset(b, 0, sizeof *b);
    net_add_conv(&b->net, transposed ? NET_CONV_TRANSPOSED : NET_CONV, &conv, NET_LEAKY_RELU,
                 dropout);
    net_add_batch_norm(&b->net);
    net_add(&b->net, net_out(&b->net), 1, NET_SIGMOID, 0.0F);
    cr_assert_eq(net_alloc(&b->net), 0);
    cr_assert_leq(b->net.n_params, SIZE_MAX_IMAGE);
    fill(1, b->net.params, b->net.n_params);
    float *norm = b->net.params + b->net.layer[1].weights;
    const float dense = 1.0F / sqrtf((float)b->net.layer[2].in); /* a sigmoid far from its ends */
    for (size_t i = 0; i < b->net.n_params; i++) {
        b->net.params[i] *= i < b->net.layer[2].weights ? 0.5F : dense;
    }
    for (size_t c = 0; c < shape->others; c++) {
        norm[c] += 1.5F;
        norm[2 * shape->others + c] = 0.7F + 0.1F * (float)c;
    }
    cr_assert_eq(net_pass_init(&b->pass, &b->net, ROWS, NET_WITH_GRADIENTS), 0);
    fill(2, b->x, ROWS * net_in(&b->net));
    for (uint32_t l = 0; l < 3; l++) {
        fill(3 + l, b->weight[l], ROWS * b->net.layer[l].out);
    }
    rng_init(&rng, 5, 5);
    rng_mask(&rng, b->mask_bytes, ROWS * net_mask_width(&b->net), dropout);
}

static void bench_clear(struct bench *b)
{
    net_pass_clear(&b->pass);
    net_clear(&b->net);
}

static double bench_loss(struct bench *b)
{
    double loss = 0;
    net_forward(&b->net, (struct matrix_in){b->x, net_in(&b->net)}, ROWS, b->masks, &b->pass);
    for (uint32_t l = 0; l < 3; l++) {
        bool counts = b->seeded || l == 2;
        for (size_t i = 0; i < ROWS * b->net.layer[l].out; i++) {
            float weight = b->weight[l][i];
            loss += counts ? (double)weight * (double)b->pass.out[l].at[i] : 0.0;
            b->pass.grad[l].at[i] = counts ? weight : NAN;
        }
    }
    return loss;
}

static void bench_backward(struct bench *b, float *grad, float *grad_x)
{
    bench_loss(b);
    net_backward(&b->net, &b->pass,
                 &(struct net_backward){.x = {b->x, net_in(&b->net)},
                                        .rows = ROWS,
                                        .masks = b->masks,
                                        .seeded = b->seeded,
                                        .grad_params = grad,
                                        .grad_x = {grad_x, net_in(&b->net)}});
}

/* Running averages have no gradient: there the direction is 0. */
static void choose_direction(const struct bench *b, const float *variables, float *direction,
                             size_t n)
{
    const struct net_layer *norm = &b->net.layer[1];
    const size_t channels = net_channels(norm);
    fill(6, direction, n);
    if (variables == b->net.params) {
        memset(direction + norm->weights + channels, 0, 2 * channels * sizeof *direction);
    }
}

static void check_direction(struct bench *b, float *variables, const float *grad, size_t n)
{
    const float step = 1e-4F;
    static float kept[ROWS * SIZE_MAX_IMAGE], direction[ROWS * SIZE_MAX_IMAGE];
    double predicted = 0, scale = 0;
    memcpy(kept, variables, n * sizeof *kept);
    choose_direction(b, variables, direction, n);
    for (size_t i = 0; i < n; i++) {
        predicted += (double)grad[i] * (double)direction[i];
        scale += (double)grad[i] * (double)grad[i];
        variables[i] = kept[i] + step * direction[i];
    }
    double above = bench_loss(b);
    for (size_t i = 0; i < n; i++) {
        variables[i] = kept[i] - step * direction[i];
    }
    double below = bench_loss(b), measured = (above - below) / (2.0 * (double)step);
    memcpy(variables, kept, n * sizeof *kept);
    cr_assert_lt(fabs(predicted - measured), 0.02 * sqrt(scale) + 2e-3, "%g, not %g (%g)",
                 predicted, measured, sqrt(scale));
}

/* Each shape, transposed or not, seeded or not, frozen, in training, in training with dropout. */
Test(conv, backward_equals_central_differences)
{
    static struct bench b;
    for (size_t i = 0; i < SHAPES * 12; i++) {
        const size_t mode = i % 3;
        bench_init(&b, &shapes[i / 12], i / 3 % 2 == 1, mode == 2 ? 0.25F : 0.0F);
        b.masks = mode > 0 ? b.mask_bytes : NULL;
        b.seeded = i / 6 % 2 == 1;
        bench_backward(&b, b.grad, b.grad_x);
        check_direction(&b, b.net.params, b.grad, b.net.n_params);
        check_direction(&b, b.x, b.grad_x, ROWS * net_in(&b.net));
        bench_clear(&b);
    }
}

Test(conv, frozen_net_passes_the_same_input_gradient)
{
    static struct bench b;
    static float frozen[ROWS * SIZE_MAX_IMAGE];
    for (int training = 0; training < 2; training++) {
        bench_init(&b, &shapes[1], false, 0.0F);
        b.masks = training ? b.mask_bytes : NULL;
        bench_backward(&b, b.grad, b.grad_x);
        bench_backward(&b, NULL, frozen);
        cr_assert_eq(memcmp(frozen, b.grad_x, ROWS * net_in(&b.net) * sizeof(float)), 0);
        bench_clear(&b);
    }
}

Test(conv, randomise_is_glorot_uniform_over_what_a_kernel_sees)
{
    struct net net = {0};
    struct rng rng;
    struct conv conv =
        conv_from((struct conv_image){8, 8, 30}, 20, (struct conv_kernel){3, 2, CONV_SAME});
    net_add_conv(&net, NET_CONV, &conv, NET_LEAKY_RELU, 0.0F);
    net_add_batch_norm(&net);
    cr_assert_eq(net_alloc(&net), 0);
    cr_assert_eq(net.n_params, 9U * 30 * 20 + 20 + 4 * 20);
    rng_init(&rng, 1, 1);
    net_randomise(&net, &rng);
    const float limit = sqrtf(6.0F / (9 * 50)), *norm = net.params + net.layer[1].weights;
    float largest = 0.0F;
    for (size_t i = 0; i < net.layer[0].bias; i++) {
        largest = fmaxf(largest, fabsf(net.params[i]));
    }
    cr_assert(largest <= limit * 1.00001F && largest > 0.99F * limit);
    for (size_t c = 0; c < 20; c++) {
        cr_assert(norm[c] == 1.0F && norm[20 + c] == 0.0F && norm[40 + c] == 1.0F);
        cr_assert(norm[60 + c] == 0.0F && net.params[net.layer[0].bias + c] == 0.0F);
    }
    cr_assert(net_plausible(&net));
    net.params[net.layer[1].weights + 40] = -1e-6F;
    cr_assert(!net_plausible(&net));
    net_clear(&net);
}

/* Far from zero, by hand in double: mean, variance, and what the running averages make of it. */
Test(batch_norm, normalises_and_tracks)
{
    enum { N = 1000, CHANNELS = 70 };
    static float x[N * CHANNELS], y[N * CHANNELS];
    float params[BATCH_NORM_PARAMS * CHANNELS], stats[BATCH_NORM_STATS * CHANNELS];
    struct batch_norm norm = {N, CHANNELS, params, stats, true};
    batch_norm_start(params, CHANNELS);
    fill(1, x, N * CHANNELS);
    for (size_t i = 0; i < N * CHANNELS; i++) {
        x[i] = 50.0F + 3.0F * x[i];
    }
    batch_norm_forward(&norm, x, y);
    batch_norm_track(&norm, params);
    for (size_t c = 0; c < CHANNELS; c++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < N; i++) {
            mean += (double)x[i * CHANNELS + c] / N;
        }
        for (size_t i = 0; i < N; i++) {
            square += pow((double)x[i * CHANNELS + c] - mean, 2.0);
        }
        double first = ((double)x[c] - mean) / sqrt(square / N + 1e-3);
        cr_assert_lt(fabs((double)y[c] - first), 1e-4);
        cr_assert_lt(fabs((double)params[BATCH_NORM_MEAN * CHANNELS + c] - 0.01 * mean), 1e-5);
        cr_assert_lt(fabs((double)params[BATCH_NORM_VARIANCE * CHANNELS + c] -
                          (0.99 + 0.01 * square / (N - 1))),
                     1e-5);
    }
}
