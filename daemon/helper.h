/* helper.h - a process that runs da3dd --retrain, --promote and --rollback when the service asks:
 * the service itself may neither start programs nor write models once its filters are up.
 *
 * It is forked while the service has one thread and nothing open that matters, holds no capability,
 * and ends with the service. A training is idle in the eyes of the scheduler, with bounded memory
 * and time; its crash touches nobody. */
#ifndef DAEMON_HELPER_H
#define DAEMON_HELPER_H

#include <stdint.h>

#include "history.h"

enum helper_task { HELPER_RETRAIN, HELPER_PROMOTE, HELPER_ROLLBACK };

struct helper_request {
    enum helper_task task;
    char name[MODEL_NAME]; /* of the model to promote */
};

struct helper_answer {
    enum helper_task task;
    int status; /* how it has ended, as waitpid(2) has it */
};

struct helper_config {
    const char *const *words; /* for the program, behind the task's; NULL behind the last; borrowed
                               * for the call */
    uint64_t memory;          /* bytes of address space that a training may have */
    uint32_t time_s;          /* that it may take */
};

/* Returns the service's end of a socket of requests and answers, one a packet, the caller's, or -1
 * with *error. Closing it ends the helper and what it runs. A training is answered when it ends,
 * and one runs at a time; the other tasks are done meanwhile. */
int helper_start(const struct helper_config *config, struct da3d_error *error);

#endif
