/* The `flow` set: windows over hand-made rows. */
#include "features/flow_set.h"

#include <criterion/criterion.h>
#include <string.h>

#include "features/extractor.h"
#include "features/flow_key.h"
#include "features/port_class.h"

static const int64_t second = 1000000000;

/* A TCP connection of a SYN and, unless answer is 0, a packet of the responder with those flags. */
static struct flow tcp(uint8_t answer)
{
    struct flow flow = {
        .id = {.proto = IP_PROTO_TCP, .ip_version = 4, .sport = 40000, .dport = 80},
        .pkts = {1, answer ? 1 : 0},
    };

    conn_update(&flow.tcp, CONN_ORIGINATOR, TCP_SYN, true);
    if (answer)
        conn_update(&flow.tcp, CONN_RESPONDER, answer, true);
    return flow;
}

/* A row from 10.0.0.src to 10.0.0.dst:port. */
struct row {
    uint8_t src, dst;
    uint16_t port;
    int64_t ended;  /* second */
    uint8_t answer; /* the responder's flags, 0: none */
};

static void extract(struct feature_extractor *extractor, struct row row, double *x)
{
    struct flow_sample samples[2] = {{.len = 60}, {.ts_ns = 1000, .len = 40, .dir = 1}};
    struct flow flow = tcp(row.answer);

    flow.id.src.bytes[3] = row.src;
    flow.id.dst.bytes[3] = row.dst;
    flow.id.dport = row.port;
    flow.reported_ns = row.ended * second;
    flow.samples = samples;
    flow.n_samples = row.answer ? 2 : 1;
    flow.bytes[FLOW_TO_SERVER] = 60;
    flow.bytes[FLOW_TO_CLIENT] = row.answer ? 40 : 0;
    feature_extract(extractor, &flow, x);
}

static double value(const double *x, const char *name)
{
    for (size_t i = 0; i < flow_feature_set.n_columns; i++)
        if (strcmp(flow_feature_set.columns[i].name, name) == 0)
            return x[i];
    cr_assert_fail("no column %s", name);
    return 0;
}

Test(flow_set, windows_see_a_scan)
{
    static const uint8_t key[16] = {1};
    struct feature_extractor *extractor = feature_extractor_new(&flow_feature_set, 2, key);
    double x[FEATURE_COLUMNS_MAX];

    extract(extractor, (struct row){1, 9, 22, 0, 0}, x);        /* unanswered */
    extract(extractor, (struct row){1, 9, 23, 10, TCP_RST}, x); /* refused */
    extract(extractor, (struct row){1, 8, 22, 11, TCP_RST}, x); /* refused, another host */
    extract(extractor, (struct row){2, 9, 22, 11, TCP_SYN}, x); /* another originator */
    extract(extractor, (struct row){1, 9, 22, 12, TCP_RST}, x);
    cr_expect_eq(value(x, "count_2s"), 3);
    cr_expect_eq(value(x, "srv_count_2s"), 3);
    cr_expect_float_eq(value(x, "same_srv_rate_2s"), 2.0 / 3, 1e-12);
    cr_expect_eq(value(x, "unanswered_rate_2s"), 0);
    cr_expect_float_eq(value(x, "refused_rate_2s"), 2.0 / 3, 1e-12);
    cr_expect_eq(value(x, "src_count_2s"), 3);
    cr_expect_float_eq(value(x, "src_same_host_rate_2s"), 2.0 / 3, 1e-12);
    cr_expect_float_eq(value(x, "src_same_srv_rate_2s"), 2.0 / 3, 1e-12);
    cr_expect_eq(value(x, "src_refused_rate_2s"), 1);
    cr_expect_eq(value(x, "count_60s"), 4);
    cr_expect_float_eq(value(x, "unanswered_rate_60s"), 0.25, 1e-12);
    cr_expect_float_eq(value(x, "src_unanswered_rate_60s"), 0.25, 1e-12);
    cr_expect_eq(value(x, "state_REJ"), 1);
    cr_expect_eq(value(x, "state_S0"), 0);
    cr_expect_eq(value(x, "tcp"), 1);
    cr_expect_eq(value(x, "well_known_port"), 1);
    cr_expect_eq(value(x, "unanswered"), 0);
    feature_extractor_free(extractor);
}

Test(flow_set, tells_what_was_carried_and_for_which_service)
{
    static const uint8_t key[16] = {1};
    struct feature_extractor *extractor = feature_extractor_new(&flow_feature_set, 2, key);
    double x[FEATURE_COLUMNS_MAX];

    extract(extractor, (struct row){1, 9, 22, 0, TCP_SYN}, x);
    cr_expect_float_eq(value(x, "bytes_sent_share"), 0.6, 1e-12);
    cr_expect_eq(value(x, "packet_length_sent"), 60);
    cr_expect_eq(value(x, "packet_length_received"), 40);
    cr_expect_eq(value(x, "service"), PORT_CLASS_ssh);
    extract(extractor, (struct row){1, 9, 9999, 1, 0}, x);
    cr_expect_eq(value(x, "bytes_sent_share"), 1);
    cr_expect_eq(value(x, "packet_length_received"), 0,
                 "no packet: no length, not infinitely much");
    cr_expect_eq(value(x, "service"), PORT_CLASS_user);
    feature_extractor_free(extractor);
}

Test(flow_set, sums_up_the_pair)
{
    static const uint8_t key[16] = {1};
    struct feature_extractor *extractor = feature_extractor_new(&flow_feature_set, 2, key);
    double x[FEATURE_COLUMNS_MAX];

    extract(extractor, (struct row){1, 9, 22, 0, TCP_SYN}, x);
    extract(extractor, (struct row){1, 8, 22, 1, TCP_SYN}, x); /* another responder */
    extract(extractor, (struct row){9, 1, 22, 2, TCP_SYN}, x); /* the other way round */
    extract(extractor, (struct row){1, 9, 443, 60, 0}, x);
    cr_expect_eq(value(x, "pair_count_60s"), 2);
    cr_expect_eq(value(x, "pair_bytes_sent_60s"), 120);
    cr_expect_eq(value(x, "pair_bytes_received_60s"), 40);
    extract(extractor, (struct row){1, 9, 443, 61, 0}, x);
    cr_expect_eq(value(x, "pair_count_60s"), 2, "the first is too old");
    cr_expect_eq(value(x, "pair_bytes_received_60s"), 0);
    feature_extractor_free(extractor);
}

Test(flow_set, says_who_talks_to_whom)
{
    static const uint8_t keys[2][16] = {{1}, {2}};
    struct feature_extractor *extractor = feature_extractor_new(&flow_feature_set, 2, keys[0]);
    struct feature_extractor *other = feature_extractor_new(&flow_feature_set, 2, keys[1]);
    double x[FEATURE_COLUMNS_MAX], y[FEATURE_COLUMNS_MAX];

    extract(extractor, (struct row){1, 9, 22, 0, TCP_SYN}, x);
    extract(other, (struct row){1, 9, 443, 5, 0}, y);
    cr_expect_eq(value(x, "ends"), value(y, "ends"), "to any port, in every run");
    extract(extractor, (struct row){9, 1, 22, 6, TCP_SYN}, y);
    cr_expect_neq(value(x, "ends"), value(y, "ends"));
    extract(extractor, (struct row){1, 8, 22, 7, TCP_SYN}, y);
    cr_expect_neq(value(x, "ends"), value(y, "ends"));
    feature_extractor_free(extractor);
    feature_extractor_free(other);
}

/* Hosts of IPv6 change the last 64 bits of their addresses daily; servers do not. */
Test(flow_set, ends_of_ipv6)
{
    struct flow_id id = {.ip_version = 6}, other;

    memcpy(id.src.bytes, "\x20\x01\x0d\xb8\0\0\0\1\0\0\0\0\0\0\0\1", 16);
    other = id;
    other.src.bytes[15] = 2;
    cr_expect_eq(flow_ends_number(&id), flow_ends_number(&other));
    other.src.bytes[7] = 2;
    cr_expect_neq(flow_ends_number(&id), flow_ends_number(&other), "another network");
    other = id;
    other.dst.bytes[15] = 2;
    cr_expect_neq(flow_ends_number(&id), flow_ends_number(&other), "another server");
    other = id;
    other.ip_version = 4;
    cr_expect_neq(flow_ends_number(&id), flow_ends_number(&other));
    cr_expect_lt(flow_ends_number(&id), UINT64_C(1) << 53);
}

Test(flow_set, begins_with_the_doh_columns)
{
    static const uint8_t key[16] = {1};
    const struct feature_set *doh = feature_set_find("doh");
    struct feature_extractor *extractor = feature_extractor_new(&flow_feature_set, 2, key);
    double x[FEATURE_COLUMNS_MAX];

    for (size_t i = 0; i < doh->n_columns; i++)
        cr_expect_str_eq(doh->columns[i].name, flow_feature_set.columns[i].name);
    extract(extractor, (struct row){1, 2, 80, 0, TCP_RST}, x);
    cr_expect_eq(value(x, "FlowBytesSent"), 60);
    cr_expect_eq(value(x, "FlowBytesReceived"), 40);
    cr_expect_float_eq(value(x, "ResponseTimeTimeMean"), 1e-6, 1e-15);
    feature_extractor_free(extractor);
}
