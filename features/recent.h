/* recent.h - the last 100 rows to each of many hosts, and of each service.
 *
 * Lee and Stolfo's host-based windows (KDD'99) count connections instead of seconds, so that a scan
 * that takes its time shows all the same. */
#ifndef FEATURES_RECENT_H
#define FEATURES_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "service.h"
#include "window.h"

/* Of more hosts, the one that was silent longest is forgotten. */
enum { RECENT_ROWS = 100, RECENT_HOSTS_MAX = 16384 };

struct recent_row {
    uint64_t host; /* hash of the responder */
    enum service service;
    enum window_outcome outcome;
    uint16_t sport; /* the originator's port */
};

/* Of the host's last rows; the row itself is counted. Bytes are not. */
struct recent_count {
    struct window_count host;         /* all of them */
    struct window_count host_service; /* to the row's service */
    uint32_t host_sport;              /* from the row's port */
    uint32_t service;                 /* the service's last rows, to any host */
    uint32_t service_elsewhere;       /* those of them that went to other hosts */
};

struct recent;

/* Returns NULL with errno ENOMEM. */
struct recent *recent_new(void);
void recent_free(struct recent *recent);

/* Adds a row and counts. O(1): at most twice RECENT_ROWS rows are looked at. */
void recent_add(struct recent *recent, const struct recent_row *row, struct recent_count *count);

#endif
