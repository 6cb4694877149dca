/* transport.h - transport headers: ports, TCP flags, payload. */
#ifndef FEATURES_TRANSPORT_H
#define FEATURES_TRANSPORT_H

#include "cursor.h"
#include "decode.h"

/* Reads the transport header of out->proto at the cursor and moves past it; what remains is the
 * payload. Sets ports and TCP flags of *out (0 for protocols without them).
 * Returns DECODE_OK, _TRUNCATED or _MALFORMED. */
enum decode_result transport_parse(struct cursor *cursor, struct packet *out);

#endif
