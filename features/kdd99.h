/* kdd99.h - the rows of kdd99_feature_extractor (AI-IDS), which calculates 28 of KDD'99's columns.
 *
 *   packets        TCP, UDP and ICMP over IPv4 without VLAN tags. Length: the whole frame's on the
 *                  wire. First fragments count as whole packets, later ones not at all.
 *   conversations  Protocol, addresses and ports, either direction; the sender of the first packet
 *                  is the originator. ICMP has no ports and no other direction: an echo reply is
 *                  not its request's.
 *   end            By TCP's flags (kdd99_state.h); one seen without its SYN gives a row for every
 *                  packet. Else when silent for its state's timeout, which is looked at with
 *                  the first packet after each second; then, and at the end of the capture, by the
 *                  time of the last packet, then protocol, addresses (as little-endian words) and
 *                  ports.
 *   service        As native rows, but: port 6667 has none, port unreachable is oth_i, and network
 *                  unreachable is urp_i.
 *
 * The tool's rules, less what its published version fails at: SYNs lead to S1, timeouts wait for a
 * silent second of the whole capture and overflow, rows that end together come in the order of
 * their memory addresses. The content columns, which it has not, are 0; so is wrong_fragment. */
#ifndef FEATURES_KDD99_H
#define FEATURES_KDD99_H

#include "row_rule.h"

extern const struct row_rule kdd99_rule;

#endif
