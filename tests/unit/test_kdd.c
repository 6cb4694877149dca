/* The `kdd` set on rows by hand. */
#include "features/kdd.h"

#include <criterion/criterion.h>
#include <string.h>

#include "features/conn_state.h"
#include "features/extractor.h"
#include "features/kdd_columns.h"
#include "features/service.h"
#include "flow_rows.h"

static const uint8_t key[16] = "not very secret";
static struct feature_extractor *extractor;
static double x[KDD_N_COLUMNS];

static void set_up(void)
{
    extractor = feature_extractor_new(&kdd_set, 1, key);
    cr_assert_not_null(extractor);
}

static void tear_down(void)
{
    feature_extractor_free(extractor);
}

TestSuite(kdd, .init = set_up, .fini = tear_down);

/* A TCP connection from 10.0.0.1 to 10.0.0.host:port, a SYN and its answer (0: none). */
static struct flow connection(int host, uint16_t port, uint8_t answer)
{
    struct flow flow = {
        .id = {.src = {{10, 0, 0, 1}},
               .dst = {{10, 0, 0, (uint8_t)host}},
               .sport = 40000,
               .dport = port,
               .ip_version = 4,
               .proto = IP_PROTO_TCP},
        .pkts = {1, answer > 0},
    };

    conn_update(&flow.tcp, CONN_ORIGINATOR, TCP_SYN, true);
    if (answer > 0)
        conn_update(&flow.tcp, CONN_RESPONDER, answer, true);
    return flow;
}

static void extract_at(struct flow flow, int64_t ended_ns)
{
    flow.reported_ns = ended_ns;
    feature_extract(extractor, &flow, x);
}

Test(kdd, columns_are_whole)
{
    cr_expect_eq(kdd_set.n_columns, 41);
    for (size_t i = 0; i < KDD_N_COLUMNS; i++) {
        cr_assert_not_null(kdd_columns[i].name, "column %zu", i);
        cr_expect_not_null(kdd_columns[i].definition);
        cr_expect_not_null(kdd_columns[i].source);
        cr_expect_eq(kdd_columns[i].values == NULL, i < KDD_PROTOCOL_TYPE || i > KDD_FLAG);
    }
    cr_expect_str_eq(kdd_columns[KDD_DST_HOST_SRV_RERROR_RATE].name, "dst_host_srv_rerror_rate");
}

Test(kdd, basic)
{
    struct flow flow = connection(2, 80, TCP_SYN | TCP_ACK);

    flow.end_ns = 3 * SECOND - 1;
    flow.payload[FLOW_TO_SERVER] = 12;
    flow.payload[FLOW_TO_CLIENT] = 3000;
    flow.urgent = 2;
    flow.wrong_fragments = 3;
    flow.content.hot = 4;
    flow.content.is_guest_login = 1;
    extract_at(flow, 0);
    cr_expect_eq(x[KDD_DURATION], 2);
    cr_expect_str_eq(feature_category(&kdd_columns[KDD_PROTOCOL_TYPE], x[KDD_PROTOCOL_TYPE]),
                     "tcp");
    cr_expect_str_eq(feature_category(&kdd_columns[KDD_SERVICE], x[KDD_SERVICE]), "http");
    cr_expect_str_eq(feature_category(&kdd_columns[KDD_FLAG], x[KDD_FLAG]), "S1");
    cr_expect_eq(x[KDD_SRC_BYTES], 12);
    cr_expect_eq(x[KDD_DST_BYTES], 3000);
    cr_expect_eq(x[KDD_LAND], 0);
    cr_expect_eq(x[KDD_URGENT], 2);
    cr_expect_eq(x[KDD_WRONG_FRAGMENT], 3);
    cr_expect_eq(x[KDD_HOT], 4);
    cr_expect_eq(x[KDD_IS_GUEST_LOGIN], 1);
}

Test(kdd, land)
{
    struct flow flow = connection(1, 40000, 0);

    extract_at(flow, 0);
    cr_expect_eq(x[KDD_LAND], 1);
    flow.id.dport = 80;
    extract_at(flow, 0);
    cr_expect_eq(x[KDD_LAND], 0);
    flow.id.proto = 47;
    flow.id.sport = flow.id.dport = 0;
    extract_at(flow, 0);
    cr_expect_eq(x[KDD_LAND], 0, "no ports to agree");
}

/* What is no TCP has no flag but SF; what KDD'99 did not know is other. */
Test(kdd, protocols)
{
    static const struct {
        uint8_t proto;
        uint16_t sport, dport;
        bool asked;
        double protocol, service;
    } cases[] = {
        {IP_PROTO_UDP, 40000, 53, true, KDD_UDP, SERVICE_domain_u},
        {IP_PROTO_ICMP, 8, 0, true, KDD_ICMP, SERVICE_eco_i},
        {IP_PROTO_ICMP, 8, 0, false, KDD_ICMP, SERVICE_ecr_i}, /* replies alone: a smurf */
        {IP_PROTO_ICMP, 3, 3, true, KDD_ICMP, SERVICE_urp_i},
        {IP_PROTO_ICMPV6, 128, 129, false, KDD_ICMP, SERVICE_ecr_i},
        {IP_PROTO_SCTP, 40000, 80, true, KDD_PROTOCOL_COUNT, SERVICE_other},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct flow flow = {
            .id = {.proto = cases[i].proto, .sport = cases[i].sport, .dport = cases[i].dport},
            .pkts = {cases[i].asked, 1}};

        extract_at(flow, 0);
        cr_expect_eq(x[KDD_PROTOCOL_TYPE], cases[i].protocol, "case %zu", i);
        cr_expect_eq(x[KDD_SERVICE], cases[i].service, "case %zu", i);
        cr_expect_eq(x[KDD_FLAG], CONN_SF, "case %zu", i);
    }
    cr_expect_str_eq(feature_category(&kdd_columns[KDD_PROTOCOL_TYPE], KDD_PROTOCOL_COUNT),
                     "other");
}

/* 80 and 8080 are one service; two seconds are within the window, a nanosecond more is not. */
Test(kdd, windows)
{
    extract_at(connection(2, 80, TCP_RST), 0);
    extract_at(connection(3, 80, 0), 1);
    extract_at(connection(2, 22, TCP_SYN | TCP_ACK), SECOND);
    extract_at(connection(2, 8080, 0), 2 * SECOND + 1);
    cr_expect_eq(x[KDD_COUNT], 2);
    cr_expect_eq(x[KDD_SRV_COUNT], 2);
    cr_expect_eq(x[KDD_SERROR_RATE], 1, "S1 and S0");
    cr_expect_eq(x[KDD_SRV_SERROR_RATE], 1);
    cr_expect_eq(x[KDD_RERROR_RATE], 0);
    cr_expect_eq(x[KDD_SRV_RERROR_RATE], 0);
    cr_expect_eq(x[KDD_SAME_SRV_RATE], 0.5);
    cr_expect_eq(x[KDD_DIFF_SRV_RATE], 0.5);
    cr_expect_eq(x[KDD_SRV_DIFF_HOST_RATE], 0.5);
    cr_expect_eq(x[KDD_DST_HOST_COUNT], 3, "the first is not too old for connections");
    cr_expect_eq(x[KDD_DST_HOST_SRV_COUNT], 2);
    cr_expect_float_eq(x[KDD_DST_HOST_SAME_SRV_RATE], 2.0 / 3, 1e-12);
    cr_expect_float_eq(x[KDD_DST_HOST_DIFF_SRV_RATE], 1.0 / 3, 1e-12);
    cr_expect_eq(x[KDD_DST_HOST_SAME_SRC_PORT_RATE], 1);
    cr_expect_float_eq(x[KDD_DST_HOST_SRV_DIFF_HOST_RATE], 1.0 / 3, 1e-12);
    cr_expect_float_eq(x[KDD_DST_HOST_SERROR_RATE], 2.0 / 3, 1e-12);
    cr_expect_eq(x[KDD_DST_HOST_SRV_SERROR_RATE], 0.5);
    cr_expect_float_eq(x[KDD_DST_HOST_RERROR_RATE], 1.0 / 3, 1e-12);
    cr_expect_eq(x[KDD_DST_HOST_SRV_RERROR_RATE], 0.5);
}

/* The same address is another host in another VLAN. */
Test(kdd, hosts_have_vlans)
{
    struct flow flow = connection(2, 80, 0);

    extract_at(flow, 0);
    flow.id.vlan[0] = 7;
    extract_at(flow, 0);
    cr_expect_eq(x[KDD_COUNT], 1);
    cr_expect_eq(x[KDD_SRV_COUNT], 2);
    cr_expect_eq(x[KDD_DST_HOST_COUNT], 1);
}
