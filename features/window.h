/* window.h - how many rows of the last seconds shared hosts or services with this one, and how much
 * they carried.
 *
 * The idea is Lee and Stolfo's (KDD'99): a scan or a flood shows in the number of connections, not
 * in any one of them. A row enters when it is reported, at the time at which the row rule ended it;
 * the row itself is counted. */
#ifndef FEATURES_WINDOW_H
#define FEATURES_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* What two rows may have in common. What a service is, the window's owner says. */
enum window_key {
    WINDOW_DST,         /* the responder */
    WINDOW_SERVICE,     /* the service, on any host */
    WINDOW_DST_SERVICE, /* the responder's service */
    WINDOW_SRC,         /* the originator */
    WINDOW_SRC_DST,     /* both hosts */
    WINDOW_SRC_SERVICE, /* the originator and the service */
    WINDOW_KEYS
};

enum window_outcome {
    WINDOW_FINE,
    WINDOW_FAILED, /* no connection came about, or by the window's owner's own definition */
    WINDOW_REFUSED /* a SYN that the responder answered by RST */
};

struct window_row {
    int64_t end_ns;             /* never decreases, but where a new timeline starts */
    uint64_t keys[WINDOW_KEYS]; /* hashes: equal where the rows have that in common */
    enum window_outcome outcome;
    uint64_t bytes[2]; /* that it carried, by the owner's two directions */
};

struct window_count {
    uint64_t bytes[2]; /* modulo 2^64 */
    uint32_t rows, failed, refused;
};

enum { WINDOW_LENGTHS_MAX = 2 };

struct window_config {
    int64_t lengths_ns[WINDOW_LENGTHS_MAX]; /* rows that ended up to so long ago count; ascending */
    size_t n_lengths;                       /* 1 to WINDOW_LENGTHS_MAX */
    size_t n_keys;     /* the first 1 to WINDOW_KEYS of enum window_key are counted */
    uint32_t max_rows; /* at most that many, the newest, are in a window; up to 2^24 */
};

struct window;

/* One window for each length, over the same rows. Returns NULL with errno ENOMEM. */
struct window *window_new(const struct window_config *config);
void window_free(struct window *window);

/* Adds a row. counts: (n_lengths, n_keys) row-major: what each window then holds with each of the
 * row's keys. Amortised O(1). Where memory for keys cannot be had, the oldest rows are forgotten
 * early. */
void window_add(struct window *window, const struct window_row *row, struct window_count *counts);

#endif
