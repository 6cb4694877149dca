/* generate MIX PACKETS FILE: writes a capture of invented traffic for the packet benchmarks.
 *
 *   many    TCP connections of 6 to 40 packets, thousands at a time
 *   few     20 TCP transfers of full-size segments, acknowledged every second one
 *   syn     a flood of SYNs, each from another address and port, unanswered
 *   dns     queries and answers over UDP, each from a port of its own
 *   mixed   packets in the proportions 55 % many, 25 % few, 12 % dns, 3 % syn, 5 % ICMP echo and
 *           long-lived UDP; its mean datagram is about 600 bytes
 *
 * 1 million packets a second of capture time; mixed has 10000, so that flows there also end by
 * being idle. The same arguments give the same file. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/random.h"

enum { ETHERNET = 14, IP = 20, TCP = 20, UDP = 8, FRAME_MAX = 1514, CONCURRENT = 5000 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

struct generator {
    FILE *file;
    uint64_t random;
    uint64_t now_ns;
    uint32_t step_ns; /* mean pause between packets */
    uint32_t serial;  /* of addresses and ports */
    uint64_t written;
};

/* One TCP connection in progress. */
struct connection {
    uint32_t client, server;
    uint16_t client_port, server_port;
    uint32_t step, steps; /* packets sent and to be sent */
    uint16_t chunk;       /* bytes of a full segment */
};

static uint8_t *put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
    return put16(put16(to, value >> 16), value & 0xffff);
}

/* Ethernet and IPv4; returns where the payload of IP begins. */
static uint8_t *put_headers(uint8_t *frame, uint32_t src, uint32_t dst, uint8_t proto, uint32_t len)
{
    uint8_t *p = frame;

    memset(frame, 0, ETHERNET + IP);
    p = put16(p + 12, 0x0800);
    p[0] = 0x45;
    put16(p + 2, len);
    p[8] = 64;
    p[9] = proto;
    put32(p + 12, src);
    put32(p + 16, dst);
    return p + IP;
}

/* ip_len: bytes from the IP header on. */
static void write_frame(struct generator *g, const uint8_t *frame, uint32_t ip_len)
{
    uint32_t frame_len = ip_len + ETHERNET;
    uint32_t record[4];

    g->now_ns += g->step_ns / 2 + random_below(&g->random, g->step_ns);
    record[0] = (uint32_t)(g->now_ns / 1000000000);
    record[1] = (uint32_t)(g->now_ns % 1000000000 / 1000);
    record[2] = record[3] = frame_len;
    fwrite(record, sizeof record, 1, g->file);
    fwrite(frame, frame_len, 1, g->file);
    g->written++;
}

struct tcp {
    uint32_t src, dst;
    uint16_t sport, dport;
    uint8_t flags;
    uint32_t payload;
};

static void write_tcp(struct generator *g, const struct tcp *tcp)
{
    static uint8_t frame[FRAME_MAX];
    uint32_t len = IP + TCP + tcp->payload;
    uint8_t *p = put_headers(frame, tcp->src, tcp->dst, 6, len);

    p = put16(put16(p, tcp->sport), tcp->dport);
    memset(p, 0, TCP - 4);
    p[8] = TCP / 4 << 4;
    p[9] = tcp->flags;
    write_frame(g, frame, len);
}

static void write_udp(struct generator *g, const struct tcp *udp)
{
    static uint8_t frame[FRAME_MAX];
    uint32_t len = IP + UDP + udp->payload;
    uint8_t *p = put_headers(frame, udp->src, udp->dst, 17, len);

    p = put16(put16(p, udp->sport), udp->dport);
    put16(put16(p, UDP + udp->payload), 0);
    write_frame(g, frame, len);
}

static void write_echo(struct generator *g, uint32_t client, bool reply)
{
    static uint8_t frame[FRAME_MAX];
    uint32_t server = 0x0a000001, len = IP + 64;
    uint8_t *p = put_headers(frame, reply ? server : client, reply ? client : server, 1, len);

    memset(p, 0, 8);
    p[0] = reply ? 0 : 8;
    write_frame(g, frame, len);
}

static uint16_t client_port(struct generator *g)
{
    return (uint16_t)(1024 + g->serial++ % 60000);
}

static uint32_t client_address(struct generator *g)
{
    return 0x0a010000 + random_below(&g->random, 20000);
}

static void begin(struct generator *g, struct connection *c, uint32_t steps)
{
    static const uint16_t ports[] = {443, 443, 443, 443, 80, 80, 22, 25, 8080, 3306};

    c->client = client_address(g);
    c->server = 0xc0a80000 + random_below(&g->random, 2000);
    c->client_port = client_port(g);
    c->server_port = ports[random_below(&g->random, 10)];
    c->chunk = (uint16_t)(200 + random_below(&g->random, 1260));
    c->step = 0;
    c->steps = steps;
}

/* Handshake, a request, segments of the server with acknowledgements, FINs. */
static void continue_tcp(struct generator *g, const struct connection *c)
{
    uint32_t left = c->steps - c->step;
    bool to_server = c->step % 3 == 0;
    struct tcp tcp = {.flags = ACK};

    if (c->step == 0)
        tcp.flags = SYN;
    else if (c->step == 1)
        tcp.flags = SYN | ACK;
    else if (left <= 2)
        tcp.flags = FIN | ACK;
    if (c->step <= 1 || left <= 2)
        to_server = c->step == 0 || left == 2;
    else if (c->step == 2 || c->step == 3)
        to_server = true;
    if (c->step == 3)
        tcp.payload = 180;
    else if (!to_server && tcp.flags == ACK)
        tcp.payload = c->chunk;
    tcp.src = to_server ? c->client : c->server;
    tcp.dst = to_server ? c->server : c->client;
    tcp.sport = to_server ? c->client_port : c->server_port;
    tcp.dport = to_server ? c->server_port : c->client_port;
    write_tcp(g, &tcp);
}

static void many(struct generator *g)
{
    static struct connection connections[CONCURRENT];
    struct connection *c = &connections[random_below(&g->random, CONCURRENT)];

    if (c->step == c->steps)
        begin(g, c, 6 + random_below(&g->random, 35));
    continue_tcp(g, c);
    c->step++;
}

static void few(struct generator *g)
{
    static struct connection connections[20];
    struct connection *c = &connections[random_below(&g->random, 20)];

    if (c->step == c->steps) {
        begin(g, c, UINT32_MAX);
        c->chunk = 1460;
    }
    continue_tcp(g, c);
    c->step++;
}

static void syn(struct generator *g)
{
    uint64_t bits = random_next(&g->random);
    struct tcp tcp = {.src = (uint32_t)bits,
                      .dst = 0xc0a80005,
                      .sport = (uint16_t)(bits >> 32),
                      .dport = 80,
                      .flags = SYN};

    write_tcp(g, &tcp);
}

static void dns(struct generator *g)
{
    uint32_t resolver = 0x0a000035 + random_below(&g->random, 2);
    struct tcp query = {.src = client_address(g),
                        .dst = resolver,
                        .sport = client_port(g),
                        .dport = 53,
                        .payload = 30 + random_below(&g->random, 40)};
    struct tcp answer = {.src = resolver,
                         .dst = query.src,
                         .sport = 53,
                         .dport = query.sport,
                         .payload = query.payload + 16 + random_below(&g->random, 300)};

    write_udp(g, &query);
    write_udp(g, &answer);
}

static void other(struct generator *g)
{
    uint32_t client = 0x0a020000 + random_below(&g->random, 50);
    struct tcp stream = {.src = client,
                         .dst = 0xc0a80101,
                         .sport = 40000,
                         .dport = 3478,
                         .payload = 160 + random_below(&g->random, 1000)};

    if (random_below(&g->random, 4) > 0) {
        write_udp(g, &stream);
        return;
    }
    write_echo(g, client, false);
    write_echo(g, client, true);
}

static void mixed(struct generator *g)
{
    uint32_t which = random_below(&g->random, 1000);

    if (which < 600)
        many(g);
    else if (which < 870)
        few(g);
    else if (which < 930)
        dns(g);
    else if (which < 960)
        syn(g);
    else
        other(g);
}

struct mix {
    const char *name;
    void (*next)(struct generator *g);
    uint32_t step_ns;
};

static const struct mix mixes[] = {
    {"many", many, 1000}, {"few", few, 1000},       {"syn", syn, 1000},
    {"dns", dns, 1000},   {"mixed", mixed, 100000},
};

static void write_header(FILE *file)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1};

    fwrite(header, sizeof header, 1, file);
}

static int generate(const struct mix *mix, uint64_t packets, const char *path)
{
    struct generator g = {.random = 1, .now_ns = UINT64_C(1700000000000000000)};
    int failed;

    g.step_ns = mix->step_ns;
    g.file = fopen(path, "wb");
    if (g.file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return EXIT_FAILURE;
    }
    write_header(g.file);
    while (g.written < packets)
        mix->next(&g);
    failed = ferror(g.file);
    if (fclose(g.file) == EOF || failed) {
        fprintf(stderr, "%s: cannot be written\n", path);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 4 && i < sizeof mixes / sizeof mixes[0]; i++)
        if (strcmp(argv[1], mixes[i].name) == 0)
            return generate(&mixes[i], strtoull(argv[2], NULL, 10), argv[3]);
    fputs("usage: generate many|few|syn|dns|mixed PACKETS FILE\n", stderr);
    return 2;
}
