#include "kdd99.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "kdd.h"
#include "kdd99_state.h"
#include "kdd99_windows.h"
#include "kdd_columns.h"

#define NS_PER_US INT64_C(1000)
#define US_PER_S  INT64_C(1000000)

struct conversation_key {
    struct ip_addr src, dst;
    uint16_t sport, dport;
    uint8_t proto;
};

struct conversation {
    struct conversation_key key; /* first: the tree compares conversations by it */
    enum kdd99_state state;
    enum service service;
    int64_t start_us, last_us; /* last_us: of the packet that came last */
    uint64_t pkts[2], bytes[2];
    uint64_t urgent;
    TAILQ_ENTRY(conversation) link;
};

struct kdd99 {
    row_sink *sink;
    void *ctx;
    void *tree; /* of conversations, tsearch(3)'s */
    TAILQ_HEAD(, conversation) all;
    size_t n;
    struct conversation **ended; /* room for all of them */
    size_t ended_capacity;
    int64_t swept_us; /* when timeouts were last looked at */
    struct kdd99_windows *windows;
};

static void kdd99_free(void *state);

static void *kdd99_new(row_sink *sink, void *ctx)
{
    struct kdd99 *kdd = calloc(1, sizeof *kdd);

    if (kdd == NULL)
        return NULL;
    kdd->sink = sink;
    kdd->ctx = ctx;
    TAILQ_INIT(&kdd->all);
    kdd->windows = kdd99_windows_new();
    if (kdd->windows == NULL) {
        kdd99_free(kdd);
        return NULL;
    }
    return kdd;
}

/* The tool compares addresses as numbers of its host, which is little-endian. */
static uint32_t address(const struct ip_addr *addr)
{
    const uint8_t *bytes = addr->bytes;

    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static int order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* In the order of the tool's map. */
static int compare(const void *a, const void *b)
{
    const struct conversation_key *one = a, *other = b;
    int result = order(one->proto, other->proto);

    if (result == 0)
        result = order(address(&one->src), address(&other->src));
    if (result == 0)
        result = order(address(&one->dst), address(&other->dst));
    if (result == 0)
        result = order(one->sport, other->sport);
    return result != 0 ? result : order(one->dport, other->dport);
}

static int compare_ended(const void *a, const void *b)
{
    const struct conversation *const *one = a, *const *other = b;

    if ((*one)->last_us != (*other)->last_us)
        return (*one)->last_us > (*other)->last_us ? 1 : -1;
    return compare(*one, *other);
}

static struct conversation *find(struct kdd99 *kdd, const struct conversation_key *key)
{
    struct conversation *const *node = tfind(key, &kdd->tree, compare);

    return node == NULL ? NULL : *node;
}

/* Room in ended[] for one conversation more than there are. */
static int reserve(struct kdd99 *kdd)
{
    size_t capacity = kdd->ended_capacity > 0 ? 2 * kdd->ended_capacity : 256;
    struct conversation **ended;

    if (kdd->n < kdd->ended_capacity)
        return 0;
    ended = reallocarray(kdd->ended, capacity, sizeof(struct conversation *));
    if (ended == NULL)
        return -1;
    kdd->ended = ended;
    kdd->ended_capacity = capacity;
    return 0;
}

static enum kdd99_state first_state(uint8_t proto)
{
    if (proto == IP_PROTO_TCP)
        return KDD99_INIT;
    return proto == IP_PROTO_UDP ? KDD99_UDP : KDD99_ICMP;
}

enum { IRC_PORT = 6667, UNREACHABLE = 3 /* ICMP */ };

static enum service tool_service(const struct packet *packet)
{
    if (packet->proto == IP_PROTO_ICMP && packet->sport == UNREACHABLE) {
        switch (packet->dport) {
        case 0: return SERVICE_urp_i;
        case 1: return SERVICE_urh_i;
        default: return SERVICE_oth_i;
        }
    }
    if (packet->proto == IP_PROTO_ICMP)
        return service_of_icmp(packet->proto, packet->sport, packet->dport);
    if (packet->proto == IP_PROTO_TCP && packet->dport == IRC_PORT && packet->sport != 20)
        return SERVICE_other;
    return service_of_ports(packet->proto, packet->sport, packet->dport);
}

/* The key must not be there. Returns NULL with errno ENOMEM. */
static struct conversation *open_conversation(struct kdd99 *kdd, const struct packet *packet,
                                              const struct conversation_key *key)
{
    struct conversation *conversation;

    if (reserve(kdd) < 0)
        return NULL;
    conversation = calloc(1, sizeof *conversation);
    if (conversation == NULL)
        return NULL;
    conversation->key = *key;
    conversation->state = first_state(key->proto);
    conversation->service = tool_service(packet);
    conversation->start_us = packet->ts_ns / NS_PER_US;
    if (tsearch(conversation, &kdd->tree, compare) == NULL) {
        free(conversation);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&kdd->all, conversation, link);
    kdd->n++;
    return conversation;
}

static void close_conversation(struct kdd99 *kdd, struct conversation *conversation)
{
    tdelete(conversation, &kdd->tree, compare);
    TAILQ_REMOVE(&kdd->all, conversation, link);
    kdd->n--;
    free(conversation);
}

static void kdd99_free(void *state)
{
    struct kdd99 *kdd = state;
    struct conversation *conversation;

    if (kdd == NULL)
        return;
    while ((conversation = TAILQ_FIRST(&kdd->all)) != NULL)
        close_conversation(kdd, conversation);
    kdd99_windows_free(kdd->windows);
    free(kdd->ended);
    free(kdd);
}

static struct flow row_of(const struct conversation *conversation)
{
    const struct conversation_key *key = &conversation->key;
    const uint64_t *pkts = conversation->pkts, *bytes = conversation->bytes;
    struct flow row = {
        .id = {.src = key->src,
               .dst = key->dst,
               .sport = key->sport,
               .dport = key->dport,
               .ip_version = 4,
               .proto = key->proto},
        .start_ns = conversation->start_us * NS_PER_US,
        .end_ns = conversation->last_us * NS_PER_US,
        .pkts = {pkts[0], pkts[1]},
        .bytes = {bytes[0], bytes[1]},
    };

    return row;
}

static enum kdd_protocol protocol_type(uint8_t proto)
{
    if (proto == IP_PROTO_TCP)
        return KDD_TCP;
    return proto == IP_PROTO_UDP ? KDD_UDP : KDD_ICMP;
}

/* The columns that the conversation alone tells. x: zeroed. */
static void put_own(const struct conversation *conversation, double *x)
{
    const struct conversation_key *key = &conversation->key;
    int64_t duration_us = conversation->last_us - conversation->start_us;

    x[KDD_DURATION] = floor((double)duration_us / (double)US_PER_S);
    x[KDD_PROTOCOL_TYPE] = protocol_type(key->proto);
    x[KDD_SERVICE] = conversation->service;
    x[KDD_FLAG] = kdd99_flag(conversation->state);
    x[KDD_SRC_BYTES] = (double)conversation->bytes[FLOW_TO_SERVER];
    x[KDD_DST_BYTES] = (double)conversation->bytes[FLOW_TO_CLIENT];
    x[KDD_LAND] = address(&key->src) == address(&key->dst) && key->sport == key->dport;
    x[KDD_URGENT] = (double)conversation->urgent;
}

static int report(struct kdd99 *kdd, struct conversation *conversation)
{
    struct kdd99_end end = {
        .last_us = conversation->last_us,
        .dst = address(&conversation->key.dst),
        .sport = conversation->key.sport,
        .service = conversation->service,
        .flag = kdd99_flag(conversation->state),
    };
    struct flow row = row_of(conversation);
    double x[KDD_N_COLUMNS] = {0};

    put_own(conversation, x);
    if (kdd99_windows_add(kdd->windows, &end, x) < 0)
        return -1;
    kdd->sink(kdd->ctx, &row, x);
    close_conversation(kdd, conversation);
    return 0;
}

/* Reports the first n of kdd->ended. */
static int report_ended(struct kdd99 *kdd, size_t n)
{
    if (n == 0)
        return 0;
    qsort(kdd->ended, n, sizeof(struct conversation *), compare_ended);
    for (size_t i = 0; i < n; i++)
        if (report(kdd, kdd->ended[i]) < 0)
            return -1;
    return 0;
}

static int sweep(struct kdd99 *kdd, int64_t now_us)
{
    struct conversation *conversation;
    size_t n = 0;

    if (now_us < kdd->swept_us + US_PER_S)
        return 0;
    kdd->swept_us = now_us;
    TAILQ_FOREACH(conversation, &kdd->all, link)
    if (conversation->last_us <= now_us - kdd99_timeout_us(conversation->state))
        kdd->ended[n++] = conversation;
    return report_ended(kdd, n);
}

static struct conversation_key sent_key(const struct packet *packet)
{
    bool ports = packet->proto != IP_PROTO_ICMP;

    return (struct conversation_key){packet->src, packet->dst, ports ? packet->sport : 0,
                                     ports ? packet->dport : 0, packet->proto};
}

/* Returns NULL with errno ENOMEM. */
static struct conversation *conversation_of(struct kdd99 *kdd, const struct packet *packet)
{
    struct conversation_key sent = sent_key(packet);
    struct conversation_key received = {sent.dst, sent.src, sent.dport, sent.sport, sent.proto};
    struct conversation *conversation = find(kdd, &sent);

    if (conversation == NULL && packet->proto != IP_PROTO_ICMP)
        conversation = find(kdd, &received);
    return conversation != NULL ? conversation : open_conversation(kdd, packet, &sent);
}

static void add(struct conversation *conversation, const struct packet *packet)
{
    bool sent = address(&packet->src) == address(&conversation->key.src); /* whatever the ports */
    enum flow_dir dir = sent ? FLOW_TO_SERVER : FLOW_TO_CLIENT;

    conversation->last_us = packet->ts_ns / NS_PER_US;
    conversation->pkts[dir]++;
    conversation->bytes[dir] += packet->frame_len;
    if (packet->proto != IP_PROTO_TCP)
        return;
    conversation->urgent += (packet->tcp_flags & TCP_URG) != 0;
    conversation->state = kdd99_next(conversation->state, sent, packet->tcp_flags);
}

static bool is_used(const struct packet *packet)
{
    return packet->ip_version == 4 && packet->vlan_count == 0 &&
           (packet->proto == IP_PROTO_TCP || packet->proto == IP_PROTO_UDP ||
            packet->proto == IP_PROTO_ICMP);
}

static int kdd99_packet(void *state, const struct packet *packet)
{
    struct kdd99 *kdd = state;
    struct conversation *conversation;

    if (!is_used(packet))
        return 0;
    if (sweep(kdd, packet->ts_ns / NS_PER_US) < 0)
        return -1;
    if (packet->later_fragment)
        return 0;
    conversation = conversation_of(kdd, packet);
    if (conversation == NULL)
        return -1;
    add(conversation, packet);
    return kdd99_timeout_us(conversation->state) > 0 ? 0 : report(kdd, conversation);
}

static int kdd99_flush(void *state)
{
    struct kdd99 *kdd = state;
    struct conversation *conversation;
    size_t n = 0;

    TAILQ_FOREACH(conversation, &kdd->all, link)
    kdd->ended[n++] = conversation;
    return report_ended(kdd, n);
}

const struct row_rule kdd99_rule = {
    .name = "kdd99",
    .filter = "ip and (tcp or udp or icmp)",
    .set = &kdd_set,
    .end_column = "conn_end_time",
    .new = kdd99_new,
    .free = kdd99_free,
    .packet = kdd99_packet,
    .flush = kdd99_flush,
};
