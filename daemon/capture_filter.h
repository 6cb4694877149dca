/* capture_filter.h - BPF filters, compiled by libpcap: the part of capture.c that reads them. */
#ifndef DAEMON_CAPTURE_FILTER_H
#define DAEMON_CAPTURE_FILTER_H

#include <pcap/pcap.h>
#include <stdbool.h>

#include "core/error.h"
#include "features/packet.h"

/* Lets libpcap filter what the handle reads. filter: a BPF expression, or "" for every frame.
 * Returns 0, or -1 with *error. */
int capture_filter_install(pcap_t *pcap, const char *filter, struct da3d_error *error);

enum { CAPTURE_FILTER_LINKS_MAX = 64 }; /* more than can be decoded */

/* A filter as it reads the frames of one link type. */
struct link_filter {
    int linktype;
    struct bpf_program program; /* without instructions where the filter makes no sense for it */
};

/* A filter for frames of several link types, compiled for each when it first comes. */
struct capture_filter {
    const char *expression; /* borrowed */
    size_t n;
    struct link_filter links[CAPTURE_FILTER_LINKS_MAX];
    struct da3d_error misfit; /* why the filter makes no sense for the last one of that kind */
};

void capture_filter_init(struct capture_filter *filter, const char *expression);
void capture_filter_clear(struct capture_filter *filter);

/* Frames of a link type that cannot be decoded pass; of one for which the filter makes no sense do
 * not. linktype: libpcap's DLT. */
bool capture_filter_passes(struct capture_filter *filter, int linktype, const struct frame *frame);

/* Returns -1 with *error where the filter has made no sense for any of the link types that came,
 * else 0. */
int capture_filter_misfit(const struct capture_filter *filter, struct da3d_error *error);

#endif
