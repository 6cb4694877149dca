/* community_id.h - Community ID v1 (github.com/corelight/community-id-spec): the same flow has the
 * same id in Zeek, Suricata and here. */
#ifndef DAEMON_COMMUNITY_ID_H
#define DAEMON_COMMUNITY_ID_H

#include "features/flow.h"

enum { COMMUNITY_ID_SIZE = 2 + 28 + 1 };

/* "1:" and 28 characters of base64, with seed 0. Direction does not matter. */
void community_id(const struct flow_id *id, char out[COMMUNITY_ID_SIZE]);

#endif
