#include "flow_set.h"

#include "doh_columns.h"
#include "flow_key.h"
#include "port_class.h"
#include "traffic.h"

#define ZEEK           "Zeek's conn_state"
#define DA3DD          "da3dd"
#define WINDOWS_SOURCE "after Lee and Stolfo (2000)"

#define FLAG(a_name, a_definition) COLUMN(DA3DD, a_name, "0/1", a_definition, NEVER)
#define STATE(a_name, a_definition)                                                                \
    COLUMN(ZEEK, "state_" a_name, "0/1", "TCP: " a_definition ".", NEVER)
#define RATE(a_name, a_definition)  COLUMN(WINDOWS_SOURCE, a_name, "1", a_definition, NEVER)
#define COUNT(a_name, a_definition) COLUMN(WINDOWS_SOURCE, a_name, "rows", a_definition, NEVER)

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

#define PAIR(name, unit, of)                                                                       \
    COLUMN(DA3DD, "pair_" name "_60s", unit, of " that ended within 60 s, this one included.",     \
           NEVER)

static const struct feature_column columns[] = {
    DOH_COLUMNS,
    COLUMN(DA3DD, "packets_sent", "packets", "Packets sent by the originator.", NEVER),
    COLUMN(DA3DD, "packets_received", "packets", "Packets sent by the responder.", NEVER),
    FLAG("tcp", "The protocol is TCP."),
    FLAG("udp", "The protocol is UDP."),
    FLAG("icmp", "The protocol is ICMP or ICMPv6."),
    COLUMN(DA3DD, "bytes_sent_share", "1", "Share of the row's bytes that the originator sent.",
           NEVER),
    COLUMN(DA3DD, "packet_length_sent", "bytes", "Mean length of the originator's packets.", NEVER),
    COLUMN(DA3DD, "packet_length_received", "bytes",
           "Mean length of the responder's packets, 0 if there are none.", NEVER),
    {
        .name = "service",
        .unit = "category",
        .definition = "What the responder's port is registered for; user and dynamic from 1024 "
                      "and 49152 on; none without ports.",
        .source = "IANA; RFC 6335",
        .values = port_class_names,
        .n_values = PORT_CLASS_COUNT,
    },
    FLAG("well_known_port", "TCP, UDP or SCTP to a port below 1024."),
    FLAG("unanswered", "The responder was not heard."),
    STATE("OTH", "under way all the time, or only parts of a handshake"),
    STATE("REJ", "SYN answered by RST"),
    STATE("RSTO", "established, the originator sent RST"),
    STATE("RSTOS0", "the originator sent SYN, then RST; no SYN+ACK"),
    STATE("RSTR", "established, the responder sent RST"),
    STATE("RSTRH", "the responder sent RST, perhaps after SYN+ACK; no SYN"),
    STATE("S0", "SYN, no answer"),
    STATE("S1", "established, not closed"),
    STATE("S2", "established, the originator alone sent FIN"),
    STATE("S3", "established, the responder alone sent FIN"),
    STATE("SF", "both sides sent FIN"),
    STATE("SH", "the originator sent FIN, perhaps after SYN; no SYN+ACK"),
    STATE("SHR", "the responder sent FIN, perhaps after SYN+ACK; no SYN"),
    WINDOW("2s", "that ended within 2 s, this one included"),
    WINDOW("60s", "that ended within 60 s, this one included"),
    PAIR("count", "rows", "Rows of the same originator to the same responder"),
    PAIR("bytes_sent", "bytes",
         "Bytes that the same originator sent to the same responder in rows"),
    PAIR("bytes_received", "bytes", "Bytes that the same responder sent back in rows"),
    {
        .name = "ends",
        .unit = "identity",
        .definition = "Who talks to whom: a hash of the originator's address (IPv6: of its /64) "
                      "and of the responder's.",
        .source = DA3DD,
        .identity = true,
    },
};

enum {
    PACKETS = DOH_N_COLUMNS,
    PROTOCOL = PACKETS + 2,
    BYTES_SENT_SHARE = PROTOCOL + 3,
    PACKET_LENGTHS,
    SERVICE = PACKET_LENGTHS + 2,
    WELL_KNOWN,
    UNANSWERED,
    STATES,
    WINDOWS = STATES + CONN_STATE_COUNT,
    WINDOW_COLUMNS = 10,
    PAIR_ROWS = WINDOWS + TRAFFIC_WINDOWS * WINDOW_COLUMNS,
    PAIR_BYTES,
    ENDS = PAIR_BYTES + 2,
    N_COLUMNS
};
_Static_assert(sizeof columns / sizeof columns[0] == N_COLUMNS, "one value for each column");

/* A row has a packet, and packets have bytes; yet nothing is divided by 0. */
static double ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

static void put_lengths(const struct flow *flow, double *x)
{
    const uint64_t *bytes = flow->bytes, *pkts = flow->pkts;

    x[BYTES_SENT_SHARE] =
        ratio(bytes[FLOW_TO_SERVER], bytes[FLOW_TO_SERVER] + bytes[FLOW_TO_CLIENT]);
    x[PACKET_LENGTHS] = ratio(bytes[FLOW_TO_SERVER], pkts[FLOW_TO_SERVER]);
    x[PACKET_LENGTHS + 1] = ratio(bytes[FLOW_TO_CLIENT], pkts[FLOW_TO_CLIENT]);
}

static void extract(const struct flow *flow, int64_t *work, double *x)
{
    uint8_t proto = flow->id.proto;
    enum conn_state state = flow_conn_state(flow);

    doh_extract(flow, work, x);
    x[PACKETS] = (double)flow->pkts[FLOW_TO_SERVER];
    x[PACKETS + 1] = (double)flow->pkts[FLOW_TO_CLIENT];
    x[PROTOCOL] = proto == IP_PROTO_TCP;
    x[PROTOCOL + 1] = proto == IP_PROTO_UDP;
    x[PROTOCOL + 2] = proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMPV6;
    put_lengths(flow, x);
    x[SERVICE] = port_class_of(&flow->id);
    x[WELL_KNOWN] = flow_has_ports(&flow->id) && flow->id.dport < WELL_KNOWN_PORTS;
    x[UNANSWERED] = flow->pkts[FLOW_TO_CLIENT] == 0;
    for (size_t i = 0; i < CONN_STATE_COUNT; i++)
        x[STATES + i] = proto == IP_PROTO_TCP && i == state;
    x[ENDS] = (double)flow_ends_number(&flow->id);
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
    x[3] = share(dst->failed, dst);
    x[4] = share(dst->refused, dst);
    x[5] = src->rows;
    x[6] = share(counts[WINDOW_SRC_DST].rows, src);
    x[7] = share(counts[WINDOW_SRC_SERVICE].rows, src);
    x[8] = share(src->failed, src);
    x[9] = share(src->refused, src);
}

static void put_pair(const struct window_count *pair, double *x)
{
    x[PAIR_ROWS] = pair->rows;
    x[PAIR_BYTES] = (double)pair->bytes[FLOW_TO_SERVER];
    x[PAIR_BYTES + 1] = (double)pair->bytes[FLOW_TO_CLIENT];
}

static void *new_traffic(const uint8_t key[16])
{
    return traffic_new(key);
}

static void free_traffic(void *traffic)
{
    traffic_free(traffic);
}

static void extract_traffic(void *traffic, const struct flow *flow, double *x)
{
    struct traffic_counts counts;

    traffic_add(traffic, flow, &counts);
    for (size_t i = 0; i < TRAFFIC_WINDOWS; i++)
        put_window(counts.window[i], x + WINDOWS + i * WINDOW_COLUMNS);
    put_pair(&counts.window[TRAFFIC_60S][WINDOW_SRC_DST], x);
}

const struct feature_set flow_feature_set = {
    .name = "flow",
    .version = "flow-v4",
    .source = "the doh set; Zeek's connection states; KDD'99's time windows",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .extract = extract,
    .new_traffic = new_traffic,
    .free_traffic = free_traffic,
    .extract_traffic = extract_traffic,
    .no_response = doh_no_response,
};
