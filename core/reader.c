#include "reader.h"

/* Leading dimensions in whole cache lines. */
static size_t padded(size_t columns)
{
    return (columns + 15) / 16 * 16;
}

/* Appends a network to the chain; returns its pass, zeroed. */
static struct net_pass *append(struct reader *r, const struct net *net)
{
    r->net[r->n] = *net;
    return &r->pass[r->n++];
}

/* Lets the layers of hidden fill the activations from column first on. */
static void read_into(struct reader *r, struct net_pass *pass, const struct net *hidden,
                      size_t first)
{
    struct matrix activations = {r->activations.at + first, r->activations.ld};
    struct matrix grad = {r->grad.at != NULL ? r->grad.at + first : NULL, r->grad.ld};
    net_pass_map(pass, hidden, activations, grad);
}

/* The encoder's hidden layers alone, or the whole where the chain goes on with its codes. */
static int append_encoder(struct reader *r, const struct net *encoder,
                          const struct reader_plan *plan)
{
    const struct net hidden = net_trunk(encoder);
    if (plan->read == DA3D_ACTIVATIONS_ENCODER) {
        read_into(r, append(r, &hidden), &hidden, 0);
        return 0;
    }
    struct net_pass *pass = append(r, encoder);
    if (net_pass_init(pass, encoder, plan->rows,
                      plan->grad_rows > 0 ? NET_WITH_GRADIENTS : NET_FORWARD_ONLY) != 0) {
        return -1;
    }
    if (plan->read == DA3D_ACTIVATIONS_BOTH) {
        read_into(r, pass, &hidden, 0);
    }
    return 0;
}

/* The decoder's hidden layers, which are the last columns. */
static void append_decoder(struct reader *r, const struct net *decoder, size_t columns)
{
    const struct net hidden = net_trunk(decoder);
    read_into(r, append(r, &hidden), &hidden, columns - net_width(&hidden));
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
    const size_t columns = net_in(&parts->net[PART_ALARM]);
    *reader = (struct reader){0};
    if (alloc_matrices(reader, columns, plan) != 0 ||
        (!plan->from_codes && append_encoder(reader, &parts->net[PART_ENCODER], plan) != 0)) {
        reader_clear(reader);
        return -1;
    }
    if (plan->read != DA3D_ACTIVATIONS_ENCODER) {
        append_decoder(reader, &parts->net[PART_DECODER], columns);
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

struct matrix_in reader_read(struct reader *reader, struct matrix_in x, size_t n)
{
    for (size_t i = 0; i < reader->n; i++) {
        x = matrix_in(net_forward(&reader->net[i], x, n, NULL, &reader->pass[i]));
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
