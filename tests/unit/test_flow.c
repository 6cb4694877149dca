#include "features/flow.h"

#include "flow_rows.h"

enum { CLIENT = 1, SERVER = 2, CPORT = 50000, SPORT = 443 };

static struct rows rows;
static struct flow_table *table;

static void set_up(void)
{
    struct flow_config config = rows_config();

    table = rows_table(&config, &rows);
}

static void tear_down(void)
{
    flow_table_free(table);
    free(rows.at);
}

TestSuite(flow, .init = set_up, .fini = tear_down);

static void give(int64_t ts_ns, struct packet packet)
{
    packet.ts_ns = ts_ns;
    flow_update(table, &packet);
}

static void to_server(int64_t ts_ns, uint8_t flags)
{
    struct packet packet = make_packet(IP_PROTO_TCP, CLIENT, CPORT, SERVER, SPORT);

    packet.tcp_flags = flags;
    give(ts_ns, packet);
}

static void to_client(int64_t ts_ns, uint8_t flags)
{
    struct packet packet = make_packet(IP_PROTO_TCP, SERVER, SPORT, CLIENT, CPORT);

    packet.tcp_flags = flags;
    give(ts_ns, packet);
}

static void expect_row(size_t i, enum flow_end end, uint64_t sent, uint64_t received)
{
    cr_assert_lt(i, rows.n);
    cr_expect_eq(rows.at[i].end, end, "row %zu: %s", i, flow_end_name(rows.at[i].end));
    cr_expect_eq(rows.at[i].pkts[FLOW_TO_SERVER], sent, "row %zu", i);
    cr_expect_eq(rows.at[i].pkts[FLOW_TO_CLIENT], received, "row %zu", i);
}

static void expect_from_client(size_t i)
{
    cr_assert_lt(i, rows.n);
    cr_expect_eq(rows.at[i].id.src.bytes[3], CLIENT);
    cr_expect_eq(rows.at[i].id.sport, CPORT);
    cr_expect_eq(rows.at[i].id.dport, SPORT);
}

static void handshake(int64_t ts_ns)
{
    to_server(ts_ns, TCP_SYN);
    to_client(ts_ns + 1, TCP_SYN | TCP_ACK);
    to_server(ts_ns + 2, TCP_ACK);
}

Test(flow, handshake)
{
    handshake(7);
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_EOF, 2, 1);
    expect_from_client(0);
    cr_expect_eq(rows.at[0].state, FLOW_ESTABLISHED);
    cr_expect_eq(rows.at[0].start_ns, 7);
    cr_expect_eq(rows.at[0].end_ns, 9);
    cr_expect_eq(rows.at[0].bytes[FLOW_TO_SERVER], 200);
    cr_expect_eq(flow_conn_state(&rows.at[0]), CONN_S1);
    cr_expect_eq(rows.at[0].row, 0);
}

Test(flow, syn_ack_first_comes_from_the_responder)
{
    to_client(0, TCP_SYN | TCP_ACK);
    flow_flush(table);
    expect_row(0, FLOW_END_EOF, 0, 1);
    expect_from_client(0);
    cr_expect_eq(rows.at[0].state, FLOW_NEW, "one side heard");
}

Test(flow, syn_from_a_well_known_port_is_the_originators)
{
    struct packet packet = make_packet(IP_PROTO_TCP, SERVER, 20, CLIENT, CPORT);

    packet.tcp_flags = TCP_SYN;
    give(0, packet);
    flow_flush(table);
    expect_row(0, FLOW_END_EOF, 1, 0);
    cr_expect_eq(rows.at[0].id.sport, 20);
}

Test(flow, well_known_port_first)
{
    static const struct {
        uint8_t proto;
        int sport, dport;
        bool from_responder;
    } cases[] = {
        {IP_PROTO_TCP, 443, 1024, true},   {IP_PROTO_TCP, 1023, 1024, true},
        {IP_PROTO_TCP, 1024, 443, false},  {IP_PROTO_TCP, 443, 1023, false},
        {IP_PROTO_UDP, 53, 50000, true},   {IP_PROTO_UDP, 123, 123, false},
        {IP_PROTO_UDP, 5353, 5353, false}, {IP_PROTO_SCTP, 443, 50000, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        give(0, make_packet(cases[i].proto, SERVER, cases[i].sport, CLIENT, cases[i].dport));
        flow_flush(table);
        cr_assert_eq(rows.n, i + 1);
        cr_expect_eq(rows.at[i].pkts[FLOW_TO_CLIENT], cases[i].from_responder, "%zu", i);
    }
}

Test(flow, fins_close_and_the_last_ack_is_absorbed)
{
    handshake(0);
    to_server(10, TCP_FIN | TCP_ACK);
    to_client(11, TCP_FIN | TCP_ACK);
    to_server(12, TCP_ACK);
    to_server(11 + 5 * SECOND, TCP_ACK);
    cr_expect_eq(rows.n, 0, "exactly 5 s after the closing packet");
    to_server(12 + 5 * SECOND, TCP_ACK);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_FIN, 5, 2);
    cr_expect_eq(rows.at[0].state, FLOW_CLOSED);
    flow_flush(table);
    expect_row(1, FLOW_END_EOF, 1, 0);
    cr_expect_neq(rows.at[0].flow_id, rows.at[1].flow_id);
}

Test(flow, one_fin_does_not_close)
{
    handshake(0);
    to_server(10, TCP_FIN | TCP_ACK);
    to_server(11, TCP_FIN | TCP_ACK);
    to_client(30 * SECOND, TCP_ACK);
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_EOF, 4, 2);
}

Test(flow, rst_closes_at_once)
{
    to_server(0, TCP_SYN);
    to_client(1, TCP_RST | TCP_ACK);
    to_server(2, TCP_ACK);
    flow_advance(table, 1 + 5 * SECOND);
    cr_expect_eq(rows.n, 0);
    flow_advance(table, 2 + 5 * SECOND);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_RST, 2, 1);
}

Test(flow, a_first_packet_may_close)
{
    to_server(0, TCP_RST);
    flow_flush(table);
    expect_row(0, FLOW_END_RST, 1, 0);
    cr_expect_eq(rows.at[0].state, FLOW_CLOSED);
}

Test(flow, a_new_syn_reuses_the_ports_at_once)
{
    to_server(0, TCP_SYN);
    to_client(1, TCP_RST | TCP_ACK);
    to_client(2, TCP_SYN | TCP_ACK);
    cr_expect_eq(rows.n, 0, "a late SYN+ACK is absorbed");
    to_server(3, TCP_SYN);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_RST, 1, 2);
    flow_flush(table);
    expect_row(1, FLOW_END_EOF, 1, 0);
    cr_expect_eq(rows.at[1].row, 0);
}

Test(flow, a_repeated_syn_of_an_open_flow_stays_in_it)
{
    to_server(0, TCP_SYN);
    to_server(1 * SECOND, TCP_SYN);
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_EOF, 2, 0);
}

Test(flow, idle_is_strictly_longer)
{
    to_server(0, TCP_ACK);
    to_server(40 * SECOND, TCP_ACK);
    cr_expect_eq(rows.n, 0);
    to_server(80 * SECOND + 1, TCP_ACK);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_IDLE, 2, 0);
    flow_flush(table);
    cr_expect_neq(rows.at[0].flow_id, rows.at[1].flow_id);
}

Test(flow, idle_is_told_by_others_and_by_the_clock)
{
    to_server(0, TCP_ACK);
    give(40 * SECOND, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));
    cr_expect_eq(rows.n, 0);
    give(40 * SECOND + 1, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));
    cr_expect_eq(rows.n, 1);
    flow_advance(table, 80 * SECOND + 2);
    cr_expect_eq(rows.n, 2);
}

Test(flow, active_flows_go_on_in_a_new_row)
{
    handshake(0);
    for (int64_t i = 1; i <= 26; i++)
        to_server(i * 10 * SECOND, TCP_ACK);
    flow_flush(table);
    cr_assert_eq(rows.n, 3);
    expect_row(0, FLOW_END_ACTIVE, 2 + 12, 1);
    expect_row(1, FLOW_END_ACTIVE, 13, 0);
    expect_row(2, FLOW_END_EOF, 1, 0);
    for (uint32_t i = 0; i < 3; i++) {
        expect_from_client(i);
        cr_expect_eq(rows.at[i].row, i);
        cr_expect_eq(rows.at[i].flow_id, rows.at[0].flow_id);
        cr_expect_eq(rows.at[i].start_ns, i * 130 * SECOND);
        cr_expect_eq(rows.at[i].state, FLOW_ESTABLISHED);
    }
}

Test(flow, closed_flows_are_not_split_by_time)
{
    handshake(0);
    for (int64_t i = 1; i <= 3; i++)
        to_server(i * 39 * SECOND, TCP_ACK);
    to_client(119 * SECOND, TCP_RST);
    to_server(121 * SECOND, TCP_ACK);
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    expect_row(0, FLOW_END_RST, 6, 2);
}

static void ping(int64_t ts_ns, uint8_t proto, int src, int dst, int type)
{
    give(ts_ns, make_packet(proto, src, type, dst, 0));
}

Test(flow, icmp_echo_and_reply_are_one_flow)
{
    ping(0, IP_PROTO_ICMP, CLIENT, SERVER, 8);
    ping(1, IP_PROTO_ICMP, SERVER, CLIENT, 0);
    ping(2, IP_PROTO_ICMPV6, SERVER, CLIENT, 129);
    ping(3, IP_PROTO_ICMPV6, CLIENT, SERVER, 128);
    flow_flush(table);
    cr_assert_eq(rows.n, 2);
    expect_row(0, FLOW_END_EOF, 1, 1);
    cr_expect_eq(rows.at[0].id.sport, 8);
    cr_expect_eq(rows.at[0].id.dport, 0);
    cr_expect_not(flow_icmp_one_way(&rows.at[0].id));
    expect_row(1, FLOW_END_EOF, 1, 1);
    cr_expect_eq(rows.at[1].id.src.bytes[3], CLIENT, "a reply comes from the responder");
    cr_expect_eq(rows.at[1].id.sport, 128);
    cr_expect_eq(rows.at[1].id.dport, 129);
}

/* Address unreachable one way is not the answer to reassembly time exceeded the other way. */
Test(flow, icmp_errors_have_no_other_direction)
{
    give(0, make_packet(IP_PROTO_ICMPV6, CLIENT, 1, SERVER, 3));
    give(1, make_packet(IP_PROTO_ICMPV6, SERVER, 3, CLIENT, 1));
    give(2, make_packet(IP_PROTO_ICMPV6, SERVER, 1, CLIENT, 3));
    give(3, make_packet(IP_PROTO_ICMPV6, CLIENT, 1, SERVER, 3));
    flow_flush(table);
    cr_assert_eq(rows.n, 3);
    expect_row(0, FLOW_END_EOF, 1, 0);
    expect_row(2, FLOW_END_EOF, 2, 0);
    cr_expect(flow_icmp_one_way(&rows.at[0].id));
    cr_expect_eq(rows.at[0].id.dport, rows.at[0].id.dst.bytes[3] == SERVER ? 3 : 1);
}

Test(flow, keys)
{
    struct packet packet = make_packet(IP_PROTO_UDP, CLIENT, 1000, SERVER, 2000);

    give(0, packet);
    packet.vlan[0] = 5;
    give(1, packet);
    packet.vlan[1] = 6;
    give(2, packet);
    packet.proto = IP_PROTO_TCP;
    give(3, packet);
    packet.ip_version = 6;
    give(4, packet);
    packet.src.bytes[15] = 1;
    give(5, packet);
    give(6, make_packet(IP_PROTO_UDP, CLIENT, 2000, SERVER, 1000));
    give(7, make_packet(IP_PROTO_UDP, SERVER, 2000, CLIENT, 1000));
    flow_flush(table);
    cr_assert_eq(rows.n, 7);
    for (size_t i = 0; i < rows.n; i++)
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(rows.at[i].flow_id, rows.at[j].flow_id);
}

Test(flow, land_packets_are_all_sent)
{
    give(0, make_packet(IP_PROTO_UDP, CLIENT, 7, CLIENT, 7));
    give(1, make_packet(IP_PROTO_UDP, CLIENT, 7, CLIENT, 7));
    flow_flush(table);
    expect_row(0, FLOW_END_EOF, 2, 0);
}

Test(flow, a_small_step_back_stays_in_the_row)
{
    to_server(50 * SECOND, TCP_ACK);
    to_client(10 * SECOND, TCP_ACK);
    cr_expect_eq(rows.n, 0);
    flow_flush(table);
    expect_row(0, FLOW_END_EOF, 1, 1);
    cr_expect_eq(rows.at[0].start_ns, 50 * SECOND);
    cr_expect_eq(rows.at[0].end_ns, 50 * SECOND);
}

Test(flow, a_large_step_back_starts_anew)
{
    to_server(50 * SECOND, TCP_ACK);
    to_client(51 * SECOND, TCP_RST);
    give(51 * SECOND, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));
    give(11 * SECOND - 1, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));
    cr_assert_eq(rows.n, 2);
    expect_row(0, FLOW_END_RST, 1, 1);
    expect_row(1, FLOW_END_CLOCK, 1, 0);
    give(12 * SECOND, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));
    flow_flush(table);
    expect_row(2, FLOW_END_EOF, 2, 0);
}

Test(flow, extreme_times)
{
    static const int64_t times[] = {INT64_MIN, INT64_MAX, 0, INT64_MIN, INT64_MIN + 1, INT64_MAX};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        to_server(times[i], TCP_ACK);
    flow_flush(table);
    cr_expect_eq(rows_packets(&rows), 6);
    cr_expect_eq(rows.n, 5);
}

Test(flow, rows_come_in_the_order_in_which_they_end)
{
    to_server(0, TCP_SYN);                                   /* idle at 40 */
    give(SECOND, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));     /* idle at 41 */
    give(2 * SECOND, make_packet(IP_PROTO_UDP, 8, 8, 9, 9)); /* idle at 45 */
    to_client(38 * SECOND, TCP_RST | TCP_ACK);               /* closed till 43 */
    give(5 * SECOND, make_packet(IP_PROTO_UDP, 8, 8, 9, 9));
    flow_advance(table, 100 * SECOND);
    cr_assert_eq(rows.n, 3);
    cr_expect_eq(rows.at[0].id.sport, 7);
    cr_expect_eq(rows.at[1].end, FLOW_END_RST);
    cr_expect_eq(rows.at[2].id.sport, 8);
}

Test(flow, statistics)
{
    struct flow_stats stats;

    handshake(0);
    give(5, make_packet(IP_PROTO_UDP, 7, 7, 8, 8));
    flow_table_stats(table, &stats);
    cr_expect_eq(stats.packets, 4);
    cr_expect_eq(stats.active, 2);
    cr_expect_eq(stats.flows, 0);
    flow_flush(table);
    flow_table_stats(table, &stats);
    cr_expect_eq(stats.active, 0);
    cr_expect_eq(stats.flows, 2);
    cr_expect_eq(stats.ends[FLOW_END_EOF], 2);
}

Test(flow, names_differ)
{
    for (enum flow_end a = 0; a < FLOW_END_COUNT; a++)
        for (enum flow_end b = 0; b < a; b++)
            cr_expect_str_neq(flow_end_name(a), flow_end_name(b));
    cr_expect_str_eq(flow_state_name(FLOW_CLOSED), "closed");
}

/* Times a few steps back and forth, as from several queues of a network card. */
Test(flow, reported_times_never_go_back_within_a_timeline)
{
    int64_t last = INT64_MIN;

    srandom(11);
    for (int i = 0; i < 4000; i++) {
        struct packet packet = make_packet(IP_PROTO_UDP, CLIENT, 1000 + i % 700, SERVER, 53);

        give(i * SECOND / 10 + random() % SECOND, packet);
    }
    flow_flush(table);
    cr_assert_gt(rows.n, 700);
    for (size_t i = 0; i < rows.n; i++) {
        cr_assert_geq(rows.at[i].reported_ns, last, "row %zu", i);
        last = rows.at[i].reported_ns;
    }
}

Test(flow, reported_times_are_those_of_the_rule)
{
    struct packet packet = make_packet(IP_PROTO_UDP, CLIENT, CPORT, SERVER, 53);

    give(0, packet);
    packet.sport++;
    give(100 * SECOND, packet);
    flow_flush(table);
    cr_assert_eq(rows.n, 2);
    cr_expect_eq(rows.at[0].reported_ns, 40 * SECOND, "told late, but ended when it was idle");
    cr_expect_eq(rows.at[1].reported_ns, 140 * SECOND, "told early, at the end of the capture");
}
