/* A table that is full: which flows give way, and long rows in constant memory. */
#include "features/doh_columns.h"
#include "flow_rows.h"

static void send(struct flow_table *table, struct packet packet, uint8_t flags, int64_t ts_ns)
{
    packet.tcp_flags = flags;
    packet.ts_ns = ts_ns;
    flow_update(table, &packet);
}

static struct packet to_server(int client)
{
    return make_packet(IP_PROTO_TCP, client, 5000, 1, 80);
}

static struct packet to_client(int client)
{
    return make_packet(IP_PROTO_TCP, 1, 80, client, 5000);
}

/* SYN, SYN+ACK, ACK; the first steps of them. */
static void handshake(struct flow_table *table, int client, int steps, int64_t ts_ns)
{
    send(table, to_server(client), TCP_SYN, ts_ns);
    if (steps > 1)
        send(table, to_client(client), TCP_SYN | TCP_ACK, ts_ns);
    if (steps > 2)
        send(table, to_server(client), TCP_ACK, ts_ns);
}

static struct flow_stats stats_of_table(const struct flow_table *table)
{
    struct flow_stats stats;

    flow_table_stats(table, &stats);
    return stats;
}

static size_t rows_by_end(const struct rows *rows, enum flow_end end)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++)
        n += rows->at[i].end == end;
    return n;
}

/* Answered or not, a SYN alone does not make a flow established. */
Test(flow_pressure, half_open_flows_give_way_to_established_ones)
{
    struct flow_config config = rows_config();

    for (int steps = 1; steps <= 2; steps++) {
        struct rows rows = {0};
        struct flow_table *table;
        struct flow_stats stats;

        config.max_flows = 100;
        table = rows_table(&config, &rows);
        for (int i = 0; i < 50; i++)
            handshake(table, 100 + i, 3, i);
        for (int i = 0; i < 10000; i++)
            handshake(table, 1000 + i, steps, 1000 + i);
        stats = stats_of_table(table);
        cr_expect_eq(stats.evicted[FLOW_KIND_HALF_OPEN], 9950);
        cr_expect_eq(stats.evicted[FLOW_KIND_ESTABLISHED], 0);
        cr_expect_eq(stats.evicted[FLOW_KIND_CLOSED], 0);
        for (size_t i = 0; i < rows.n; i++)
            cr_assert_gt(rows.at[i].start_ns, 999);
        flow_flush(table);
        cr_expect_eq(rows_by_end(&rows, FLOW_END_EVICTED), 9950);
        flow_table_free(table);
        free(rows.at);
    }
}

Test(flow_pressure, a_table_of_established_flows_lets_new_ones_in)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;
    struct flow_stats stats;

    config.max_flows = 100;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 300; i++)
        send(table, to_server(i), TCP_SYN, 10 * i);
    for (int i = 0; i < 300; i++) { /* the handshake takes as long as ten others begin in */
        send(table, to_server(1000 + i), TCP_SYN, 10000 + i);
        if (i >= 10) {
            send(table, to_client(990 + i), TCP_SYN | TCP_ACK, 10000 + i);
            send(table, to_server(990 + i), TCP_ACK, 10000 + i);
        }
    }
    stats = stats_of_table(table);
    cr_expect_gt(stats.evicted[FLOW_KIND_ESTABLISHED], 100);
    for (size_t i = 0; i < rows.n; i++)
        if (rows.at[i].start_ns >= 10000)
            cr_assert_eq(rows.at[i].pkts[1], 1, "none was cut within its handshake");
    flow_table_free(table);
    free(rows.at);
}

Test(flow_pressure, closed_flows_give_way_before_established_ones)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;
    struct flow_stats stats;

    config.max_flows = 100;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 100; i++) {
        handshake(table, i, 3, i);
        if (i % 2 > 0)
            send(table, to_client(i), TCP_RST, i);
    }
    for (int i = 0; i < 40; i++)
        handshake(table, 1000 + i, 3, 1000 + i);
    stats = stats_of_table(table);
    cr_expect_eq(stats.evicted[FLOW_KIND_CLOSED], 40);
    cr_expect_eq(stats.evicted[FLOW_KIND_ESTABLISHED], 0);
    cr_expect_eq(rows_by_end(&rows, FLOW_END_RST), 40);
    flow_table_free(table);
    free(rows.at);
}

/* A sink that counts, keeps nothing. */
struct tally {
    uint64_t rows, packets, answered;
};

static void count_row(void *ctx, const struct flow *flow)
{
    struct tally *tally = ctx;

    tally->rows++;
    tally->packets += flow->pkts[0] + flow->pkts[1];
    tally->answered += flow->pkts[1] > 0;
}

/* Every 1000th packet belongs to one of 100 flows that talk both ways. */
Test(flow_pressure, established_flows_survive_a_flood_of_a_million)
{
    enum { PACKETS = 1000000, TALKERS = 100 };
    struct flow_config config = flow_config_default;
    struct tally tally = {0};
    static const uint8_t key[16] = "flood";
    struct flow_table *table;
    struct flow_stats stats;

    config.memcap = (size_t)8 << 20;
    table = flow_table_new(&config, key, count_row, &tally);
    cr_assert_not_null(table);
    for (int i = 0; i < TALKERS; i++)
        handshake(table, 200 + i, 3, 0);
    for (int i = 0; i < PACKETS; i++) {
        struct packet syn = make_packet(IP_PROTO_TCP, i & 0xffff, 1024 + i / 65536, 2, 80);
        int talker = 200 + i / 1000 % TALKERS;

        send(table, syn, TCP_SYN, i);
        if (i % 1000 == 0)
            send(table, i / 1000 % 2 ? to_server(talker) : to_client(talker), TCP_ACK, i);
        if (i % 1000 == 0)
            cr_assert_leq(stats_of_table(table).memory, config.memcap);
    }
    cr_expect_eq(tally.answered, 0, "no talker was cut");
    stats = stats_of_table(table);
    cr_expect_eq(stats.flows + stats.active, PACKETS + TALKERS);
    cr_expect_eq(stats.evicted[FLOW_KIND_HALF_OPEN], stats.flows);
    flow_flush(table);
    cr_expect_eq(tally.answered, TALKERS);
    cr_expect_eq(tally.packets, PACKETS + 1000 + 3 * TALKERS);
    cr_expect_eq(tally.packets, stats_of_table(table).packets);
    flow_table_free(table);
}

/* Keeps what the doh set tells of each row. */
struct vectors {
    double x[4][DOH_N_COLUMNS];
    bool sketched[4];
    size_t n;
};

static int64_t work[2 * 8192];

static void keep_vector(void *ctx, const struct flow *flow)
{
    struct vectors *vectors = ctx;

    cr_assert_lt(vectors->n, 4);
    vectors->sketched[vectors->n] = flow->sketch != NULL;
    doh_extract(flow, work, vectors->x[vectors->n++]);
}

/* One flow of n packets with lengths and pauses of some variety. */
static struct vectors play(uint32_t max_samples, int n)
{
    struct flow_config config = rows_config();
    struct vectors vectors = {0};
    static const uint8_t key[16];
    struct flow_table *table;
    uint64_t state = 7;
    int64_t now = 1000 * SECOND;

    config.max_samples = max_samples;
    table = flow_table_new(&config, key, keep_vector, &vectors);
    cr_assert_not_null(table);
    for (int i = 0; i < n; i++) {
        struct packet packet = state % 3 ? to_server(9) : to_client(9);

        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        packet.ip_len = state % 4 ? 1500 : 40 + (uint32_t)(state >> 40) % 1460;
        now += (int64_t)(state >> 40) % 10000000;
        send(table, packet, TCP_ACK, now);
    }
    flow_flush(table);
    flow_table_free(table);
    return vectors;
}

Test(flow_pressure, rows_up_to_max_samples_are_exact)
{
    for (int n = 1; n < 5000; n = 2 * n + 1) {
        struct vectors exact = play(8192, n), same = play((uint32_t)n, n);

        cr_assert_eq(exact.n, 1);
        cr_assert_eq(same.n, 1);
        cr_expect_not(exact.sketched[0] || same.sketched[0]);
        cr_expect_arr_eq(exact.x, same.x, sizeof exact.x[0], "%d packets", n);
    }
}

/* Columns 5..12: lengths, all below 2048 and so exact. 13..20: times, whose mode is exact; 21..28:
 * response times. The third and fourth of each eight are median and mode; two skews follow. */
Test(flow_pressure, longer_rows_are_exact_but_for_medians_and_modes_of_times)
{
    struct vectors exact = play(8192, 8000), near = play(100, 8000);

    cr_assert_eq(near.n, 1);
    cr_expect(near.sketched[0] && !exact.sketched[0]);
    for (int i = 0; i < DOH_N_COLUMNS; i++) {
        double want = exact.x[0][i], got = near.x[0][i], bound = 1e-12 * fabs(want);
        bool median = i == 16 || i == 24, response_mode = i == 25 || i == 27;

        if (median)
            bound = fabs(want) / 128;
        else if (i == 18 || i == 26) /* 3 (mean - median) / deviation */
            bound = 3 * exact.x[0][i - 2] / 128 / exact.x[0][i - 4];
        if (!response_mode)
            cr_expect(fabs(got - want) <= bound, "column %d: %.17g, not %.17g", i, got, want);
    }
}

Test(flow_pressure, a_long_flow_takes_constant_memory)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;
    size_t most = 0;

    config.memcap = (size_t)1 << 20;
    table = rows_table(&config, &rows);
    for (int i = 0; i < 500000; i++) {
        send(table, i % 2 ? to_client(3) : to_server(3), TCP_ACK, i);
        if (i == 10000)
            most = stats_of_table(table).memory;
        if (i > 10000)
            cr_assert_eq(stats_of_table(table).memory, most);
    }
    cr_expect_eq(rows.n, 0);
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    cr_expect_eq(rows_packets(&rows), 500000);
    cr_expect_eq(stats_of_table(table).active, 0);
    flow_table_free(table);
    free(rows.at);
}

/* The next row of a flow starts with samples again. */
Test(flow_pressure, a_row_after_a_sketch_is_exact_again)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;
    size_t before;

    config.max_samples = 10;
    table = rows_table(&config, &rows);
    send(table, to_server(3), TCP_ACK, 0);
    before = stats_of_table(table).memory;
    for (int i = 0; i < 100; i++)
        send(table, to_server(3), TCP_ACK, i * SECOND);
    send(table, to_server(3), TCP_ACK, 121 * SECOND);
    cr_assert_eq(rows.n, 1);
    cr_expect_eq(rows.at[0].end, FLOW_END_ACTIVE);
    cr_expect_eq(rows.at[0].pkts[0], 101);
    cr_expect_eq(stats_of_table(table).memory, before, "the sketch is gone");
    flow_flush(table);
    cr_assert_eq(rows.n, 2);
    cr_expect_eq(rows.at[1].n_samples, 1);
    flow_table_free(table);
    free(rows.at);
}
