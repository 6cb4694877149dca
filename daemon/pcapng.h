/* pcapng.h - pcapng files to frames, block by block. libpcap's own reader gives up at the first
 * interface whose link type or snapshot length is another than the first one's.
 *
 * Any mix of interfaces, sections and byte orders; enhanced, simple and obsolete packet blocks.
 * Simple ones have no time: theirs is 0. Other blocks are passed over. Bounded: a block has at most
 * 16 MiB, a section at most 65536 interfaces.
 * Source: https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html */
#ifndef DAEMON_PCAPNG_H
#define DAEMON_PCAPNG_H

#include <stdio.h>

#include "core/error.h"
#include "features/packet.h"

struct pcapng;

/* stream: taken over, also on failure. Returns NULL with *error: it does not begin with a section
 * header of a version that is known. */
struct pcapng *pcapng_open(FILE *stream, struct da3d_error *error);
void pcapng_close(struct pcapng *pcapng);

/* Returns 1 with *frame, whose data is valid until the next call, and *linktype, the LINKTYPE_
 * number of its interface; 0 at the end; or -1 with *error, which names the offset of the block
 * that is cut off or damaged: nothing can be read behind it. */
int pcapng_next(struct pcapng *pcapng, struct frame *frame, int *linktype,
                struct da3d_error *error);

#endif
