/* reader.h - what the alarm network reads of a row: hidden activations of the frozen autoencoder,
 * side by side. Hidden
 * activations are the outputs of LeakyReLU layers, in convolutional networks before they are
 * normalised. Of the encoder's hidden layers from the input inward, of the decoder's from the
 * code outward, or of the encoder's and then the decoder's; neither codes nor reconstructions.
 *
 * A reader is a chain of one or two frozen networks. It begins at the inputs, or, where the
 * decoder alone is read, at the codes if it is told so. */
#ifndef CORE_READER_H
#define CORE_READER_H

#include "parts.h"

enum { READER_NETS_MAX = 2 };

struct reader {
    struct net net[READER_NETS_MAX]; /* the chain; arenas borrowed */
    struct net_pass pass[READER_NETS_MAX];
    bool copied[READER_NETS_MAX];  /* layers over images, which are contiguous, are read so */
    size_t first[READER_NETS_MAX]; /* column of the activations to which they are copied */
    size_t n;
    struct matrix activations; /* (rows, alarm's inputs); owned */
    struct matrix grad;        /* (grad_rows, alarm's inputs): the loss's, by activations; owned */
};

struct reader_plan {
    enum da3d_activations read;
    bool blind;       /* read no activations: reconstruct alone */
    bool reconstruct; /* go on to the decoder's output: a chain of both networks, forward only */
    bool from_codes;  /* begin at the codes; DA3D_ACTIVATIONS_DECODER alone */
    size_t rows;      /* room for reading so many */
    size_t grad_rows; /* and for the way back of so many; 0: forward only */
};

/* Returns 0, or -1 with errno ENOMEM and nothing held. */
int reader_init(struct reader *reader, const struct parts *parts, const struct reader_plan *plan);
void reader_clear(struct reader *reader);

static inline size_t reader_in(const struct reader *reader)
{
    return net_in(&reader->net[0]);
}

/* x: (n, reader_in()). Fills and returns reader->activations. */
struct matrix_in reader_read(struct reader *reader, struct matrix_in x, size_t n);

/* After reader_read() of a chain that reconstructs: the decoder's output, (n, inputs). */
static inline struct matrix_in reader_reconstruction(const struct reader *reader)
{
    const size_t last = reader->n - 1;
    return matrix_in(net_output(&reader->net[last], &reader->pass[last]));
}

/* The other direction, with the same x and n: from reader->grad, which is overwritten, to grad_x
 * (n, reader_in()). The chain begins at a network that is read. */
void reader_trace(struct reader *reader, struct matrix_in x, size_t n, struct matrix grad_x);

#endif
