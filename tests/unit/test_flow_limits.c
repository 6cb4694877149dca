/* Memory limits, and what must hold for any traffic. */
#include <errno.h>

#include "flow_rows.h"

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t memory(const struct flow_table *table)
{
    struct flow_stats stats;

    flow_table_stats(table, &stats);
    return stats.memory;
}

Test(flow_limits, the_longest_silent_flow_is_evicted)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;

    config.max_flows = 3;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 3; i++) {
        struct packet packet = make_packet(IP_PROTO_UDP, 1, 5000 + i, 2, 2000);
        packet.ts_ns = i;
        flow_update(table, &packet);
    }
    struct packet again = make_packet(IP_PROTO_UDP, 1, 5000, 2, 2000);
    again.ts_ns = 3;
    flow_update(table, &again);
    cr_expect_eq(rows.n, 0);
    struct packet fourth = make_packet(IP_PROTO_UDP, 1, 5003, 2, 2000);
    fourth.ts_ns = 4;
    flow_update(table, &fourth);
    cr_assert_eq(rows.n, 1);
    cr_expect_eq(rows.at[0].end, FLOW_END_EVICTED);
    cr_expect_eq(rows.at[0].id.sport, 5001);
    flow_table_free(table);
    free(rows.at);
}

Test(flow_limits, a_syn_flood_holds_no_more_than_memcap)
{
    struct flow_config config = flow_config_default;
    struct rows rows = {0};
    struct flow_table *table;
    struct flow_stats stats;

    config.memcap = (size_t)1 << 20;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 100000; i++) {
        struct packet packet = make_packet(IP_PROTO_TCP, i & 0xffff, 1024 + i / 65536, 1, 80);
        packet.tcp_flags = TCP_SYN;
        packet.ts_ns = i;
        flow_update(table, &packet);
        cr_assert_leq(memory(table), config.memcap);
    }
    flow_table_stats(table, &stats);
    cr_expect_gt(stats.active, 1000);
    cr_expect_eq(stats.ends[FLOW_END_EVICTED] + stats.active, 100000);
    flow_flush(table);
    cr_expect_eq(rows_packets(&rows), 100000);
    flow_table_free(table);
    free(rows.at);
}

/* A million flows of one packet in half of the default memcap. */
Test(flow_limits, a_flow_of_one_packet_is_small)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table = rows_table(&config, &rows);
    size_t before = memory(table);

    for (int i = 0; i < 1000; i++) {
        struct packet packet = make_packet(IP_PROTO_UDP, i, 1000, 1, 2000);
        flow_update(table, &packet);
    }
    cr_expect_leq(memory(table) - before, 1000 * 512);
    flow_table_free(table);
}

Test(flow_limits, samples_give_way_within_memcap)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;
    uint64_t state = 5;

    config.memcap = 200000;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 100000; i++) {
        int host = (int)(random64(&state) % 20);
        struct packet packet = make_packet(IP_PROTO_UDP, host, 5000, 77, 2000);
        packet.ts_ns = i;
        flow_update(table, &packet);
        cr_assert_leq(memory(table), config.memcap);
    }
    cr_expect_gt(rows.n, 10);
    for (size_t i = 0; i < rows.n; i++)
        cr_assert_gt(rows.at[i].pkts[0], 4, "none but flows with arrays are evicted for theirs");
    flow_flush(table);
    cr_expect_eq(rows_packets(&rows), 100000);
    flow_table_free(table);
    free(rows.at);
}

Test(flow_limits, a_flow_alone_beyond_memcap_is_cut)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;

    config.memcap = 20000;
    config.max_samples = UINT32_MAX;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 5000; i++) {
        struct packet packet = make_packet(IP_PROTO_UDP, 1, 5000, 2, 2000);
        packet.ts_ns = i;
        flow_update(table, &packet);
        cr_assert_leq(memory(table), config.memcap);
    }
    flow_flush(table);
    cr_expect_gt(rows.n, 1);
    cr_expect_eq(rows.at[0].end, FLOW_END_EVICTED);
    cr_expect_eq(rows_packets(&rows), 5000);
    flow_table_free(table);
    free(rows.at);
}

Test(flow_limits, impossible_limits_are_refused)
{
    static const uint8_t key[16];
    struct flow_config configs[9];

    for (size_t i = 0; i < 9; i++)
        configs[i] = flow_config_default;
    configs[0].idle_ns = 0;
    configs[1].active_ns = 0;
    configs[2].linger_ns = 0;
    configs[3].max_samples = 0;
    configs[4].max_flows = 0;
    configs[5].memcap = 0;
    configs[6].memcap = 1000;
    configs[7].idle_ns = INT64_MAX;
    configs[8].linger_ns = -1;
    for (size_t i = 0; i < 9; i++) {
        errno = 0;
        cr_expect_null(flow_table_new(&configs[i], key, rows_sink, NULL), "%zu", i);
        cr_expect_eq(errno, EINVAL, "%zu", i);
    }
    flow_table_free(NULL);
}

/* Time-ordered traffic of few hosts and ports, with pauses, closes and reuse of ports.
 * net: keeps two such streams apart. */
static struct packet random_packet(uint64_t *state, int64_t *clock, uint8_t net)
{
    static const uint8_t flags[] = {TCP_ACK, TCP_ACK, TCP_ACK,           TCP_SYN,
                                    TCP_FIN, TCP_RST, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK};
    static const uint8_t protos[] = {IP_PROTO_TCP, IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_ICMP};
    int a = (int)(random64(state) % 4), b = (int)(random64(state) % 4);
    uint64_t pause = random64(state) % 1000;
    struct packet packet = make_packet(protos[random64(state) % 4], a, 1022 + b, b, 1022 + a);

    *clock += pause < 3 ? 41 * SECOND : (int64_t)(random64(state) % (2 * (uint64_t)SECOND));
    packet.ts_ns = *clock;
    packet.src.bytes[1] = packet.dst.bytes[1] = net;
    packet.ip_len = 20 + (uint32_t)(random64(state) % 1480);
    if (packet.proto == IP_PROTO_TCP)
        packet.tcp_flags = flags[random64(state) % 8];
    if (packet.proto == IP_PROTO_ICMP)
        packet.sport = (uint16_t)(random64(state) % 14);
    return packet;
}

Test(flow_limits, every_packet_is_in_one_row)
{
    struct flow_config config = rows_config();
    uint64_t state = 99;
    int64_t clock = 0;
    struct rows rows = {0};
    struct flow_table *table;

    config.max_flows = 10;
    config.max_samples = 50;
    table = rows_table(&config, &rows);
    for (uint64_t i = 1; i <= 50000; i++) {
        struct packet packet = random_packet(&state, &clock, 0);
        packet.ts_ns -= (int64_t)(random64(&state) % (3 * (uint64_t)SECOND)); /* not in order */
        flow_update(table, &packet);
        if (i % 10000 == 0)
            flow_flush(table);
        if (i % 10000 == 0)
            cr_assert_eq(rows_packets(&rows), i);
    }
    flow_table_free(table);
    free(rows.at);
}

static int by_identity(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;
    int order = memcmp(&x->id, &y->id, sizeof x->id);

    if (order == 0)
        order = x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
    return order != 0 ? order : (int)x->row - (int)y->row;
}

static void expect_same(const struct flow *a, const struct flow *b)
{
    cr_assert_eq(by_identity(a, b), 0);
    cr_assert_eq(a->flow_id, b->flow_id);
    cr_assert_eq(a->end_ns, b->end_ns);
    cr_assert_arr_eq(a->pkts, b->pkts, sizeof a->pkts);
    cr_assert_arr_eq(a->bytes, b->bytes, sizeof a->bytes);
    cr_assert_eq(flow_conn_state(a), flow_conn_state(b));
    cr_assert_eq(a->state, b->state);
    cr_assert_eq(a->end, b->end);
}

/* Plays two streams, whose packets are told apart by their net, in order of time; only == 0 or 1:
 * that stream alone. */
static struct rows play(const uint8_t key[16], int only)
{
    struct rows rows = {0};
    struct flow_config config = rows_config();
    struct flow_table *table = flow_table_new(&config, key, rows_sink, &rows);
    uint64_t state[2] = {11, 22};
    int64_t clock[2] = {0, 5};
    struct packet next[2];

    for (uint8_t i = 0; i < 2; i++)
        next[i] = random_packet(&state[i], &clock[i], i);
    for (int n = 0; n < 40000; n++) {
        uint8_t i = next[1].ts_ns < next[0].ts_ns;

        if (only < 0 || only == i)
            flow_update(table, &next[i]);
        next[i] = random_packet(&state[i], &clock[i], i);
    }
    flow_advance(table, clock[0] + clock[1] + 1000 * SECOND);
    flow_table_free(table);
    qsort(rows.at, rows.n, sizeof *rows.at, by_identity);
    return rows;
}

Test(flow_limits, rows_do_not_depend_on_other_traffic_nor_on_the_key)
{
    static const uint8_t key[16] = "one", other_key[16] = "two";
    struct rows both = play(key, -1), again = play(other_key, -1);
    struct rows alone[2] = {play(key, 0), play(key, 1)};
    size_t at[2] = {0};

    cr_assert_gt(alone[0].n, 1000);
    cr_assert_eq(both.n, alone[0].n + alone[1].n);
    cr_assert_eq(both.n, again.n);
    for (size_t i = 0; i < both.n; i++) {
        uint8_t net = both.at[i].id.src.bytes[1];

        expect_same(&both.at[i], &alone[net].at[at[net]++]);
        expect_same(&both.at[i], &again.at[i]);
    }
    free(both.at);
    free(again.at);
    free(alone[0].at);
    free(alone[1].at);
}
