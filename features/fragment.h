/* fragment.h - a bounded memory of first fragments. */
#ifndef FEATURES_FRAGMENT_H
#define FEATURES_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"

/* What the fragments of one datagram share. Hashes and compares as bytes: no padding. */
struct fragment_key {
    struct ip_addr src, dst;
    uint32_t datagram; /* identification field */
    uint16_t vlan[VLAN_MAX];
    uint8_t ip_version;
    uint8_t proto; /* IPv4: the header's; IPv6, where later fragments may not know it: 0 */
    uint8_t zero[2];
};

/* What a first fragment alone tells. */
struct fragment_ports {
    uint16_t sport, dport;
    uint8_t proto;
    uint8_t split; /* bytes of a transport header that goes on in later fragments; 0: whole */
    uint32_t end;  /* its bytes of the datagram's payload */
};

enum { FRAGMENTS_MAX = 4096 };

struct fragment_table;

/* hash_key: 16 secret bytes, copied. Returns NULL with errno ENOMEM. */
struct fragment_table *fragment_table_new(const uint8_t hash_key[16]);
void fragment_table_free(struct fragment_table *table);

/* Remembers a first fragment; replaces what is known of the same key, else the oldest entry. */
void fragment_put(struct fragment_table *table, const struct fragment_key *key, int64_t ts_ns,
                  const struct fragment_ports *ports);

/* Finds the first fragment seen at most 30 s before or (where time steps back) after ts_ns.
 * Returns false, *ports untouched, if there is none. */
bool fragment_get(const struct fragment_table *table, const struct fragment_key *key, int64_t ts_ns,
                  struct fragment_ports *ports);

#endif
