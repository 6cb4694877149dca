/* flood [FLOWS]: a SYN flood of so many flows (20 million) among flows that talk, from a generator
 * in this process. Shows that the flow table's memory stays flat at its cap, that established flows
 * survive, and that its counters add up. Exits 0 if so. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "features/flow.h"

enum { TALKERS = 1000, SYNS_PER_TALK = 100, NANOS_PER_SYN = 1000 };

struct tally {
    uint64_t rows, packets, evicted, talks_cut;
};

static void on_flow(void *ctx, const struct flow *flow)
{
    struct tally *tally = ctx;

    tally->rows++;
    tally->packets += flow->pkts[FLOW_TO_SERVER] + flow->pkts[FLOW_TO_CLIENT];
    tally->evicted += flow->end == FLOW_END_EVICTED;
    tally->talks_cut += flow->end == FLOW_END_EVICTED && flow->id.dport == 443;
}

static struct packet tcp_packet(uint32_t src, uint16_t sport, uint16_t dport, int64_t ts_ns)
{
    struct packet packet = {.ts_ns = ts_ns,
                            .ip_version = 4,
                            .proto = IP_PROTO_TCP,
                            .sport = sport,
                            .dport = dport,
                            .ip_len = 60};

    for (int i = 0; i < 4; i++)
        packet.src.bytes[i] = (uint8_t)(src >> (24 - 8 * i));
    packet.dst = (struct ip_addr){{192, 168, 0, 5}};
    return packet;
}

/* One packet of a flow to port 443 that talks both ways. */
static void talk(struct flow_table *table, uint32_t talker, uint64_t turn, int64_t ts_ns)
{
    struct packet packet = tcp_packet(0x0a000000 + talker, 50000, 443, ts_ns);

    packet.tcp_flags = turn == 0 ? TCP_SYN : TCP_ACK;
    if (turn % 2 == 1) {
        struct ip_addr server = packet.dst;

        packet.dst = packet.src;
        packet.src = server;
        packet.sport = 443;
        packet.dport = 50000;
        packet.tcp_flags = turn == 1 ? TCP_SYN | TCP_ACK : TCP_ACK;
    }
    flow_update(table, &packet);
}

static void flood(struct flow_table *table, uint64_t flows)
{
    int64_t now = 0;

    for (uint64_t i = 0; i < flows; i++, now += NANOS_PER_SYN) {
        /* port and address count together: no flow comes twice */
        struct packet syn =
            tcp_packet(0x40000000 + (uint32_t)(i / 60000), (uint16_t)(1024 + i % 60000), 80, now);

        syn.tcp_flags = TCP_SYN;
        flow_update(table, &syn);
        if (i % SYNS_PER_TALK == 0) {
            uint64_t turn = i / SYNS_PER_TALK;

            talk(table, (uint32_t)(turn % TALKERS), turn / TALKERS, now);
        }
    }
}

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static bool check(const char *what, bool holds)
{
    printf("%s: %s\n", what, holds ? "yes" : "NO");
    return holds;
}

static void print_stats(const struct flow_stats *stats, double seconds)
{
    printf("%" PRIu64 " packets in %.2f s: %.2f million a second\n", stats->packets, seconds,
           (double)stats->packets / seconds / 1e6);
    printf("%zu flows in the table, %zu bytes, %.0f a flow; %ld KiB resident at most\n",
           stats->active, stats->memory, (double)stats->memory / (double)stats->active, peak_kib());
    for (enum flow_kind kind = 0; kind < FLOW_KIND_COUNT; kind++)
        printf("evicted, %s: %" PRIu64 "\n", flow_kind_name(kind), stats->evicted[kind]);
}

int main(int argc, char **argv)
{
    static const uint8_t key[16] = "flood";
    uint64_t flows = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000000;
    struct tally tally = {0};
    struct flow_table *table = flow_table_new(&flow_config_default, key, on_flow, &tally);
    uint64_t talks = (flows + SYNS_PER_TALK - 1) / SYNS_PER_TALK;
    struct flow_stats stats;
    clock_t start = clock();
    bool good = true;

    if (table == NULL) {
        perror("flood");
        return EXIT_FAILURE;
    }
    flood(table, flows);
    flow_table_stats(table, &stats);
    print_stats(&stats, (double)(clock() - start) / CLOCKS_PER_SEC);
    good &= check("memory is within memcap", stats.memory <= flow_config_default.memcap);
    good &= check("no established flow was cut", tally.talks_cut == 0);
    flow_flush(table);
    flow_table_stats(table, &stats);
    good &= check("every packet is in one row",
                  tally.packets == flows + talks && tally.packets == stats.packets);
    good &= check("every row is counted", tally.rows == stats.flows);
    good &= check("every eviction is counted by kind",
                  tally.evicted ==
                      stats.evicted[FLOW_KIND_HALF_OPEN] + stats.evicted[FLOW_KIND_ESTABLISHED]);
    flow_table_free(table);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
