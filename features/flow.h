/* flow.h - packets to flows, by the native row rule.
 *
 * A flow is what both directions of one 5-tuple (and VLAN stack) exchange. A row is a function of
 * its flow alone, never of unrelated traffic: only the flow's own packets split it.
 *   key         addresses, ports, protocol, VLAN ids, either direction. ICMP and ICMPv6: message
 *               type and its counterpart, as Community ID v1 pairs them (echo request and reply
 *               are one flow); a message without counterpart is keyed by type and code, and by
 *               its direction too. Other protocols have ports 0.
 *   originator  the sender of the SYN. The first packet's receiver if that packet carries SYN+ACK,
 *               or if (TCP or UDP without a SYN) it goes from a well-known port (< 1024) to an
 *               ephemeral one (>= 1024), or is a reply type of ICMP; else its sender.
 *   fin, rst    FINs of both sides, or one RST, close a flow; it then lingers (5 s from the closing
 *               packet) to absorb retransmissions, unless a new SYN without ACK opens the next one.
 *   idle        a packet more than 40 s after the flow's latest one opens a new flow.
 *   active      a packet more than 120 s after the row's first one opens a new row of the same
 *               flow, same originator, unless the flow is closed; so does one, closed or not, that
 *               finds FLOW_ROW_PACKETS_MAX packets in the row.
 * Time is packet time. The table's clock is the latest time seen; a packet that lies more than the
 * idle time behind it starts a new timeline: all flows are reported first (FLOW_END_CLOCK). Where
 * times step back by less, an idle flow may be reported by the clock before a late packet of its
 * own arrives, which then opens a new flow.
 *
 * A row's packets are kept as samples up to max_samples; with one more they become a flow_sketch,
 * which each packet then takes constant time and no memory to enter (flow_sketch.h has the bounds
 * of what it tells).
 *
 * Memory is bounded by max_flows and memcap: where either is reached, a flow is reported early
 * (FLOW_END_EVICTED) and counted, by enum flow_kind: the one silent longest of the half-open, if
 * more than an eighth of all flows are half-open; else of the closed; else of the established, as
 * long as there are any. So a flood of SYNs or a scan replaces its own flows, and a new flow finds
 * time to become established in a table full of those that are. Where memory for samples is short,
 * it is one of the flows that hold more than a few, or are closed. At most half of memcap is for
 * flows, an eighth for the content of sessions (where that is full, the next session is not looked
 * into, and counted), the rest is the samples' own. A closed flow is reported as closed even
 * then. */
#ifndef FEATURES_FLOW_H
#define FEATURES_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn_state.h"
#include "content.h"
#include "packet.h"

struct flow_config {
    int64_t idle_ns;      /* 40 s */
    int64_t active_ns;    /* 120 s */
    int64_t linger_ns;    /* 5 s */
    uint32_t max_samples; /* packets of one row that are kept one by one; 4096 */
    size_t max_flows;     /* concurrent flows; 1000000 */
    size_t memcap;        /* bytes for flows (flow_store.h has their size) and samples; 1 GiB */
    bool content;         /* look into sessions, for struct flow's content; true */
};

extern const struct flow_config flow_config_default;

enum flow_end {
    FLOW_END_FIN,     /* both sides sent FIN */
    FLOW_END_RST,     /* one side sent RST */
    FLOW_END_IDLE,    /* silent for longer than idle_ns */
    FLOW_END_ACTIVE,  /* reported and continued: active_ns, or too many packets for one row */
    FLOW_END_EVICTED, /* reported early: the table was full */
    FLOW_END_CLOCK,   /* reported early: time stepped back */
    FLOW_END_EOF,     /* the capture ended */
    FLOW_END_COUNT
};

enum flow_state {
    FLOW_NEW,         /* one side has been heard */
    FLOW_ESTABLISHED, /* both sides have been heard */
    FLOW_CLOSED       /* FINs or RST seen */
};

/* How far a flow has come, as eviction looks at it. */
enum flow_kind {
    FLOW_KIND_HALF_OPEN,   /* the originator has not answered the responder yet: a SYN, a query */
    FLOW_KIND_ESTABLISHED, /* it has: a third step, which a forged source cannot know of */
    FLOW_KIND_CLOSED,
    FLOW_KIND_COUNT
};

/* The originator's view: src is the originator. Hashes and compares as bytes, padding zeroed. */
struct flow_id {
    struct ip_addr src, dst; /* network byte order; IPv4 in the first 4 bytes */
    uint16_t sport, dport;   /* host order; ICMP: type and counterpart type, or code */
    uint16_t vlan[VLAN_MAX];
    uint8_t ip_version, proto;
};

enum flow_dir { FLOW_TO_SERVER = 0, FLOW_TO_CLIENT = 1 };

/* One packet of a row, in arrival order. */
struct flow_sample {
    int64_t ts_ns;
    uint32_t len : 31; /* IP datagram length, bytes */
    uint32_t dir : 1;  /* enum flow_dir */
};

struct flow_sketch;

/* A finished row. Borrowed by the sink for the duration of the call. */
struct flow {
    struct flow_id id;
    uint64_t flow_id;         /* the same for all rows of one flow; < 2^53 */
    int64_t start_ns;         /* first packet's time */
    int64_t end_ns;           /* latest packet's time */
    int64_t reported_ns;      /* when the rule ended the row; only a new timeline goes back */
    uint64_t pkts[2];         /* by enum flow_dir */
    uint64_t bytes[2];        /* IP datagram lengths, by enum flow_dir */
    uint64_t payload[2];      /* transport payload bytes, by enum flow_dir */
    struct conn_sides tcp;    /* both ends by now, since the flow began; by enum flow_dir */
    uint32_t urgent;          /* packets with URG */
    uint32_t wrong_fragments; /* packets that say so */
    uint32_t row;             /* 0 for the first row of a flow, 1 for its continuation, ... */
    enum flow_state state;
    enum flow_end end;
    const struct flow_sample *samples; /* n_samples of them, in arrival order */
    uint32_t n_samples;                /* all packets of the row; 0 if sketch tells of them */
    const struct flow_sketch *sketch;  /* NULL: samples hold the row */
    struct content_counts content;     /* TCP; all 0 where nothing could, or should, be seen */
};

/* A row that has as many packets ends. */
enum { FLOW_ROW_PACKETS_MAX = 1 << 28 };

typedef void flow_sink(void *ctx, const struct flow *flow);

struct flow_stats {
    uint64_t packets; /* given to flow_update() */
    uint64_t flows;   /* rows reported */
    uint64_t ends[FLOW_END_COUNT];
    uint64_t uninspected; /* sessions whose content was not looked at: no memory for it */
    uint64_t evicted[FLOW_KIND_COUNT]; /* flows that gave way; the closed end as FIN or RST */
    size_t active;                     /* flows in the table now */
    size_t memory;                     /* bytes held now, never above memcap */
};

struct flow_table;

/* key: 16 secret bytes that key the hash, copied; rows do not depend on it. sink receives each
 * finished row, in the order in which rows end in packet time (where times step back: nearly so).
 * Returns NULL with errno EINVAL (a limit that is not positive, a time above one day, or a memcap
 * too small for any flow) or ENOMEM. */
struct flow_table *flow_table_new(const struct flow_config *config, const uint8_t key[16],
                                  flow_sink *sink, void *ctx);
void flow_table_free(struct flow_table *table); /* reports nothing */

/* Adds one packet; first reports what has ended by the packet's time. Amortised O(1).
 * The sink must not call back into the table. */
void flow_update(struct flow_table *table, const struct packet *packet);

/* The same, but later: when the next one is given, or by any other call but flow_table_stats(), so
 * that the memory which it needs is at hand by then. Nothing of packet is borrowed. */
void flow_feed(struct flow_table *table, const struct packet *packet);

/* Reports what has ended by now_ns, as if a packet of that time had arrived. */
void flow_advance(struct flow_table *table, int64_t now_ns);

/* Reports every flow that is left (FLOW_END_EOF, or as closed), in the order in which they would
 * have ended. */
void flow_flush(struct flow_table *table);

void flow_table_stats(const struct flow_table *table, struct flow_stats *out);

/* Are sport and dport ports? */
bool flow_has_ports(const struct flow_id *id);

/* How the TCP connection of a row went until its end. */
enum conn_state flow_conn_state(const struct flow *flow);

/* True for an ICMP or ICMPv6 message without counterpart (id->dport is then its code). */
bool flow_icmp_one_way(const struct flow_id *id);

const char *flow_end_name(enum flow_end end);       /* "fin", "rst", "idle", ... */
const char *flow_kind_name(enum flow_kind kind);    /* "half-open", "established", "closed" */
const char *flow_state_name(enum flow_state state); /* "new", "established", "closed" */

#endif
