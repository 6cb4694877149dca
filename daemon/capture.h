/* capture.h - capture files and live interfaces to frames. With capture_filter.h, which it alone
 * includes, the only module that knows libpcap.
 *
 * Reads pcap and pcapng (pcapng.h), stamps of any resolution. */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "features/packet.h"
#include "unpack.h"

struct capture;

enum { CAPTURE_WAIT_MS = 100 };

/* Of an interface, where nothing else is said. */
enum { CAPTURE_SNAPLEN = 65535, CAPTURE_BUFFER_BYTES = 64 << 20 };

/* source: taken over, also on failure. Returns NULL with *error: not a capture. */
struct capture *capture_open(struct unpack *source, struct da3d_error *error);

/* How an interface is listened to. Strings are borrowed while the capture lives. */
struct capture_live {
    const char *interface; /* "any": all, and those to come */
    const char *filter;    /* as capture_set_filter() */
    uint32_t snaplen;      /* bytes kept of a frame */
    uint32_t buffer_bytes; /* the kernel's ring */
    bool promiscuous;
    uint16_t fanout; /* group whose members share the interface's flows; 0: none */
};

/* Needs CAP_NET_RAW. Returns NULL with *error. */
struct capture *capture_open_live(const struct capture_live *live, struct da3d_error *error);

/* Opens an interface anew that was removed and made again; one that was only down goes on by
 * itself. Needs CAP_NET_RAW. Returns 1 if that is done, 0 if the interface is only down or not
 * there yet, or -1 with *error (no permission, another link type); then the capture is as it was.
 * Where members of a fanout group still hold the old interface, returns 0, and the capture has no
 * frames until the next try. Counts go on. */
int capture_reopen(struct capture *capture, struct da3d_error *error);
void capture_close(struct capture *capture);

/* filter: a BPF expression, or "" for every frame; borrowed while the capture lives. A pcapng file
 * may mix link types: frames of one for which the filter makes no sense do not pass; where it made
 * none for all that came, capture_next() says so at the end. Frames that cannot be decoded pass, to
 * be counted as such. Returns 0, or -1 with *error. */
int capture_set_filter(struct capture *capture, const char *filter, struct da3d_error *error);

/* LINKTYPE_ number (libpcap's DLT where the two differ) of the frame that was read last; before the
 * first, of the capture, but for pcapng files, which may mix them. */
int capture_linktype(const struct capture *capture);
const char *capture_linktype_name(const struct capture *capture);

/* Of a file: returns 1 and *frame, 0 at the end, or -1 with *error where the capture is cut off or
 * damaged. Of an interface: 1 and *frame, 0 if none has come for CAPTURE_WAIT_MS, or -1 with *error
 * (the interface is down or gone), at once or after CAPTURE_WAIT_MS; what it had received before
 * comes first. The frame's data is valid until the next call. */
int capture_next(struct capture *capture, struct frame *frame, struct da3d_error *error);

/* What an interface has counted since it was opened. */
struct capture_counts {
    uint64_t received; /* that passed the filter, dropped ones among them */
    uint64_t dropped;  /* by the kernel's ring or the interface, for want of room */
};
void capture_counts(struct capture *capture, struct capture_counts *out);

/* Does the filter make sense for any usual kind of frame? "" does.
 * Returns 0, or -1 with *error. */
int capture_filter_check(const char *filter, struct da3d_error *error);

/* "libpcap version 1.10.3 ..." */
const char *capture_library_version(void);

#endif
