/* nearest.h - the name that someone may have meant. */
#ifndef DAEMON_NEAREST_H
#define DAEMON_NEAREST_H

#include "csv.h"

/* Of several names, the one that is most like another: offer each to the search. */
struct nearest {
    const char *name; /* that was looked for; borrowed */
    const char *best; /* differs in at most two characters, or a third of them, case aside; NULL:
                       * none does */
    size_t distance;
};

void nearest_init(struct nearest *nearest, const char *name);
void nearest_offer(struct nearest *nearest, const char *candidate); /* borrowed */

/* Index of the column that a word of an option names; -1 after `there is no column 'name'`, with
 * the nearest one's name if there is one. */
int nearest_find(const struct csv *csv, const char *word, struct da3d_error *error);

#endif
