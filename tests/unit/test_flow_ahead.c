/* A table that is fed, one packet behind, gives the rows of one that is updated. */
#include "flow_rows.h"

enum { PACKETS = 20000, TEXT_MAX = 40 };

static const char *const texts[] = {"", "220 ready\r\n", "USER root\r\n", "530 no\r\n",
                                    "RETR /etc/passwd\r\n"};

/* Of few hosts, so that flows are taken up again, half of them on FTP's port; times step back. */
static struct packet random_packet(int64_t now)
{
    static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK,
                                    TCP_ACK, TCP_ACK | TCP_FIN, TCP_RST};
    int client = 1 + (int)(random() % 30), cport = 40000 + (int)(random() % 3);
    int sport = random() % 2 ? 21 : 443;
    struct packet packet = random() % 2 ? make_packet(IP_PROTO_TCP, client, cport, 2, sport)
                                        : make_packet(IP_PROTO_TCP, 2, sport, client, cport);

    packet.ts_ns = now - random() % SECOND;
    packet.tcp_flags = flags[random() % 6];
    packet.tcp_seq = (uint32_t)(random() % 100);
    return packet;
}

/* The text is gone after the call. */
static void give(struct flow_table *table,
                 void (*add)(struct flow_table *table, const struct packet *packet),
                 struct packet packet, const char *text)
{
    char buffer[TEXT_MAX];

    packet.payload_len = packet.payload_cap = (uint32_t)strlen(text);
    memcpy(buffer, text, packet.payload_cap);
    packet.payload = (const uint8_t *)buffer;
    add(table, &packet);
    memset(buffer, '#', sizeof buffer);
}

static void expect_equal(const struct flow *a, const struct flow *b)
{
    cr_expect_eq(a->flow_id, b->flow_id);
    cr_expect_eq(a->start_ns, b->start_ns);
    cr_expect_eq(a->end_ns, b->end_ns);
    cr_expect_eq(a->reported_ns, b->reported_ns);
    cr_expect_arr_eq(a->pkts, b->pkts, sizeof a->pkts);
    cr_expect_arr_eq(a->payload, b->payload, sizeof a->payload);
    cr_expect_eq(a->end, b->end);
    cr_expect_arr_eq(&a->content, &b->content, sizeof a->content);
}

Test(flow_ahead, gives_the_same_rows)
{
    struct flow_config config = rows_config();
    struct rows updated = {0}, fed = {0};
    struct flow_table *a = rows_table(&config, &updated), *b = rows_table(&config, &fed);
    int64_t now = 0;

    srandom(7);
    for (int i = 0; i < PACKETS; i++, now += random() % (SECOND / 10)) {
        struct packet packet = random_packet(now);
        const char *text = texts[random() % 5];

        give(a, flow_update, packet, text);
        give(b, flow_feed, packet, text);
    }
    flow_flush(a);
    flow_flush(b);
    cr_assert_eq(updated.n, fed.n);
    cr_expect_eq(rows_packets(&fed), PACKETS);
    for (size_t i = 0; i < fed.n; i++)
        expect_equal(&updated.at[i], &fed.at[i]);
    flow_table_free(a);
    flow_table_free(b);
    free(updated.at);
    free(fed.at);
}

Test(flow_ahead, any_other_call_sees_to_the_packet_first)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table = rows_table(&config, &rows);
    struct packet packet = make_packet(IP_PROTO_UDP, 1, 40000, 2, 53);
    struct flow_stats stats;

    flow_feed(table, &packet);
    flow_advance(table, SECOND);
    flow_table_stats(table, &stats);
    cr_expect_eq(stats.active, 1);
    flow_feed(table, &packet);
    flow_update(table, &packet);
    flow_feed(table, &packet);
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    cr_expect_eq(rows.at[0].pkts[FLOW_TO_SERVER], 4);
    flow_table_free(table);
    free(rows.at);
}

Test(flow_ahead, content_is_not_looked_at_unless_asked_for)
{
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table;

    config.content = false;
    table = rows_table(&config, &rows);
    give(table, flow_feed, make_packet(IP_PROTO_TCP, 1, 40000, 2, 21), "");
    give(table, flow_feed, make_packet(IP_PROTO_TCP, 2, 21, 1, 40000), "220 ready\r\n");
    give(table, flow_feed, make_packet(IP_PROTO_TCP, 1, 40000, 2, 21), "RETR /etc/passwd\r\n");
    flow_flush(table);
    cr_assert_eq(rows.n, 1);
    cr_expect_eq(rows.at[0].content.hot, 0);
    cr_expect_eq(rows.at[0].content.num_access_files, 0);
    flow_table_free(table);
    free(rows.at);
}
