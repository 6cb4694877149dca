/* novelty.h - who is new: the identities of a row (schema.h) that were not among those of the rows
 * that were learned from. A view of its own (enum da3d_view), which the networks do not see. */
#ifndef CORE_NOVELTY_H
#define CORE_NOVELTY_H

#include <stdbool.h>

#include "bytes.h"
#include "schema.h"

enum { NOVELTY_KNOWN_MAX = 1 << 18 }; /* identities of a column */

struct known {
    uint32_t column;
    uint32_t n;
    double *id; /* n, strictly ascending; owned */
};

struct novelty {
    uint32_t n; /* columns that are identities */
    struct known *of;
};

/* Whose identities: the schema's; nobody is known. Returns 0, or -1 with errno ENOMEM. */
int novelty_init(struct novelty *novelty, const struct schema *schema);
void novelty_clear(struct novelty *novelty);

/* From now on those are known who are in these rows: of more than NOVELTY_KNOWN_MAX the most
 * frequent ones. rows: n > 0, of so many columns; index: as for scaler_fit(), or NULL: all rows.
 * Returns 0, or -1 with errno ENOMEM. */
struct novelty_rows {
    const double *at;
    uint32_t columns;
    const size_t *index;
    size_t n;
};
int novelty_learn(struct novelty *novelty, const struct novelty_rows *rows);

/* Which rows hold an identity that occurs more than once, and in odd rows alone. rows: as above, of
 * all numbers (index NULL); odd, refused: n. Sets refused[i] where it is so, and leaves the others.
 * Returns 0, or -1 with errno ENOMEM. */
int novelty_refuse(const struct novelty *novelty, const struct novelty_rows *rows, const bool *odd,
                   bool *refused);

/* Whether a column's value is a known identity; so are those of columns that are none. */
bool novelty_knows(const struct novelty *novelty, uint32_t column, double value);

/* The view's value: how many of a row's identities are not known. row: the schema's columns. */
float novelty_of(const struct novelty *novelty, const double *row);

/* Of each of the columns: u32 count, f64 identities. */
void novelty_put(struct bytes_out *out, const struct novelty *novelty);

/* novelty: of novelty_init(). Where it is not such, in turns bad. */
void novelty_get(struct bytes_in *in, struct novelty *novelty);

#endif
