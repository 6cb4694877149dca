/* dohmeter.h - the rows of DoHMeter (DoHLyzer) in its statistical mode, from which the columns of
 * CIRA-CIC-DoHBrw-2020 come.
 *
 *   packets    IPv4 TCP or UDP with its ports (no later fragments), those of the filter; no state
 *              of TCP ends a row. Length: the captured frame, link header and padding included.
 *   segments   Addresses and ports, without the protocol, are the key. 'Sent' is the direction of
 *              the first packet since segment 0 of the key was last reported, whoever sent it. A
 *              packet more than 40 s after segment 0's latest one looks for a segment 1 that has
 *              been silent for at most 80 s, then for a segment 2 (120 s), ...; the first that does
 *              not exist is opened.
 *   collection after every 10000th packet of the capture, and after a packet that makes its segment
 *              longer than 120 s: reports, in order of creation, every segment that is silent for
 *              more than 40 s or longer than 90 s.
 *   start      A start of 0 counts as not yet set (only captures that begin in 1970 tell).
 *
 * Where the tool fails, this goes on: it stops at IPv6 and at packets without ports, passed over
 * here. Its statistics take rounding noise of equal values for spread; here they have none. */
#ifndef FEATURES_DOHMETER_H
#define FEATURES_DOHMETER_H

#include "row_rule.h"

extern const struct row_rule dohmeter_rule;

#endif
