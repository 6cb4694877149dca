#include "meter.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "features/extractor.h"
#include "log.h"

struct meter {
    meter_sink *sink;
    void *ctx;
    bool stopped;
    struct decoder *decoder;
    const struct row_rule *rule; /* NULL: native rows */
    void *rows;                  /* the rule's state */
    struct flow_table *table;    /* of native rows, as the following */
    struct feature_extractor *extractor;
    double *x;
    struct meter_stats stats; /* without those of decoder and table, which count */
};

static void on_flow(void *ctx, const struct flow *flow)
{
    struct meter *meter = ctx;

    if (meter->stopped) {
        meter->stats.abandoned++;
        return;
    }
    feature_extract(meter->extractor, flow, meter->x);
    meter->stopped = meter->sink(meter->ctx, flow, meter->x) < 0;
}

static void on_row(void *ctx, const struct flow *row, const double *x)
{
    struct meter *meter = ctx;

    if (meter->stopped)
        return;
    meter->stats.flows.flows++;
    meter->stopped = meter->sink(meter->ctx, row, x) < 0;
}

/* rc: of a rule's function. */
static void check_memory(struct meter *meter, int rc)
{
    if (rc == 0)
        return;
    log_error("%s", strerror(errno));
    meter->stopped = true;
}

static int native_init(struct meter *meter, const struct meter_config *config,
                       const uint8_t key[16])
{
    struct flow_config flow = config->flow;

    flow.content = config->set->content;
    meter->table = flow_table_new(&flow, key, on_flow, meter);
    meter->extractor = feature_extractor_new(config->set, config->flow.max_samples, key);
    meter->x = calloc(config->set->n_columns, sizeof *meter->x);
    return meter->table && meter->extractor && meter->x ? 0 : -1;
}

static int rule_init(struct meter *meter, const struct row_rule *rule)
{
    meter->rule = rule;
    meter->rows = rule->new (on_row, meter);
    return meter->rows ? 0 : -1;
}

struct meter *meter_new(const struct meter_config *config, meter_sink *sink, void *ctx)
{
    struct meter *meter = calloc(1, sizeof *meter);
    uint8_t key[16];

    if (!meter)
        return NULL;
    randombytes_buf(key, sizeof key);
    meter->sink = sink;
    meter->ctx = ctx;
    meter->decoder = decoder_new(key);
    if (!meter->decoder ||
        (config->rule ? rule_init(meter, config->rule) : native_init(meter, config, key)) < 0) {
        meter_free(meter);
        return NULL;
    }
    decoder_set_tunnels(meter->decoder, config->rule ? TUNNELS_NONE : config->tunnels);
    return meter;
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    if (meter->rows)
        meter->rule->free(meter->rows);
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
    if (meter->rule) {
        if (result == DECODE_OK || result == DECODE_FRAGMENT)
            check_memory(meter, meter->rule->packet(meter->rows, &packet));
    } else if (result == DECODE_OK) {
        flow_feed(meter->table, &packet);
    }
}

void meter_advance(struct meter *meter, int64_t now_ns)
{
    flow_advance(meter->table, now_ns);
}

void meter_flush(struct meter *meter)
{
    if (!meter->rule) {
        flow_flush(meter->table);
        return;
    }
    check_memory(meter, meter->rule->flush(meter->rows));
    meter->rule->free(meter->rows);
    check_memory(meter, rule_init(meter, meter->rule));
}

bool meter_stopped(const struct meter *meter)
{
    return meter->stopped;
}

void meter_stats(const struct meter *meter, struct meter_stats *out)
{
    *out = meter->stats;
    decoder_get_stats(meter->decoder, &out->decoder);
    if (!meter->rule)
        flow_table_stats(meter->table, &out->flows);
}
