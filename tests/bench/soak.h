/* soak.h - the state of a soak: a service without a network, in simulated time. */
#ifndef TESTS_BENCH_SOAK_H
#define TESTS_BENCH_SOAK_H

#include "daemon/spool.h"
#include "soak_lab.h"
#include "soak_report.h"

enum { SOAK_NARROW = 16 }; /* the attacker's flows to choose from */

struct soak_lived {
    double flows, alerts;
};

struct soak_learned {
    uint64_t suspect, chance, change; /* of spool_rows */
};

struct soak {
    const struct lab *lab; /* borrowed */
    bool guarded;
    uint64_t seed;
    struct schema schema;
    char path[64]; /* of the spool */
    struct spool *spool;
    struct da3d_model *live;
    struct da3d_scorer *scorer; /* of one row */
    uint64_t random;            /* random.h */
    int64_t now_ns;
    int day;                            /* 1 .. SOAK_DAYS */
    double due;                         /* flows of this minute */
    uint64_t flows;                     /* that have happened */
    size_t narrow[SOAK_NARROW];         /* the attacker's choice of the day, of LAB_POISON */
    struct soak_lived lived[LAB_PARTS]; /* today */
    struct soak_learned learned;        /* or not, last night */
    struct soak_outcome outcome;
};

/* Ends the program. */
_Noreturn void soak_die(const char *what, const char *reason);

const double *soak_row(const struct soak *soak, enum lab_part part, size_t i);
struct da3d_score soak_score(const struct soak *soak, enum lab_part part, size_t i);

/* Whose the flows are that no host of the lab's is the originator of. */
enum soak_stranger { SOAK_ATTACKER, SOAK_FLOOD };
bool soak_is_from(const struct flow_id *ends, enum soak_stranger who);

/* A day of flows, each scored and offered to the spool. */
void soak_live_day(struct soak *soak);

#endif
