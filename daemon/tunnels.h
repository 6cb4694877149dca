/* tunnels.h - which tunnels to look into, in words: "inner" (all), "outer" (none), "gre,vxlan". */
#ifndef DAEMON_TUNNELS_H
#define DAEMON_TUNNELS_H

#include "core/error.h"
#include "features/decode.h"

/* *out: a set of enum tunnel_kind. Returns 0, or -1 with *error. */
int tunnels_parse(const char *text, unsigned *out, struct da3d_error *error);

enum { TUNNELS_TEXT = 96 };
void tunnels_text(unsigned tunnels, char out[TUNNELS_TEXT]);

#endif
