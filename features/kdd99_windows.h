/* kdd99_windows.h - the window columns as kdd99_feature_extractor calculates them, when a
 * conversation ends, from those that ended before it.
 *
 * Unlike KDD'99 it leaves the conversation itself out, counts the last 100 conversations of all
 * hosts, forgets old ones only after it has counted them, and rounds shares to hundredths. */
#ifndef FEATURES_KDD99_WINDOWS_H
#define FEATURES_KDD99_WINDOWS_H

#include <stdint.h>

#include "conn_state.h"
#include "service.h"

/* What the windows remember of a conversation. */
struct kdd99_end {
    int64_t last_us; /* time of its last packet */
    uint32_t dst;    /* the responder's address */
    uint16_t sport;
    enum service service;
    enum conn_state flag;
};

struct kdd99_windows;

/* Returns NULL with errno ENOMEM. */
struct kdd99_windows *kdd99_windows_new(void);
void kdd99_windows_free(struct kdd99_windows *windows);

/* Sets x[KDD_COUNT] and all that follow it in enum kdd_column, then adds the conversation. O(1),
 * but for 100 steps and the search for a host.
 * Returns 0, or -1 with errno ENOMEM. */
int kdd99_windows_add(struct kdd99_windows *windows, const struct kdd99_end *end, double *x);

#endif
