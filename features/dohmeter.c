#include "dohmeter.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "doh.h"
#include "doh_columns.h"
#include "nanos.h"

#define IDLE_NS      (40 * NANOS_PER_SECOND)
#define TOO_LONG_NS  (120 * NANOS_PER_SECOND) /* starts a collection */
#define OLD_NS       (90 * NANOS_PER_SECOND)  /* is collected */
#define COLLECT_EACH 10000                    /* packets */

/* Compares as bytes: no padding. */
struct segment_key {
    uint8_t src[4], dst[4];
    uint16_t sport, dport;
    uint32_t number; /* of the segment */
};
_Static_assert(sizeof(struct segment_key) == 16, "keys compare as bytes");

struct segment {
    struct segment_key key; /* first: the tree compares segments by it */
    uint8_t proto;          /* of the packet that opened it */
    TAILQ_ENTRY(segment) link;
    int64_t start_ns, latest_ns;
    struct flow_sample *samples;
    uint32_t n_samples, capacity;
};

TAILQ_HEAD(segment_list, segment);

struct dohmeter {
    row_sink *sink;
    void *ctx;
    void *tree;                /* of segments, tsearch(3)'s */
    struct segment_list order; /* the same, oldest first */
    uint64_t packets;
    int64_t *work; /* room for the longest segment's samples twice */
    uint32_t work_capacity;
};

static void *dohmeter_new(row_sink *sink, void *ctx)
{
    struct dohmeter *meter = calloc(1, sizeof *meter);

    if (meter == NULL)
        return NULL;
    meter->sink = sink;
    meter->ctx = ctx;
    TAILQ_INIT(&meter->order);
    return meter;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct segment_key));
}

static struct segment *find(struct dohmeter *meter, const struct segment_key *key)
{
    struct segment *const *node = tfind(key, &meter->tree, compare);

    return node == NULL ? NULL : *node;
}

/* The key must not be there. Returns NULL with errno ENOMEM. */
static struct segment *open_segment(struct dohmeter *meter, const struct segment_key *key,
                                    uint8_t proto)
{
    struct segment *segment = calloc(1, sizeof *segment);

    if (segment == NULL)
        return NULL;
    segment->key = *key;
    segment->proto = proto;
    if (tsearch(segment, &meter->tree, compare) == NULL) {
        free(segment);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&meter->order, segment, link);
    return segment;
}

static void close_segment(struct dohmeter *meter, struct segment *segment)
{
    tdelete(segment, &meter->tree, compare);
    TAILQ_REMOVE(&meter->order, segment, link);
    free(segment->samples);
    free(segment);
}

static void dohmeter_free(void *state)
{
    struct dohmeter *meter = state;
    struct segment *segment;

    if (meter == NULL)
        return;
    while ((segment = TAILQ_FIRST(&meter->order)) != NULL)
        close_segment(meter, segment);
    free(meter->work);
    free(meter);
}

static struct flow row_of(const struct segment *segment)
{
    const struct segment_key *key = &segment->key;
    struct flow row = {
        .id = {.sport = key->sport, .dport = key->dport, .ip_version = 4, .proto = segment->proto},
        .start_ns = segment->samples[0].ts_ns,
        .end_ns = segment->latest_ns,
        .samples = segment->samples,
        .n_samples = segment->n_samples,
    };

    memcpy(row.id.src.bytes, key->src, sizeof key->src);
    memcpy(row.id.dst.bytes, key->dst, sizeof key->dst);
    for (uint32_t i = 0; i < segment->n_samples; i++) {
        row.pkts[segment->samples[i].dir]++;
        row.bytes[segment->samples[i].dir] += segment->samples[i].len;
    }
    return row;
}

static void report(struct dohmeter *meter, struct segment *segment)
{
    struct flow row = row_of(segment);
    double x[DOH_N_COLUMNS];

    doh_extract(&row, meter->work, x);
    meter->sink(meter->ctx, &row, x);
    close_segment(meter, segment);
}

static int64_t length_ns(const struct segment *segment)
{
    return nanos_between(segment->start_ns, segment->latest_ns);
}

static void collect(struct dohmeter *meter, int64_t now_ns)
{
    struct segment *next;

    for (struct segment *segment = TAILQ_FIRST(&meter->order); segment != NULL; segment = next) {
        next = TAILQ_NEXT(segment, link);
        if (nanos_between(segment->latest_ns, now_ns) > IDLE_NS || length_ns(segment) > OLD_NS)
            report(meter, segment);
    }
}

static int reserve_work(struct dohmeter *meter, uint32_t n_samples)
{
    int64_t *work;

    if (n_samples <= meter->work_capacity)
        return 0;
    work = reallocarray(meter->work, n_samples, 2 * sizeof *work);
    if (work == NULL)
        return -1;
    meter->work = work;
    meter->work_capacity = n_samples;
    return 0;
}

static int reserve_sample(struct dohmeter *meter, struct segment *segment)
{
    uint32_t capacity = segment->capacity > 0 ? 2 * segment->capacity : 4;
    struct flow_sample *samples;

    if (segment->n_samples < segment->capacity)
        return 0;
    samples = reallocarray(segment->samples, capacity, sizeof *samples);
    if (samples == NULL)
        return -1;
    segment->samples = samples;
    segment->capacity = capacity;
    return reserve_work(meter, capacity);
}

static int append(struct dohmeter *meter, struct segment *segment, const struct packet *packet,
                  enum flow_dir dir)
{
    if (reserve_sample(meter, segment) < 0)
        return -1;
    segment->samples[segment->n_samples++] = (struct flow_sample){
        .ts_ns = packet->ts_ns, .len = packet->frame_cap & INT32_MAX, .dir = dir & 1};
    if (packet->ts_ns > segment->latest_ns)
        segment->latest_ns = packet->ts_ns;
    if (segment->start_ns == 0)
        segment->start_ns = packet->ts_ns;
    return 0;
}

/* The segment of the same key that a packet belongs to which finds segment 0 silent for too long.
 * Returns NULL with errno ENOMEM. */
static struct segment *later_segment(struct dohmeter *meter, struct segment *first,
                                     const struct packet *packet)
{
    struct segment_key key = first->key;
    int64_t allowed_ns = IDLE_NS;

    for (struct segment *segment = first; segment != NULL; segment = find(meter, &key)) {
        if (nanos_between(segment->latest_ns, packet->ts_ns) <= allowed_ns)
            return segment;
        key.number++;
        allowed_ns += IDLE_NS;
    }
    return open_segment(meter, &key, packet->proto);
}

/* As if the packet's sender were the one that the key puts first. */
static struct segment_key sent_key(const struct packet *packet)
{
    struct segment_key key = {.sport = packet->sport, .dport = packet->dport};

    memcpy(key.src, packet->src.bytes, sizeof key.src);
    memcpy(key.dst, packet->dst.bytes, sizeof key.dst);
    return key;
}

static struct segment_key received_key(const struct packet *packet)
{
    struct segment_key key = {.sport = packet->dport, .dport = packet->sport};

    memcpy(key.src, packet->dst.bytes, sizeof key.src);
    memcpy(key.dst, packet->src.bytes, sizeof key.dst);
    return key;
}

/* Returns NULL with errno ENOMEM. */
static struct segment *segment_of(struct dohmeter *meter, const struct packet *packet,
                                  enum flow_dir *dir)
{
    struct segment_key sent = sent_key(packet), received = received_key(packet);
    struct segment *segment = find(meter, &sent);

    *dir = FLOW_TO_SERVER;
    if (segment == NULL && (segment = find(meter, &received)) != NULL)
        *dir = FLOW_TO_CLIENT;
    if (segment == NULL)
        return open_segment(meter, &sent, packet->proto);
    return later_segment(meter, segment, packet);
}

static bool is_used(const struct packet *packet)
{
    return packet->ip_version == 4 && !packet->later_fragment &&
           (packet->proto == IP_PROTO_TCP || packet->proto == IP_PROTO_UDP);
}

static int dohmeter_packet(void *state, const struct packet *packet)
{
    struct dohmeter *meter = state;
    struct segment *segment;
    enum flow_dir dir;

    if (!is_used(packet))
        return 0;
    segment = segment_of(meter, packet, &dir);
    if (segment == NULL || append(meter, segment, packet, dir) < 0)
        return -1;
    meter->packets++;
    if (meter->packets % COLLECT_EACH == 0 || length_ns(segment) > TOO_LONG_NS)
        collect(meter, packet->ts_ns);
    return 0;
}

static int dohmeter_flush(void *state)
{
    struct dohmeter *meter = state;
    struct segment *segment;

    while ((segment = TAILQ_FIRST(&meter->order)) != NULL)
        report(meter, segment);
    return 0;
}

const struct row_rule dohmeter_rule = {
    .name = "dohmeter",
    .filter = "tcp port 443",
    .set = &doh_set,
    .new = dohmeter_new,
    .free = dohmeter_free,
    .packet = dohmeter_packet,
    .flush = dohmeter_flush,
};
