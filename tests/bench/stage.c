/* stage STAGE FILE: reads a capture and does with each packet what STAGE says, no more; for
 * tests/bench/packets, which measures it from outside.
 *
 *   loop        libpcap alone: an empty callback
 *   decode      da3dd's reading and decoding
 *   flow-table  and the flow table
 *   SET         and the features of that set for each row
 *
 * Prints the packets it has read and a number that depends on what it did. */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/capture.h"
#include "features/decode.h"
#include "features/extractor.h"
#include "features/flow.h"

static const uint8_t key[16] = "benchmark";

struct line {
    struct decoder *decoder;
    struct flow_table *table;            /* NULL: decodes alone */
    struct feature_extractor *extractor; /* NULL: no features */
    double x[FEATURE_COLUMNS_MAX];
    double sum; /* of something from every row or packet, so that no work is left out */
};

static void count(u_char *ctx, const struct pcap_pkthdr *header, const u_char *data)
{
    uint64_t *packets = (uint64_t *)(void *)ctx;

    (void)header;
    (void)data;
    ++*packets;
}

static int fail(const char *path, const char *reason)
{
    fprintf(stderr, "%s: %s\n", path, reason);
    return EXIT_FAILURE;
}

static int empty_loop(const char *path)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, reason);
    uint64_t packets = 0;

    if (pcap == NULL)
        return fail(path, reason);
    pcap_loop(pcap, -1, count, (u_char *)&packets);
    pcap_close(pcap);
    printf("%" PRIu64 " 0\n", packets);
    return EXIT_SUCCESS;
}

static void on_flow(void *ctx, const struct flow *flow)
{
    struct line *line = ctx;

    line->sum += (double)flow->bytes[0];
    if (line->extractor == NULL)
        return;
    feature_extract(line->extractor, flow, line->x);
    line->sum += line->x[0];
}

/* Returns whether STAGE is one. */
static bool line_init(struct line *line, const char *stage)
{
    const struct feature_set *set = feature_set_find(stage);
    struct flow_config config = flow_config_default;

    config.content = set != NULL && set->content;
    line->decoder = decoder_new(key);
    if (set != NULL)
        line->extractor = feature_extractor_new(set, config.max_samples, key);
    if (set != NULL || strcmp(stage, "flow-table") == 0)
        line->table = flow_table_new(&config, key, on_flow, line);
    return line->table != NULL || strcmp(stage, "decode") == 0;
}

static void line_clear(struct line *line)
{
    feature_extractor_free(line->extractor);
    flow_table_free(line->table);
    decoder_free(line->decoder);
}

static uint64_t read_all(struct line *line, struct capture *capture)
{
    struct da3d_error error;
    struct packet packet;
    struct frame frame;
    uint64_t packets;

    for (packets = 0; capture_next(capture, &frame, &error) > 0; packets++) {
        if (decode_packet(line->decoder, capture_linktype(capture), &frame, &packet) != DECODE_OK)
            continue;
        if (line->table != NULL)
            flow_feed(line->table, &packet);
        else
            line->sum += packet.ip_len;
    }
    if (line->table != NULL)
        flow_flush(line->table);
    return packets;
}

static int run(const char *stage, const char *path)
{
    static struct line line;
    struct da3d_error error;
    struct unpack *source;
    struct capture *capture;

    if (!line_init(&line, stage))
        return fail(stage, "no such stage");
    source = unpack_open(path, &error);
    if (source == NULL)
        return fail(path, error.text);
    capture = capture_open(source, &error);
    if (capture == NULL)
        return fail(path, error.text);
    printf("%" PRIu64 " ", read_all(&line, capture));
    printf("%.17g\n", line.sum);
    capture_close(capture);
    line_clear(&line);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: stage loop|decode|flow-table|SET FILE\n", stderr);
        return 2;
    }
    return strcmp(argv[1], "loop") == 0 ? empty_loop(argv[2]) : run(argv[1], argv[2]);
}
