/* Frames to packets to the rows of other tools, by each of their rules. */
#include <math.h>

#include "features/row_rule.h"
#include "frames.h"

static void on_row(void *ctx, const struct flow *row, const double *x)
{
    const struct row_rule *rule = ctx;

    fuzz_check(row->pkts[0] + row->pkts[1] > 0);
    for (size_t i = 0; i < rule->set->n_columns; i++)
        fuzz_check(isfinite(x[i]) || isnan(x[i]));
}

static void run(const struct row_rule *rule, struct decoder *decoder, struct frame_stream stream)
{
    union {
        const struct row_rule *rule;
        void *ctx;
    } ctx = {.rule = rule};
    void *state = rule->new (on_row, ctx.ctx);
    enum decode_result result;
    struct packet packet;
    struct frame frame;
    int linktype;

    fuzz_check(state);
    while (frame_next(&stream, &frame, &linktype)) {
        result = decode_packet(decoder, linktype, &frame, &packet);
        if (result == DECODE_OK || result == DECODE_FRAGMENT)
            fuzz_check(rule->packet(state, &packet) == 0);
    }
    fuzz_check(rule->flush(state) == 0);
    rule->free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_stream stream = {.at = data, .left = size};
    struct decoder *decoder = fuzz_decoder(&stream);

    decoder_set_tunnels(decoder, TUNNELS_NONE);
    run(row_rule_find("dohmeter"), decoder, stream);
    run(row_rule_find("kdd99"), decoder, stream);
    return 0;
}
