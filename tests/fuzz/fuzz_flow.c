/* Frames to packets to flows to the feature vectors of every set. Everything is counted. */
#include <math.h>

#include "features/extractor.h"
#include "features/flow.h"
#include "frames.h"

enum { MAX_FLOWS = 16, MAX_PACKETS = 32, MEMCAP = 16 << 10 };

static const uint8_t key[16] = "not very secret";

struct rows {
    struct feature_extractor *extractor;
    const struct feature_set *set;
    uint64_t n, packets;
};

static void on_flow(void *ctx, const struct flow *flow)
{
    struct rows *rows = ctx;
    double x[FEATURE_COLUMNS_MAX];

    fuzz_check(flow->pkts[0] + flow->pkts[1] > 0);
    fuzz_check(flow->pkts[0] + flow->pkts[1] <= MAX_PACKETS);
    fuzz_check(flow->start_ns <= flow->end_ns);
    rows->n++;
    rows->packets += flow->pkts[0] + flow->pkts[1];
    feature_extract(rows->extractor, flow, x);
    for (size_t i = 0; i < rows->set->n_columns; i++)
        fuzz_check(isfinite(x[i]) || isnan(x[i]));
}

static uint64_t fill(struct flow_table *table, struct decoder *decoder, struct frame_stream stream)
{
    struct flow_stats stats;
    struct packet packet;
    struct frame frame;
    uint64_t packets = 0;
    int linktype;

    while (frame_next(&stream, &frame, &linktype)) {
        if (decode_packet(decoder, linktype, &frame, &packet) != DECODE_OK)
            continue;
        flow_update(table, &packet);
        packets++;
        flow_table_stats(table, &stats);
        fuzz_check(stats.memory <= MEMCAP && stats.active <= MAX_FLOWS);
    }
    return packets;
}

static void run(struct feature_extractor *extractor, const struct feature_set *set,
                struct decoder *decoder, struct frame_stream stream)
{
    struct flow_config config = flow_config_default;
    struct rows rows = {.extractor = extractor, .set = set};
    struct flow_stats stats;
    struct flow_table *table;
    uint64_t packets;

    config.max_flows = MAX_FLOWS;
    config.max_samples = MAX_PACKETS;
    config.memcap = MEMCAP;
    table = flow_table_new(&config, key, on_flow, &rows);
    fuzz_check(table);
    packets = fill(table, decoder, stream);
    flow_flush(table);
    flow_table_stats(table, &stats);
    fuzz_check(stats.active == 0 && stats.flows == rows.n);
    fuzz_check(stats.packets == packets && rows.packets == packets);
    flow_table_free(table);
}

/* Extractors live as long as decoders do, for the same reason. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SETS_MAX = 8 };
    static struct feature_extractor *extractors[SETS_MAX];
    struct frame_stream stream = {.at = data, .left = size};
    struct decoder *decoder = fuzz_decoder(&stream);
    const struct feature_set *const *sets = feature_sets();

    for (size_t i = 0; i < SETS_MAX && sets[i]; i++) {
        if (stream.ts_ns == 0) {
            feature_extractor_free(extractors[i]);
            extractors[i] = feature_extractor_new(sets[i], MAX_PACKETS, key);
            fuzz_check(extractors[i]);
        }
        run(extractors[i], sets[i], decoder, stream);
    }
    return 0;
}
