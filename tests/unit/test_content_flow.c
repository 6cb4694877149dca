/* Content within the flow table: whom it looks at, what it holds, what a row keeps. */
#include "content_expect.h"
#include "flow_rows.h"

enum { CLIENT = 1, SERVER = 2, CPORT = 40000 };

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

TestSuite(content_flow, .init = set_up, .fini = tear_down);

static struct packet tcp(int sport, int dport, bool from_server, uint8_t flags)
{
    struct packet packet = from_server ? make_packet(IP_PROTO_TCP, SERVER, dport, CLIENT, sport)
                                       : make_packet(IP_PROTO_TCP, CLIENT, sport, SERVER, dport);

    packet.tcp_flags = flags;
    return packet;
}

static void give(struct packet packet, int64_t ts_ns, uint32_t seq, const char *text)
{
    packet.ts_ns = ts_ns;
    packet.tcp_seq = seq;
    packet.payload = (const uint8_t *)text;
    packet.payload_len = packet.payload_cap = (uint32_t)strlen(text);
    flow_update(table, &packet);
}

static void handshake(int sport, int dport)
{
    give(tcp(sport, dport, false, TCP_SYN), 0, 0, "");
    give(tcp(sport, dport, true, TCP_SYN | TCP_ACK), 0, 0, "");
}

static size_t memory(void)
{
    struct flow_stats stats;

    flow_table_stats(table, &stats);
    return stats.memory;
}

static uint64_t uninspected(void)
{
    struct flow_stats stats;

    flow_table_stats(table, &stats);
    return stats.uninspected;
}

Test(content_flow, a_row_tells_what_was_said)
{
    struct content_counts expected = {.hot = 1, .logged_in = 1, .num_access_files = 1};

    handshake(CPORT, 21);
    give(tcp(CPORT, 21, true, TCP_ACK), 1, 1, "220 ready\r\n");
    give(tcp(CPORT, 21, false, TCP_ACK), 2, 1, "USER ann\r\n");
    give(tcp(CPORT, 21, true, TCP_ACK), 3, 12, "230 in\r\n");
    give(tcp(CPORT, 21, false, TCP_ACK | TCP_FIN), 4, 11, "RETR /etc/passwd\r\n");
    flow_flush(table);
    expect_counts("row", &rows.at[0].content, &expected);
}

Test(content_flow, numbers_start_anew_in_the_next_row)
{
    struct content_counts first = {.hot = 1, .logged_in = 1, .is_guest_login = 1};
    struct content_counts second = {.logged_in = 1, .num_access_files = 1, .is_guest_login = 1};

    handshake(CPORT, 21);
    give(tcp(CPORT, 21, false, TCP_ACK), 1, 1, "USER ftp\r\n");
    give(tcp(CPORT, 21, true, TCP_ACK), 2, 1, "230 in\r\n");
    for (int64_t s = 30; s <= 120; s += 30)
        give(tcp(CPORT, 21, false, TCP_ACK), s * SECOND, 11, "");
    give(tcp(CPORT, 21, false, TCP_ACK), 130 * SECOND, 11, "SIZE .rhosts\r\n");
    flow_flush(table);
    cr_assert_eq(rows.n, 2);
    expect_counts("first", &rows.at[0].content, &first);
    expect_counts("second", &rows.at[1].content, &second);
}

/* Neither a flood nor what cannot be read takes memory. */
Test(content_flow, only_readable_sessions_take_memory)
{
    size_t before;

    give(tcp(1, 80, false, TCP_SYN), 0, 0, "GET / HTTP/1.1\r\n");
    handshake(2, 443);
    handshake(3, 9999);
    handshake(4, 9999);
    before = memory();
    give(tcp(1, 80, false, TCP_ACK), 1, 17, "GET / HTTP/1.1\r\n");
    give(tcp(2, 443, false, TCP_ACK), 1, 1, "\x16\x03\x01");
    give(tcp(2, 443, true, TCP_ACK), 1, 1, "+OK");
    give(tcp(4, 9999, true, TCP_ACK), 1, 1, "hello");
    cr_expect_eq(memory(), before);
    give(tcp(3, 9999, false, TCP_ACK), 1, 1, "GET / HTTP/1.1\r\n");
    cr_expect_gt(memory(), before);
    give(tcp(3, 9999, false, TCP_ACK), 1, 17, "\x16\x03\x01");
    cr_expect_eq(memory(), before, "TLS ends it");
    cr_expect_eq(uninspected(), 0);
}

Test(content_flow, memory_is_bounded)
{
    struct flow_config config = rows_config();
    struct flow_stats stats;

    config.memcap = (size_t)1 << 20;
    flow_table_free(table);
    table = rows_table(&config, &rows);
    for (int i = 0; i < 1000; i++) {
        handshake(1000 + i, 80);
        give(tcp(1000 + i, 80, false, TCP_ACK), 0, 1, "GET / HTTP/1.1\r\n");
        cr_assert_leq(memory(), config.memcap);
    }
    flow_table_stats(table, &stats);
    cr_expect_gt(stats.uninspected, 0);
    cr_expect_lt(stats.uninspected, 1000);
    flow_flush(table);
    handshake(CPORT, 80);
    give(tcp(CPORT, 80, false, TCP_ACK), 0, 1, "GET / HTTP/1.1\r\n");
    cr_expect_eq(uninspected(), stats.uninspected, "memory is free again");
}
