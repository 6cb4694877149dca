/* recorder.h - frames to a pcap file with nanosecond stamps, bounded in size, so that what was seen
 * live can be read again: -r of it gives the same rows.
 *
 * Only opening can fail. Where the limit is reached or the file cannot be written, the recording
 * ends, whole up to there, with one warning; what is recorded goes on. */
#ifndef DAEMON_RECORDER_H
#define DAEMON_RECORDER_H

#include <stdint.h>

#include "core/error.h"
#include "features/packet.h"

struct recorder;

struct recorder_config {
    const char *path; /* replaced; borrowed while the recorder lives */
    uint64_t limit;   /* bytes that the file may have */
    int linktype;     /* LINKTYPE_ number of the frames, or libpcap's DLT_RAW */
    uint32_t snaplen; /* no frame has more bytes */
};

/* The file can be read by its owner alone. Returns NULL with *error. */
struct recorder *recorder_open(const struct recorder_config *config, struct da3d_error *error);

void recorder_frame(struct recorder *recorder, const struct frame *frame);
void recorder_flush(struct recorder *recorder); /* what was recorded can be read */
void recorder_close(struct recorder *recorder); /* NULL-safe */

#endif
