/* transport.h - transport headers: ports, TCP flags, payload. */
#ifndef FEATURES_TRANSPORT_H
#define FEATURES_TRANSPORT_H

#include "cursor.h"
#include "decode.h"

/* Reads the transport header of out->proto at the cursor and moves past it; what remains is the
 * payload. Sets ports and TCP flags of *out (0 for protocols without them).
 * Returns DECODE_OK, _TRUNCATED or _MALFORMED. */
enum decode_result transport_parse(struct cursor *cursor, struct packet *out);

/* How many bytes (8 or 16) of its transport header a first fragment holds whose length does not
 * reach to the header's end; 0 if it holds all, or none that could be made out. */
size_t transport_split(const struct cursor *cursor, const struct packet *packet);

/* Reads such a fragment: sets ports, and TCP flags if they are in it; there is no payload.
 * Returns DECODE_OK or _TRUNCATED. */
enum decode_result transport_parse_head(struct cursor *cursor, struct packet *out);

/* cursor: at the fragment that goes on behind the first split bytes. Sets TCP flags if they are in
 * it and moves past the rest of the header (past all, if it goes on still). */
void transport_parse_rest(struct cursor *cursor, size_t split, struct packet *out);

#endif
