#include "meter.h"

#include <sodium.h>
#include <stdlib.h>

#include "features/extractor.h"

struct meter {
    meter_sink *sink;
    void *ctx;
    bool stopped;
    struct decoder *decoder;
    struct flow_table *table;
    struct feature_extractor *extractor;
    double *x;
    struct meter_stats stats; /* without those of decoder and table, which count */
};

static void on_flow(void *ctx, const struct flow *flow)
{
    struct meter *meter = ctx;

    if (meter->stopped)
        return;
    feature_extract(meter->extractor, flow, meter->x);
    meter->stopped = meter->sink(meter->ctx, flow, meter->x) < 0;
}

struct meter *meter_new(const struct meter_config *config, meter_sink *sink, void *ctx)
{
    const struct flow_config *flow = config->flow ? config->flow : &flow_config_default;
    struct meter *meter = calloc(1, sizeof *meter);
    uint8_t key[16];

    if (!meter)
        return NULL;
    randombytes_buf(key, sizeof key);
    meter->sink = sink;
    meter->ctx = ctx;
    meter->decoder = decoder_new(key);
    meter->table = flow_table_new(flow, key, on_flow, meter);
    meter->extractor = feature_extractor_new(config->set, flow->max_packets, key);
    meter->x = calloc(config->set->n_columns, sizeof *meter->x);
    if (!meter->decoder || !meter->table || !meter->extractor || !meter->x) {
        meter_free(meter);
        return NULL;
    }
    decoder_set_tunnels(meter->decoder, config->tunnels);
    return meter;
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    decoder_free(meter->decoder);
    flow_table_free(meter->table);
    feature_extractor_free(meter->extractor);
    free(meter->x);
    free(meter);
}

void meter_frame(struct meter *meter, int linktype, const struct frame *frame)
{
    enum decode_result result;
    struct packet packet;

    meter->stats.frames++;
    meter->stats.bytes += frame->wirelen;
    result = decode_packet(meter->decoder, linktype, frame, &packet);
    meter->stats.decoded[result]++;
    if (result == DECODE_OK)
        flow_update(meter->table, &packet);
}

void meter_advance(struct meter *meter, int64_t now_ns)
{
    flow_advance(meter->table, now_ns);
}

void meter_flush(struct meter *meter)
{
    flow_flush(meter->table);
}

bool meter_stopped(const struct meter *meter)
{
    return meter->stopped;
}

void meter_stats(const struct meter *meter, struct meter_stats *out)
{
    *out = meter->stats;
    decoder_get_stats(meter->decoder, &out->decoder);
    flow_table_stats(meter->table, &out->flows);
}
