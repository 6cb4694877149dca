/* flow_victim.h - which flow gives way where memory is short: the rule that flow.h states. */
#ifndef FEATURES_FLOW_VICTIM_H
#define FEATURES_FLOW_VICTIM_H

#include "flow_store.h"

/* What room is needed for. */
enum flow_need { FLOW_NEED_RECORD, FLOW_NEED_SAMPLES };

/* Returns the flow other than except (may be NULL) that is to go next, NULL if there is none that
 * would help. O(1). */
struct flow_record *flow_victim(struct flow_store *store, enum flow_need need,
                                const struct flow_record *except);

#endif
