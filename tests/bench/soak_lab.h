/* soak_lab.h - the flows that the soak lives on, from the lab's recordings: what happens, and what
 * is held back to judge models by, never the same flows. */
#ifndef TESTS_BENCH_SOAK_LAB_H
#define TESTS_BENCH_SOAK_LAB_H

#include "daemon/labels.h"
#include "daemon/meter.h"

extern const struct flow_id lab_attacker; /* originator of LAB_POISON and LAB_HELD_POISON */

enum lab_part {
    LAB_LIFE,         /* normal flows, of all services but the new one */
    LAB_SERVICE,      /* normal flows of the new one */
    LAB_POISON,       /* every other flow of the attacker's kinds */
    LAB_FLOOD,        /* every other flow of a flood */
    LAB_HELD_LIFE,    /* never happens: normal flows of the other recording */
    LAB_HELD_SERVICE, /* likewise */
    LAB_HELD_POISON,  /* the rest of the attacker's kinds */
    LAB_HELD_FLOOD,   /* the rest of the flood */
    LAB_HELD_ATTACKS, /* flows of all attacks, these two among them */
    LAB_PARTS
};

struct lab_flows {
    struct flow *flows; /* n; without samples; owned */
    double *x;          /* (n, columns of the set), NaN = missing; owned */
    size_t n, capacity;
};

struct lab {
    struct meter_config meter;
    uint16_t service; /* the new one's port */
    struct lab_flows part[LAB_PARTS];
};

/* Reads the recordings from the current folder's tests/lab/captures; ends the program where that
 * fails or a part is empty. */
void lab_init(struct lab *lab, uint16_t service);
void lab_clear(struct lab *lab);

#endif
