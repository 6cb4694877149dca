/* Networks: forward against plain loops, backward against central differences. */
#include "core/net.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/adam.h"
#include "core/loss.h"

enum { ROWS = 9, IN = 6 };

static void fill(uint64_t stream, float *x, size_t n)
{
    struct rng rng;
    rng_init(&rng, 77, stream);
    rng_normal(&rng, x, n, 0.0F, 1.0F);
}

/* IN -> 8 -> 5 -> 3, hidden layers with the given activation and dropout .25. */
static struct net small_net(enum net_activation hidden, enum net_activation last)
{
    struct net net = {0};
    net_add(&net, IN, 8, hidden, 0.25F);
    net_add(&net, 8, 5, hidden, 0.25F);
    net_add(&net, 5, 3, last, 0.0F);
    cr_assert_eq(net_alloc(&net), 0);
    fill(1, net.params, net.n_params);
    for (size_t i = 0; i < net.n_params; i++) {
        net.params[i] *= 0.5F;
    }
    return net;
}

static double activated(enum net_activation activation, double z)
{
    switch (activation) {
    case NET_LINEAR: return z;
    case NET_LEAKY_RELU: return z > 0 ? z : 0.01 * z;
    case NET_SIGMOID: return 1.0 / (1.0 + exp(-z));
    }
    return (double)NAN;
}

/* One row by plain loops in double; y: the net's last layer. */
static void plain_forward(const struct net *net, const float *x, double *y)
{
    double in[16], out[16];
    for (size_t i = 0; i < net_in(net); i++) {
        in[i] = (double)x[i];
    }
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        for (size_t j = 0; j < layer->out; j++) {
            double z = (double)net->params[layer->bias + j];
            for (size_t i = 0; i < layer->in; i++) {
                z += in[i] * (double)net->params[layer->weights + i * layer->out + j];
            }
            out[j] = activated(layer->activation, z);
        }
        memcpy(in, out, sizeof in);
    }
    memcpy(y, in, net_out(net) * sizeof *y);
}

Test(net, forward_equals_plain_loops)
{
    const enum net_activation kinds[] = {NET_LINEAR, NET_LEAKY_RELU, NET_SIGMOID};
    float x[ROWS * IN];
    fill(2, x, ROWS * IN);
    for (size_t k = 0; k < 3; k++) {
        struct net net = small_net(kinds[k], kinds[(k + 1) % 3]);
        struct net_pass pass;
        cr_assert_eq(net_pass_init(&pass, &net, ROWS, NET_FORWARD_ONLY), 0);
        struct matrix y = net_forward(&net, (struct matrix_in){x, IN}, ROWS, NULL, &pass);
        for (size_t i = 0; i < ROWS; i++) {
            double want[16];
            plain_forward(&net, x + i * IN, want);
            for (size_t j = 0; j < 3; j++) {
                cr_assert_lt(fabs((double)y.at[i * y.ld + j] - want[j]), 1e-5);
            }
        }
        net_pass_clear(&pass);
        net_clear(&net);
    }
}

Test(net, arena_holds_every_layer_once)
{
    struct net net = small_net(NET_LEAKY_RELU, NET_LINEAR);
    cr_assert_eq(net.n_params, IN * 8U + 8 + 8 * 5 + 5 + 5 * 3 + 3);
    cr_assert_eq(net_width(&net), 16U);
    cr_assert_eq(net_mask_width(&net), 13U);
    struct net trunk = net_trunk(&net);
    cr_assert_eq(trunk.n_params, IN * 8U + 8 + 8 * 5 + 5);
    cr_assert_eq(net_out(&trunk), 5U);
    net_clear(&net);
}

Test(net, randomise_is_glorot_uniform)
{
    struct net net = {0};
    struct rng rng;
    net_add(&net, 300, 200, NET_LINEAR, 0.0F);
    cr_assert_eq(net_alloc(&net), 0);
    rng_init(&rng, 1, 1);
    net_randomise(&net, &rng);
    double limit = sqrt(6.0 / 500.0), square = 0, largest = 0;
    for (size_t i = 0; i < 60000; i++) {
        largest = fmax(largest, fabs((double)net.params[i]));
        square += (double)net.params[i] * (double)net.params[i] / 60000;
    }
    cr_assert(largest <= limit * 1.000001 && largest > 0.999 * limit);
    cr_assert_lt(fabs(square - limit * limit / 3), 0.02 * limit * limit / 3);
    for (size_t i = 60000; i < net.n_params; i++) {
        cr_assert_eq(net.params[i], 0.0F);
    }
    net_clear(&net);
}

Test(net, dropout_zeroes_and_scales)
{
    struct net net = {0};
    struct net_pass pass;
    const uint8_t masks[4] = {1, 0, 0, 1};
    const float x[2] = {1.0F, 2.0F};
    net_add(&net, 1, 2, NET_LEAKY_RELU, 0.5F);
    cr_assert_eq(net_alloc(&net), 0);
    memcpy(net.params, (float[]){3, -4, 1, 2}, 4 * sizeof(float)); /* W, then b */
    cr_assert_eq(net_pass_init(&pass, &net, 2, NET_FORWARD_ONLY), 0);
    struct matrix y = net_forward(&net, (struct matrix_in){x, 1}, 2, masks, &pass);
    const double want[4] = {8.0, 0.0, 0.0, -0.12};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_lt(fabs((double)y.at[i] - want[i]), 1e-6);
    }
    net_pass_clear(&pass);
    net_clear(&net);
}

/* A loss that looks at every layer: the sum of all outputs, each weighted. */
struct bench {
    struct net net;
    struct net_pass pass;
    float x[ROWS * IN], grad_x[ROWS * IN];
    float weight[ROWS * 16]; /* of each output, layer after layer */
    uint8_t masks[ROWS * 13];
    bool seeded; /* hidden layers count too */
};

static void bench_init(struct bench *b, enum net_activation hidden, enum net_activation last)
{
    struct rng rng;
    b->net = small_net(hidden, last);
    cr_assert_eq(net_pass_init(&b->pass, &b->net, ROWS, NET_WITH_GRADIENTS), 0);
    fill(3, b->x, ROWS * IN);
    fill(4, b->weight, ROWS * 16);
    rng_init(&rng, 5, 5);
    rng_mask(&rng, b->masks, sizeof b->masks, 0.25F);
}

static void bench_clear(struct bench *b)
{
    net_pass_clear(&b->pass);
    net_clear(&b->net);
}

static double bench_loss(struct bench *b)
{
    double loss = 0;
    const float *weight = b->weight;
    net_forward(&b->net, (struct matrix_in){b->x, IN}, ROWS, b->masks, &b->pass);
    for (uint32_t l = 0; l < b->net.n_layers; l++) {
        size_t n = (size_t)ROWS * b->net.layer[l].out;
        bool counts = b->seeded || l + 1 == b->net.n_layers;
        for (size_t i = 0; i < n; i++) {
            loss += counts ? (double)weight[i] * (double)b->pass.out[l].at[i] : 0.0;
            b->pass.grad[l].at[i] = counts ? weight[i] : NAN;
        }
        weight += n;
    }
    return loss;
}

/* Compares gradient . direction with the loss's central difference along it, in variables. */
static void check_direction(struct bench *b, float *variables, const float *grad, size_t n)
{
    const float step = 1e-3F;
    float kept[256], direction[256];
    double predicted = 0;
    cr_assert_leq(n, 256);
    memcpy(kept, variables, n * sizeof *kept);
    fill(6, direction, n);
    for (size_t i = 0; i < n; i++) {
        predicted += (double)grad[i] * (double)direction[i];
        variables[i] = kept[i] + step * direction[i];
    }
    double above = bench_loss(b);
    for (size_t i = 0; i < n; i++) {
        variables[i] = kept[i] - step * direction[i];
    }
    double below = bench_loss(b), measured = (above - below) / (2.0 * (double)step);
    memcpy(variables, kept, n * sizeof *kept);
    cr_assert_lt(fabs(predicted - measured), 0.01 * fabs(measured) + 1e-3, "%g, not %g", predicted,
                 measured);
}

Test(net, backward_equals_central_differences)
{
    const enum net_activation kinds[] = {NET_LINEAR, NET_LEAKY_RELU, NET_SIGMOID};
    for (size_t k = 0; k < 18; k++) {
        struct bench b = {.seeded = k >= 9};
        float grad[256];
        bench_init(&b, kinds[k % 3], kinds[k / 3 % 3]);
        bench_loss(&b);
        net_backward(&b.net, &b.pass,
                     &(struct net_backward){.x = {b.x, IN},
                                            .rows = ROWS,
                                            .masks = b.masks,
                                            .seeded = b.seeded,
                                            .grad_params = grad,
                                            .grad_x = {b.grad_x, IN}});
        check_direction(&b, b.net.params, grad, b.net.n_params);
        check_direction(&b, b.x, b.grad_x, ROWS * IN);
        bench_clear(&b);
    }
}

Test(net, frozen_net_passes_the_same_input_gradient)
{
    struct bench b = {.seeded = true};
    float grad[256], frozen[ROWS * IN];
    bench_init(&b, NET_LEAKY_RELU, NET_SIGMOID);
    struct net_backward in = {.x = {b.x, IN},
                              .rows = ROWS,
                              .masks = b.masks,
                              .seeded = true,
                              .grad_params = grad,
                              .grad_x = {b.grad_x, IN}};
    bench_loss(&b);
    net_backward(&b.net, &b.pass, &in);
    bench_loss(&b);
    in.grad_params = NULL;
    in.grad_x.at = frozen;
    net_backward(&b.net, &b.pass, &in);
    cr_assert_eq(memcmp(frozen, b.grad_x, sizeof frozen), 0);
    bench_clear(&b);
}

Test(net, mapped_pass_lays_layers_side_by_side)
{
    struct bench b = {0};
    float wide[ROWS * 20];
    struct net_pass mapped = {0};
    bench_init(&b, NET_LEAKY_RELU, NET_LINEAR);
    memset(wide, 0, sizeof wide);
    net_pass_map(&mapped, &b.net, (struct matrix){wide, 20}, (struct matrix){0});
    net_forward(&b.net, (struct matrix_in){b.x, IN}, ROWS, NULL, &mapped);
    net_forward(&b.net, (struct matrix_in){b.x, IN}, ROWS, NULL, &b.pass);
    for (size_t i = 0; i < ROWS; i++) {
        size_t column = 0;
        for (uint32_t l = 0; l < 3; l++) {
            for (size_t j = 0; j < b.net.layer[l].out; j++, column++) {
                float want = b.pass.out[l].at[i * b.net.layer[l].out + j];
                cr_assert_float_eq(wide[i * 20 + column], want, 1e-6F);
            }
        }
        for (; column < 20; column++) {
            cr_assert_eq(wide[i * 20 + column], 0.0F);
        }
    }
    bench_clear(&b);
}

Test(net, absurd_sizes_are_out_of_memory)
{
    struct net net = {0};
    struct net_pass pass;
    net_add(&net, 4, 4, NET_LINEAR, 0.0F);
    cr_assert_eq(net_pass_init(&pass, &net, SIZE_MAX / 8, NET_WITH_GRADIENTS), -1);
    cr_assert_eq(net_pass_init(&pass, &net, SIZE_MAX / 3, NET_WITH_GRADIENTS), -1);
}

Test(loss, cross_entropy_by_hand_and_far_out)
{
    const float z[] = {0.0F, 2.0F, -3.0F, 80.0F, -80.0F, 500.0F},
                t[] = {0.3F, 1.0F, 0.0F, 0.0F, 1.0F, 1.0F};
    float grad[6];
    double want = log(2.0) + log1p(exp(-2.0)) + log1p(exp(-3.0)) + 80.0 + 80.0;
    double loss = loss_cross_entropy(z, t, 6, grad);
    cr_assert_lt(fabs(loss - want / 6.0), 1e-6 * want);
    for (size_t i = 0; i < 6; i++) {
        double g = (1.0 / (1.0 + exp(-(double)z[i])) - (double)t[i]) / 6.0;
        cr_assert_lt(fabs((double)grad[i] - g), 1e-7);
    }
    float tiny_grad, tiny = -12.0F;
    double tiny_loss = loss_cross_entropy_label(&tiny, 0.0F, 1, &tiny_grad);
    cr_assert_lt(fabs(tiny_loss / log1p(exp(-12.0)) - 1.0), 1e-5);
}

Test(loss, nan_is_not_hidden)
{
    const float z[] = {1.0F, NAN}, t[] = {0.0F, 0.0F};
    float grad[2];
    cr_assert(isnan(loss_cross_entropy(z, t, 2, grad)));
    cr_assert(isnan(loss_mean(z, 2, 1.0F, grad)));
    cr_assert(isnan(loss_mean_sigmoid(z, 2, grad)));
}

Test(loss, means)
{
    const float z[] = {1.0F, -2.0F, 4.0F};
    float grad[3];
    cr_assert_lt(fabs(loss_mean(z, 3, -2.0F, grad) + 2.0), 1e-6);
    cr_assert_float_eq(grad[1], -2.0F / 3.0F, 1e-7F);
    double want = 0;
    double loss = loss_mean_sigmoid(z, 3, grad);
    for (size_t i = 0; i < 3; i++) {
        double s = 1.0 / (1.0 + exp(-(double)z[i]));
        want += s / 3.0;
        cr_assert_lt(fabs((double)grad[i] - s * (1 - s) / 3.0), 1e-7);
    }
    cr_assert_lt(fabs(loss - want), 1e-6);
}

static const struct slices whole = {NULL, 1, 1};

/* Kingma, Ba 2015, algorithm 1 in the order of its section 2's last paragraph, in double. */
Test(adam, steps_by_hand)
{
    struct adam adam;
    float params[2] = {1.0F, -1.0F};
    double p[2] = {1.0, -1.0}, m[2] = {0}, v[2] = {0};
    const struct adam_rule rule = {.learning_rate = 0.1F};
    cr_assert_eq(adam_init(&adam, 2, 1), 0);
    for (int t = 1; t <= 20; t++) {
        for (size_t i = 0; i < 2; i++) {
            double g = p[i] * (i == 0 ? 1.0 : 1e-6);
            adam.grad[i] = params[i] * (i == 0 ? 1.0F : 1e-6F);
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            double rate = 0.1 * sqrt(1.0 - pow(0.999, t)) / (1.0 - pow(0.9, t));
            p[i] -= rate * m[i] / (sqrt(v[i]) + 1e-7);
        }
        adam_step(&adam, params, &rule, &whole);
        for (size_t i = 0; i < 2; i++) {
            cr_assert_lt(fabs((double)params[i] - p[i]), 1e-4, "step %d: %g, not %g", t,
                         (double)params[i], p[i]);
        }
    }
    adam_clear(&adam);
}

Test(adam, bounds)
{
    struct adam adam;
    float params[19];
    double square = 0;
    cr_assert_eq(adam_init(&adam, 19, 1), 0);
    fill(8, params, 19);
    fill(9, adam.grad, 19);
    float first = adam.grad[0], second = adam.grad[1];
    adam_step(&adam, params,
              &(struct adam_rule){.learning_rate = 0.1F, .gradient_norm = 0.01F, .weight = 0.05F},
              &whole);
    for (size_t i = 0; i < 19; i++) {
        square += (double)adam.grad[i] * (double)adam.grad[i];
        cr_assert_leq(fabsf(params[i]), 0.05F);
    }
    cr_assert_lt(fabs(sqrt(square) - 0.01), 1e-7);
    cr_assert_float_eq(adam.grad[0] / adam.grad[1], first / second, 1e-4F);
    memcpy(params, adam.grad, sizeof params);
    adam_step(&adam, params, &(struct adam_rule){.learning_rate = 0.1F, .gradient_norm = 0.02F},
              &whole);
    square = 0;
    for (size_t i = 0; i < 19; i++) {
        square += (double)adam.grad[i] * (double)adam.grad[i];
    }
    cr_assert_lt(fabs(sqrt(square) - 0.01), 1e-7, "a gradient within its bound was scaled");
    adam_clear(&adam);
}
