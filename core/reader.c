#include "reader.h"

#include <string.h>

/* Leading dimensions in whole cache lines. */
static size_t padded(size_t columns)
{
    return (columns + 15) / 16 * 16;
}

/* Appends a network to the chain, with room for a pass where its layers, or some, have none among
 * the activations. Returns 0, or -1 with errno ENOMEM. */
static int append(struct reader *r, const struct net *net, const struct reader_plan *plan,
                  bool room)
{
    const size_t i = r->n++;
    r->net[i] = *net;
    return room ? net_pass_init(&r->pass[i], net, plan->rows,
                                plan->grad_rows > 0 ? NET_WITH_GRADIENTS : NET_FORWARD_ONLY)
                : 0;
}

/* Lets the hidden layers of the network appended last fill the activations from column first on. */
static void read_into(struct reader *r, const struct net *hidden, size_t first)
{
    struct matrix activations = {r->activations.at + first, r->activations.ld};
    struct matrix grad = {r->grad.at != NULL ? r->grad.at + first : NULL, r->grad.ld};
    const size_t i = r->n - 1;
    r->copied[i] = net_has_images(hidden);
    r->first[i] = first;
    if (!r->copied[i]) {
        net_pass_map(&r->pass[i], hidden, activations, grad);
    }
}

/* Whether the chain goes on from the codes to the decoder. */
static bool goes_on(const struct reader_plan *plan)
{
    return plan->read != DA3D_ACTIVATIONS_ENCODER || plan->reconstruct;
}

/* The encoder's hidden layers alone, or the whole where the chain goes on with its codes. */
static int append_encoder(struct reader *r, const struct net *encoder,
                          const struct reader_plan *plan)
{
    const struct net hidden = net_trunk(encoder);
    const bool reads = !plan->blind && plan->read != DA3D_ACTIVATIONS_DECODER;
    const bool whole = goes_on(plan);
    if (append(r, whole ? encoder : &hidden, plan, whole || net_has_images(encoder)) != 0) {
        return -1;
    }
    if (reads) {
        read_into(r, &hidden, 0);
    }
    return 0;
}

/* The decoder's hidden layers, which are the last columns if they are read, or the whole. */
static int append_decoder(struct reader *r, const struct net *decoder, size_t columns,
                          const struct reader_plan *plan)
{
    const struct net hidden = net_trunk(decoder);
    if (append(r, plan->reconstruct ? decoder : &hidden, plan,
               plan->reconstruct || net_has_images(decoder)) != 0) {
        return -1;
    }
    if (!plan->blind && plan->read != DA3D_ACTIVATIONS_ENCODER) {
        read_into(r, &hidden, columns - net_hidden_width(&hidden));
    }
    return 0;
}

static int alloc_matrices(struct reader *r, size_t columns, const struct reader_plan *plan)
{
    r->activations.ld = r->grad.ld = padded(columns);
    r->activations.at = matrix_alloc(plan->rows, r->activations.ld);
    if (plan->grad_rows > 0) {
        r->grad.at = matrix_alloc(plan->grad_rows, r->grad.ld);
    }
    return r->activations.at == NULL || (plan->grad_rows > 0 && r->grad.at == NULL) ? -1 : 0;
}

int reader_init(struct reader *reader, const struct parts *parts, const struct reader_plan *plan)
{
    const size_t columns = plan->blind ? 0 : net_in(&parts->net[PART_ALARM]);
    *reader = (struct reader){0};
    if (alloc_matrices(reader, columns, plan) != 0 ||
        (!plan->from_codes && append_encoder(reader, &parts->net[PART_ENCODER], plan) != 0) ||
        (goes_on(plan) && append_decoder(reader, &parts->net[PART_DECODER], columns, plan) != 0)) {
        reader_clear(reader);
        return -1;
    }
    return 0;
}

void reader_clear(struct reader *reader)
{
    free(reader->activations.at);
    free(reader->grad.at);
    for (size_t i = 0; i < reader->n; i++) {
        net_pass_clear(&reader->pass[i]);
    }
    *reader = (struct reader){0};
}

/* Copies n rows of a matrix. */
static void copy_rows(struct matrix to, struct matrix_in from, size_t columns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(to.at + i * to.ld, from.at + i * from.ld, columns * sizeof(float));
    }
}

/* The hidden activations of network i, from its pass. */
static void copy_activations(struct reader *r, size_t i, size_t n)
{
    struct matrix to = {r->activations.at + r->first[i], r->activations.ld};
    for (uint32_t l = 0; l < r->net[i].n_layers; l++) {
        const struct net_layer *layer = &r->net[i].layer[l];
        if (layer->activation == NET_LEAKY_RELU) {
            copy_rows(to, matrix_in(r->pass[i].out[l]), layer->out, n);
            to.at += layer->out;
        }
    }
}

/* The way back: their gradient, to its pass; other hidden layers have none of their own. */
static void copy_gradients(struct reader *r, size_t i, size_t n)
{
    struct matrix_in from = {r->grad.at + r->first[i], r->grad.ld};
    for (uint32_t l = 0; l < r->net[i].n_layers; l++) {
        const struct net_layer *layer = &r->net[i].layer[l];
        struct matrix grad = r->pass[i].grad[l];
        if (layer->activation == NET_LEAKY_RELU) {
            copy_rows(grad, from, layer->out, n);
            from.at += layer->out;
        } else if (l + 1 < r->net[i].n_layers) {
            memset(grad.at, 0, n * layer->out * sizeof(float));
        }
    }
}

struct matrix_in reader_read(struct reader *reader, struct matrix_in x, size_t n)
{
    for (size_t i = 0; i < reader->n; i++) {
        x = matrix_in(net_forward(&reader->net[i], x, n, NULL, &reader->pass[i]));
        if (reader->copied[i]) {
            copy_activations(reader, i, n);
        }
    }
    return matrix_in(reader->activations);
}

/* What network i of the chain was fed with. */
static struct matrix_in input_of(const struct reader *r, size_t i, struct matrix_in x)
{
    return i > 0 ? matrix_in(net_output(&r->net[i - 1], &r->pass[i - 1])) : x;
}

void reader_trace(struct reader *reader, struct matrix_in x, size_t n, struct matrix grad_x)
{
    for (size_t i = reader->n; i-- > 0;) {
        if (reader->copied[i]) {
            copy_gradients(reader, i, n);
        }
        net_backward(&reader->net[i], &reader->pass[i],
                     &(struct net_backward){
                         .x = input_of(reader, i, x),
                         .rows = n,
                         .seeded = true,
                         .grad_x = i > 0
                                       ? net_output_grad(&reader->net[i - 1], &reader->pass[i - 1])
                                       : grad_x,
                     });
    }
}
