/* suppress.h - rules that keep alerts of known hosts, networks or ports from being raised: those of
 * the configuration, and those that an operator adds while the service runs. */
#ifndef DAEMON_SUPPRESS_H
#define DAEMON_SUPPRESS_H

#include "config.h"
#include "features/flow.h"

enum { SUPPRESS_RULES_MAX = 2 * CONFIG_SUPPRESS_MAX };

/* Addresses that have their first bits in common. */
struct suppress_network {
    struct ip_addr addr;
    uint8_t ip_version; /* 4 or 6; 0: every address of both */
    uint8_t bits;
};

struct suppress_rule {
    uint32_t id; /* from 1, never given twice; 0: in no list yet */
    bool configured;
    struct suppress_network host, network;
    uint16_t port;   /* 0: any */
    int64_t until_s; /* since the epoch; INT64_MAX: always */
    uint64_t hits;   /* alerts that it kept from being raised */
};

/* Returns 0, or -1 with *error naming the key and what it should be. *out: not configured. */
int suppress_parse(const struct config_suppress *config, struct suppress_rule *out,
                   struct da3d_error *error);

/* "192.0.2.0/24", "192.0.2.7", or "" for every address. */
enum { SUPPRESS_NETWORK_TEXT = 64 };
void suppress_network_text(const struct suppress_network *network, char out[SUPPRESS_NETWORK_TEXT]);

struct suppress {
    struct suppress_rule rule[SUPPRESS_RULES_MAX];
    size_t n; /* 0 at first */
    uint32_t last_id;
};

/* Takes the configuration's rules in place of those that it gave before. Returns 0, or -1 with
 * *error and the list as it was. */
int suppress_configure(struct suppress *suppress, const struct config *config,
                       struct da3d_error *error);

/* Returns the new rule's id; 0 if there are too many. */
uint32_t suppress_add(struct suppress *suppress, const struct suppress_rule *rule);
bool suppress_remove(struct suppress *suppress, uint32_t id); /* false: there is none */
void suppress_expire(struct suppress *suppress, int64_t now_s);

/* Is this flow not to be alerted on? The first rule that says so counts it. */
bool suppress_match(struct suppress *suppress, const struct flow_id *id, int64_t now_s);

#endif
