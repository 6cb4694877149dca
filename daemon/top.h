/* top.h - the most anomalous flows and hosts of the last minutes, in bounded memory.
 *
 * Time is cut into slots of a minute, of which the latest are kept. Each slot keeps its TOP_FLOWS
 * highest flows, so that as many of all slots are exact; and for originators a table of counters,
 * where a new host takes the place of the least of those that are there and inherits its count
 * ("Space-saving", Metwally et al. 2005): a host that has more than one in TOP_HOSTS of a slot's
 * flows that reached the threshold is there, and its count is too high by at most its error. */
#ifndef DAEMON_TOP_H
#define DAEMON_TOP_H

#include "judge.h"

enum { TOP_SLOTS = 5, TOP_SLOT_S = 60, TOP_FLOWS = 64, TOP_HOSTS = 256 };

struct top_flow {
    struct flow_id id;
    uint64_t flow_id;
    int64_t end_ns; /* packet time */
    uint64_t pkts, bytes;
    unsigned sensor;
    struct da3d_score score;
};

struct top_host {
    struct ip_addr addr;
    uint8_t ip_version;
    uint64_t reached; /* flows that it began and that reached the threshold */
    uint64_t error;   /* at most so many of these were another host's */
    uint64_t flows;   /* that it began since it is in the table */
    float logit;      /* highest of these */
    int64_t end_ns;   /* end of the latest, packet time */
};

struct top;

struct top *top_new(void); /* NULL with errno ENOMEM */
void top_free(struct top *top);

/* now_s: of a clock that never goes back. */
void top_add(struct top *top, const struct verdict *verdict, int64_t now_s);

/* Up to max of each, the most anomalous first: flows by logit, hosts by how often they reached the
 * threshold, then by logit. Each returns how many there are. */
size_t top_flows(const struct top *top, int64_t now_s, struct top_flow *out, size_t max);
size_t top_hosts(const struct top *top, int64_t now_s, struct top_host *out, size_t max);

#endif
