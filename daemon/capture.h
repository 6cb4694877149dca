/* capture.h - capture files to frames. The only module that knows libpcap.
 *
 * Reads pcap and pcapng, micro- or nanosecond stamps. */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "features/packet.h"
#include "unpack.h"

struct capture;

/* source: taken over, also on failure. Returns NULL with *error: not a capture. */
struct capture *capture_open(struct unpack *source, struct da3d_error *error);
void capture_close(struct capture *capture);

/* filter: a BPF expression, or "" for every frame. Returns 0, or -1 with *error. */
int capture_set_filter(struct capture *capture, const char *filter, struct da3d_error *error);

/* LINKTYPE_ number of the capture's frames (libpcap's DLT where the two differ). */
int capture_linktype(const struct capture *capture);
const char *capture_linktype_name(const struct capture *capture);

/* Returns 1 and *frame, whose data is valid until the next call, 0 at the end, or -1 with
 * *error where the capture is cut off or damaged. */
int capture_next(struct capture *capture, struct frame *frame, struct da3d_error *error);

/* Does the filter make sense for any usual kind of frame? "" does.
 * Returns 0, or -1 with *error. */
int capture_filter_check(const char *filter, struct da3d_error *error);

/* "libpcap version 1.10.3 ..." */
const char *capture_library_version(void);

#endif
