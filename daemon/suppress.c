#include "suppress.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

static uint8_t address_bits(uint8_t ip_version)
{
    return ip_version == 4 ? 32 : 128;
}

static int parse_address(const char *text, struct suppress_network *out)
{
    *out = (struct suppress_network){0};
    if (inet_pton(AF_INET, text, out->addr.bytes) == 1)
        out->ip_version = 4;
    else if (inet_pton(AF_INET6, text, out->addr.bytes) == 1)
        out->ip_version = 6;
    else
        return -1;
    out->bits = address_bits(out->ip_version);
    return 0;
}

static int parse_host(const char *text, struct suppress_network *out, struct da3d_error *error)
{
    if (parse_address(text, out) < 0)
        return da3d_fail(error, "host: '%.64s' is not an address", text);
    return 0;
}

static int parse_network(const char *text, struct suppress_network *out, struct da3d_error *error)
{
    const char *slash = strchr(text, '/');
    char address[TEXT_ADDR];
    char *end = NULL;
    unsigned long bits = 0;

    if (slash && slash - text < TEXT_ADDR && slash[1] >= '0' && slash[1] <= '9') {
        snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
        bits = strtoul(slash + 1, &end, 10);
    }
    if (!end || *end || parse_address(address, out) < 0 || bits > out->bits)
        return da3d_fail(error,
                         "network: '%.64s' is not an address and a number of bits, as in "
                         "192.0.2.0/24 or 2001:db8::/32",
                         text);
    out->bits = (uint8_t)bits;
    return 0;
}

/* A moment that the calendar has: 31 February is none. */
static int parse_until(const char *text, int64_t *out, struct da3d_error *error)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);
        const int day = tm.tm_mday;

        if (end && !*end) {
            *out = timegm(&tm);
            if (tm.tm_mday == day)
                return 0;
        }
    }
    return da3d_fail(
        error, "until: '%.64s' is not a time in UTC, as in 2026-12-24T18:00:00Z or 2026-12-24",
        text);
}

int suppress_parse(const struct config_suppress *config, struct suppress_rule *out,
                   struct da3d_error *error)
{
    *out = (struct suppress_rule){.until_s = INT64_MAX};
    if (!config->host && !config->network && config->port == 0)
        return da3d_fail(error, "a host, a network or a port is needed: this suppresses all");
    if (config->port > UINT16_MAX)
        return da3d_fail(error, "port: %u is not from 1 to 65535", (unsigned)config->port);
    out->port = (uint16_t)config->port;
    if (config->host && parse_host(config->host, &out->host, error) < 0)
        return -1;
    if (config->network && parse_network(config->network, &out->network, error) < 0)
        return -1;
    return config->until ? parse_until(config->until, &out->until_s, error) : 0;
}

void suppress_network_text(const struct suppress_network *network, char out[SUPPRESS_NETWORK_TEXT])
{
    char address[TEXT_ADDR];

    *out = '\0';
    if (network->ip_version == 0)
        return;
    text_addr(&network->addr, network->ip_version, address);
    if (network->bits == address_bits(network->ip_version))
        snprintf(out, SUPPRESS_NETWORK_TEXT, "%s", address);
    else
        snprintf(out, SUPPRESS_NETWORK_TEXT, "%s/%u", address, network->bits);
}

static void remove_at(struct suppress *suppress, size_t i)
{
    suppress->n--;
    memmove(&suppress->rule[i], &suppress->rule[i + 1], (suppress->n - i) * sizeof *suppress->rule);
}

/* Room is left for as many as an operator may add. */
int suppress_configure(struct suppress *suppress, const struct config *config,
                       struct da3d_error *error)
{
    struct suppress_rule rule;

    for (size_t i = 0; i < config->n_suppress; i++)
        if (suppress_parse(&config->suppress[i], &rule, error) < 0)
            return -1;
    for (size_t i = suppress->n; i-- > 0;)
        if (suppress->rule[i].configured)
            remove_at(suppress, i);
    for (size_t i = 0; i < config->n_suppress; i++) {
        suppress_parse(&config->suppress[i], &rule, error);
        rule.configured = true;
        suppress_add(suppress, &rule);
    }
    return 0;
}

static size_t count_like(const struct suppress *suppress, bool configured)
{
    size_t n = 0;

    for (size_t i = 0; i < suppress->n; i++)
        n += suppress->rule[i].configured == configured;
    return n;
}

uint32_t suppress_add(struct suppress *suppress, const struct suppress_rule *rule)
{
    if (count_like(suppress, rule->configured) == CONFIG_SUPPRESS_MAX)
        return 0;
    suppress->rule[suppress->n] = *rule;
    suppress->rule[suppress->n].id = ++suppress->last_id;
    suppress->n++;
    return suppress->last_id;
}

bool suppress_remove(struct suppress *suppress, uint32_t id)
{
    for (size_t i = 0; i < suppress->n; i++)
        if (suppress->rule[i].id == id) {
            remove_at(suppress, i);
            return true;
        }
    return false;
}

void suppress_expire(struct suppress *suppress, int64_t now_s)
{
    for (size_t i = suppress->n; i-- > 0;)
        if (suppress->rule[i].until_s <= now_s)
            remove_at(suppress, i);
}

static bool in_network(const struct suppress_network *network, const struct flow_id *id,
                       const struct ip_addr *addr)
{
    const size_t bytes = network->bits / 8;
    const uint8_t mask = (uint8_t)(0xff00 >> network->bits % 8);

    if (network->ip_version == 0)
        return true;
    return network->ip_version == id->ip_version &&
           memcmp(addr->bytes, network->addr.bytes, bytes) == 0 &&
           (mask == 0 || ((addr->bytes[bytes] ^ network->addr.bytes[bytes]) & mask) == 0);
}

static bool has_end_in(const struct suppress_network *network, const struct flow_id *id)
{
    return in_network(network, id, &id->src) || in_network(network, id, &id->dst);
}

static bool has_port(const struct suppress_rule *rule, const struct flow_id *id)
{
    const bool ports =
        id->proto == IP_PROTO_TCP || id->proto == IP_PROTO_UDP || id->proto == IP_PROTO_SCTP;

    return rule->port == 0 || (ports && id->dport == rule->port);
}

bool suppress_match(struct suppress *suppress, const struct flow_id *id, int64_t now_s)
{
    for (size_t i = 0; i < suppress->n; i++) {
        struct suppress_rule *rule = &suppress->rule[i];

        if (now_s < rule->until_s && has_port(rule, id) && has_end_in(&rule->host, id) &&
            has_end_in(&rule->network, id)) {
            rule->hits++;
            return true;
        }
    }
    return false;
}
