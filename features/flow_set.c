#include "flow_set.h"

#include "conn_state.h"
#include "doh_columns.h"
#include "traffic.h"

enum { WELL_KNOWN_PORTS = 1024 };

#define FLAG(a_name, a_definition)  COLUMN(a_name, "0/1", a_definition, NEVER)
#define RATE(a_name, a_definition)  COLUMN(a_name, "1", a_definition, NEVER)
#define COUNT(a_name, a_definition) COLUMN(a_name, "rows", a_definition, NEVER)

/* After Lee and Stolfo's time-based traffic features (KDD'99), which look at responders alone. */
#define WINDOW(length, of)                                                                         \
    COUNT("count_" length, "Rows to the same responder " of "."),                                  \
        COUNT("srv_count_" length, "Rows to the same service on any host " of "."),                \
        RATE("same_srv_rate_" length, "Share of count_" length " to the same service."),           \
        RATE("unanswered_rate_" length, "Share of count_" length " without an answer."),           \
        RATE("refused_rate_" length, "Share of count_" length " refused: a SYN answered by RST."), \
        COUNT("src_count_" length, "Rows of the same originator " of "."),                         \
        RATE("src_same_host_rate_" length,                                                         \
             "Share of src_count_" length " to the same responder."),                              \
        RATE("src_same_srv_rate_" length, "Share of src_count_" length " to the same service."),   \
        RATE("src_unanswered_rate_" length, "Share of src_count_" length " without an answer."),   \
        RATE("src_refused_rate_" length,                                                           \
             "Share of src_count_" length " refused: a SYN answered by RST.")

static const struct feature_column columns[] = {
    DOH_COLUMNS,
    COLUMN("packets_sent", "packets", "Packets sent by the originator.", NEVER),
    COLUMN("packets_received", "packets", "Packets sent by the responder.", NEVER),
    FLAG("tcp", "The protocol is TCP."),
    FLAG("udp", "The protocol is UDP."),
    FLAG("icmp", "The protocol is ICMP or ICMPv6."),
    FLAG("well_known_port", "TCP, UDP or SCTP to a port below 1024."),
    FLAG("unanswered", "The responder was not heard."),
    FLAG("state_S0", "TCP: SYN, no answer."),
    FLAG("state_S1", "TCP: established, not closed."),
    FLAG("state_S2", "TCP: established, the originator alone sent FIN."),
    FLAG("state_S3", "TCP: established, the responder alone sent FIN."),
    FLAG("state_SF", "TCP: established, both sides sent FIN."),
    FLAG("state_REJ", "TCP: SYN answered by RST."),
    FLAG("state_RSTO", "TCP: established, the originator sent RST."),
    FLAG("state_RSTR", "TCP: established, the responder sent RST."),
    FLAG("state_OTH", "TCP: anything else."),
    WINDOW("2s", "that ended within 2 s, this one included"),
    WINDOW("60s", "that ended within 60 s, this one included"),
};

enum {
    PACKETS = DOH_N_COLUMNS,
    PROTOCOL = PACKETS + 2,
    WELL_KNOWN = PROTOCOL + 3,
    UNANSWERED,
    STATE,
    WINDOWS = STATE + CONN_STATE_COUNT,
    WINDOW_COLUMNS = 10,
    N_COLUMNS = WINDOWS + TRAFFIC_WINDOWS * WINDOW_COLUMNS
};
_Static_assert(sizeof columns / sizeof columns[0] == N_COLUMNS, "one value for each column");

static bool has_ports(uint8_t proto)
{
    return proto == IP_PROTO_TCP || proto == IP_PROTO_UDP || proto == IP_PROTO_SCTP;
}

static void extract(const struct flow *flow, int64_t *work, double *x)
{
    uint8_t proto = flow->id.proto;

    doh_extract(flow, work, x);
    x[PACKETS] = (double)flow->pkts[FLOW_TO_SERVER];
    x[PACKETS + 1] = (double)flow->pkts[FLOW_TO_CLIENT];
    x[PROTOCOL] = proto == IP_PROTO_TCP;
    x[PROTOCOL + 1] = proto == IP_PROTO_UDP;
    x[PROTOCOL + 2] = proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMPV6;
    x[WELL_KNOWN] = has_ports(proto) && flow->id.dport < WELL_KNOWN_PORTS;
    x[UNANSWERED] = flow->pkts[FLOW_TO_CLIENT] == 0;
    for (enum conn_state state = 0; state < CONN_STATE_COUNT; state++)
        x[STATE + state] = proto == IP_PROTO_TCP && conn_state(flow) == state;
}

static double share(uint32_t part, const struct window_count *whole)
{
    return (double)part / (double)whole->rows;
}

static void put_window(const struct window_count *counts, double *x)
{
    const struct window_count *dst = &counts[WINDOW_DST], *src = &counts[WINDOW_SRC];

    x[0] = dst->rows;
    x[1] = counts[WINDOW_SERVICE].rows;
    x[2] = share(counts[WINDOW_DST_SERVICE].rows, dst);
    x[3] = share(dst->unanswered, dst);
    x[4] = share(dst->refused, dst);
    x[5] = src->rows;
    x[6] = share(counts[WINDOW_SRC_DST].rows, src);
    x[7] = share(counts[WINDOW_SRC_SERVICE].rows, src);
    x[8] = share(src->unanswered, src);
    x[9] = share(src->refused, src);
}

static void extract_traffic(const struct traffic_counts *counts, double *x)
{
    for (size_t i = 0; i < TRAFFIC_WINDOWS; i++)
        put_window(counts->window[i], x + WINDOWS + i * WINDOW_COLUMNS);
}

const struct feature_set flow_feature_set = {
    .name = "flow",
    .version = "flow-v1",
    .source = "the doh set; Zeek's connection states; KDD'99's time windows",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .extract = extract,
    .extract_traffic = extract_traffic,
    .no_response = doh_no_response,
};
