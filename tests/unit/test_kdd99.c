/* Rows of kdd99_feature_extractor, by hand; whole captures are compared in
 * tests/integration/rows.sh. */
#include <string.h>

#include "features/kdd99.h"
#include "features/kdd99_state.h"
#include "features/kdd99_windows.h"
#include "features/kdd_columns.h"
#include "flow_rows.h"

struct last_row {
    size_t n;
    struct flow flow;
    double x[KDD_N_COLUMNS];
};

static void sink(void *ctx, const struct flow *row, const double *x)
{
    struct last_row *last = ctx;

    last->n++;
    last->flow = *row;
    memcpy(last->x, x, sizeof last->x);
}

static void feed(void *kdd, int64_t seconds, struct packet packet)
{
    packet.ts_ns = (1000 + seconds) * SECOND;
    packet.frame_len = 60;
    cr_assert_eq(kdd99_rule.packet(kdd, &packet), 0);
}

/* flags: one letter for each packet, that of the originator in capitals: S, A (SYN+ACK), K (ACK),
 * F, R. */
static enum kdd99_state walk(const char *flags)
{
    enum kdd99_state state = KDD99_INIT;

    for (; *flags; flags++) {
        static const uint8_t bits[256] = {
            ['S'] = TCP_SYN,           ['a'] = TCP_SYN | TCP_ACK, ['A'] = TCP_SYN | TCP_ACK,
            ['K'] = TCP_ACK,           ['k'] = TCP_ACK,           ['F'] = TCP_FIN | TCP_ACK,
            ['f'] = TCP_FIN | TCP_ACK, ['R'] = TCP_RST | TCP_ACK, ['r'] = TCP_RST | TCP_ACK};

        state = kdd99_next(state, *flags < 'a', bits[(unsigned char)*flags]);
    }
    return state;
}

Test(kdd99, states)
{
    static const struct {
        const char *flags;
        enum conn_state flag;
        bool ended;
    } walks[] = {
        {"S", CONN_S0, false},       {"Sa", CONN_S1, false},      {"SaK", CONN_S1, false},
        {"SaKF", CONN_S2, false},    {"SaKFf", CONN_S2, false},   {"SaKFfK", CONN_SF, true},
        {"SaKf", CONN_S3, false},    {"SaKfF", CONN_S3, false},   {"SaKfFk", CONN_SF, true},
        {"Sr", CONN_REJ, false},     {"SrK", CONN_REJ, false},    {"SR", CONN_RSTOS0, false},
        {"SF", CONN_SH, true},       {"SaR", CONN_RSTO, false},   {"Sar", CONN_RSTR, false},
        {"SaKFR", CONN_RSTO, false}, {"SaKFr", CONN_RSTR, false}, {"A", CONN_OTH, true},
        {"K", CONN_OTH, true},       {"R", CONN_OTH, true},       {"SaKFK", CONN_S2, false},
    };

    for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
        enum kdd99_state state = walk(walks[i].flags);

        cr_expect_eq(kdd99_flag(state), walks[i].flag, "%s", walks[i].flags);
        cr_expect_eq(kdd99_timeout_us(state) == 0, walks[i].ended, "%s", walks[i].flags);
    }
}

Test(kdd99, conversations_end_at_the_first_packet_after_their_timeout)
{
    struct last_row last = {0};
    void *kdd = kdd99_rule.new(sink, &last);

    feed(kdd, 0, make_packet(IP_PROTO_UDP, 1, 5000, 2, 53));
    feed(kdd, 1, make_packet(IP_PROTO_UDP, 2, 53, 1, 5000));
    feed(kdd, 180, make_packet(IP_PROTO_UDP, 3, 1, 4, 2));
    cr_expect_eq(last.n, 0);
    feed(kdd, 181, make_packet(IP_PROTO_UDP, 3, 1, 4, 2));
    cr_assert_eq(last.n, 1);
    cr_expect_eq(last.x[KDD_DURATION], 1);
    cr_expect_eq((int)last.x[KDD_SERVICE], SERVICE_domain_u);
    cr_expect_eq(last.x[KDD_SRC_BYTES], 60);
    cr_expect_eq(last.x[KDD_DST_BYTES], 60);
    cr_expect_eq(last.x[KDD_COUNT], 0);
    cr_assert_eq(kdd99_rule.flush(kdd), 0);
    cr_expect_eq(last.n, 2);
    kdd99_rule.free(kdd);
}

Test(kdd99, services_that_are_not_the_native_ones)
{
    struct last_row last = {0};
    void *kdd = kdd99_rule.new(sink, &last);
    static const struct {
        uint8_t proto;
        int sport, dport;
        enum service service;
    } cases[] = {
        {IP_PROTO_ICMP, 3, 0, SERVICE_urp_i},      {IP_PROTO_ICMP, 3, 3, SERVICE_oth_i},
        {IP_PROTO_ICMP, 3, 1, SERVICE_urh_i},      {IP_PROTO_ICMP, 8, 0, SERVICE_eco_i},
        {IP_PROTO_TCP, 9999, 6667, SERVICE_other}, {IP_PROTO_TCP, 20, 6667, SERVICE_ftp_data},
        {IP_PROTO_TCP, 9999, 6668, SERVICE_IRC},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        feed(kdd, 0, make_packet(cases[i].proto, 1, cases[i].sport, 2, cases[i].dport));
        cr_assert_eq(kdd99_rule.flush(kdd), 0);
        cr_expect_eq((int)last.x[KDD_SERVICE], (int)cases[i].service, "case %zu", i);
        cr_expect_eq(last.flow.id.sport, cases[i].proto == IP_PROTO_ICMP ? 0 : cases[i].sport);
    }
    kdd99_rule.free(kdd);
}

Test(kdd99, other_packets_are_passed_over)
{
    struct packet tagged = make_packet(IP_PROTO_UDP, 1, 5000, 2, 53);
    struct packet later = tagged, v6 = tagged;
    struct last_row last = {0};
    void *kdd = kdd99_rule.new(sink, &last);

    tagged.vlan_count = 1;
    later.later_fragment = true;
    v6.ip_version = 6;
    feed(kdd, 0, tagged);
    feed(kdd, 0, later);
    feed(kdd, 0, v6);
    feed(kdd, 0, make_packet(IP_PROTO_SCTP, 1, 5000, 2, 53));
    cr_assert_eq(kdd99_rule.flush(kdd), 0);
    cr_expect_eq(last.n, 0);
    kdd99_rule.free(kdd);
}

Test(kdd99, windows_leave_the_row_out_and_forget_afterwards)
{
    struct kdd99_windows *windows = kdd99_windows_new();
    struct kdd99_end end = {.dst = 7, .sport = 9, .service = SERVICE_ssh, .flag = CONN_S0};
    double x[KDD_N_COLUMNS];

    for (int i = 0; i < 9; i++) {
        end.flag = i < 1 ? CONN_REJ : i < 4 ? CONN_S1 : CONN_SF;
        cr_assert_eq(kdd99_windows_add(windows, &end, x), 0);
        cr_expect_eq(x[KDD_COUNT], i);
    }
    cr_expect_eq(x[KDD_RERROR_RATE], 0.12, "1/8, rounded to even");
    cr_expect_eq(x[KDD_SERROR_RATE], 0.38, "3/8");
    cr_expect_eq(x[KDD_DST_HOST_SAME_SRC_PORT_RATE], 0.89, "8/9");
    end.last_us = 5000000;
    cr_assert_eq(kdd99_windows_add(windows, &end, x), 0);
    cr_expect_eq(x[KDD_COUNT], 9, "old, but not yet forgotten");
    cr_assert_eq(kdd99_windows_add(windows, &end, x), 0);
    cr_expect_eq(x[KDD_COUNT], 1);
    cr_expect_eq(x[KDD_DST_HOST_COUNT], 10);
    kdd99_windows_free(windows);
}
