/* unpack.h - files as streams, decompressed by gzip, xz or zstd through a pipe to that program. */
#ifndef DAEMON_UNPACK_H
#define DAEMON_UNPACK_H

#include <stdbool.h>
#include <stdio.h>

#include "core/error.h"

struct unpack;

/* path: a file, or "-" for standard input. Returns NULL with *error: missing, a directory, empty,
 * or compressed by a program that is not installed. */
struct unpack *unpack_open(const char *path, struct da3d_error *error);

/* Waits for the decompressor. unpack may be NULL. */
void unpack_close(struct unpack *unpack);

/* The stream, the caller's to close, once: before unpack_close(). */
FILE *unpack_stream(struct unpack *unpack);

/* Does the plain content begin with these n <= 6 bytes? Consumes nothing. */
bool unpack_begins(const struct unpack *unpack, const unsigned char *bytes, size_t n);

/* Does the plain content begin as a capture does, pcap or pcapng, or as pcapng? Consume nothing. */
bool unpack_is_capture(const struct unpack *unpack);
bool unpack_is_pcapng(const struct unpack *unpack);

/* At the stream's end: returns 0, or -1 with *error where the decompressor says that its input was
 * damaged or cut off. */
int unpack_end(struct unpack *unpack, struct da3d_error *error);

#endif
