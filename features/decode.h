/* decode.h - from the bytes of one captured frame to a struct packet.
 *
 * Never trusts a length: every read is bounded by the captured bytes and by the datagram's own
 * length. What cannot be decoded is told by a reason that the caller counts; nothing is logged.
 *
 * Rules, where standards leave room:
 *   VLAN         802.1Q and 802.1ad tags, at most 8; the first two ids are kept.
 *   length       the IP datagram's, as its header says, even if less was captured. An IPv4 length
 *                of 0, and an IPv6 payload length of 0 before TCP or UDP, is that of one which the
 *                sender's interface was to split (TSO): what was captured of the frame stands in.
 *                A jumbogram (RFC 2675) whose option says more than was captured is malformed.
 *   extensions   IPv6: hop-by-hop, routing, fragment, authentication, destination options,
 *                mobility, HIP and Shim6 headers are walked, at most 16; IPv4: authentication.
 *   transport    TCP (its first 20 bytes), UDP, SCTP, ICMP and ICMPv6 (the first 4) must have been
 *                captured; TCP options and payload need not.
 *   fragments    An IPv6 fragment header with offset 0 and no more to come is no fragment. Later
 *                fragments take protocol and ports from the first; they have no TCP flags, unless
 *                the first one was cut before them (RFC 1858): then they come from where they are.
 *                Wrong are those that overlap the first one, run past 65535 bytes, or are not the
 *                last and no multiple of 8 bytes long.
 *   tunnels      The innermost datagram counts, at most 4 tunnels deep, its length by its own
 *                header (mirrors cut frames), with the VLAN ids of the frame that the tunnel
 *                carries. Where that cannot be decoded or is not IP, the tunnel's own datagram
 *                counts; so do the later fragments of one that is fragmented. Ids of tunnels
 *                (VNI, TEID, GRE key) do not tell flows apart.
 *   layers       MPLS, PPPoE, PPP and LLC/SNAP have no addresses of IP: they are always walked. */
#ifndef FEATURES_DECODE_H
#define FEATURES_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum decode_result {
    DECODE_OK,        /* *out is filled */
    DECODE_ARP,       /* ARP */
    DECODE_NOT_IP,    /* a frame of another network protocol (LLDP, ...), or of management */
    DECODE_ENCRYPTED, /* 802.11 with encryption, MACsec */
    DECODE_LINK,      /* the link type is not supported */
    DECODE_TRUNCATED, /* headers are cut off, mostly by the snapshot length */
    DECODE_MALFORMED, /* a header contradicts itself or the datagram */
    DECODE_FRAGMENT,  /* a later fragment whose first fragment has not been seen */
    DECODE_RESULT_COUNT
};

/* What may carry a datagram inside of another one. */
enum tunnel_kind {
    TUNNEL_GRE,  /* also NVGRE, ERSPAN I to III, PPTP, WCCP */
    TUNNEL_IPIP, /* IPv4 in IPv4 or IPv6 */
    TUNNEL_6IN4, /* IPv6 in IPv4 or IPv6 */
    TUNNEL_VXLAN,
    TUNNEL_GENEVE,
    TUNNEL_GTP, /* GTP-U */
    TUNNEL_TEREDO,
    TUNNEL_MPLS, /* in UDP */
    TUNNEL_COUNT
};

/* Sets of kinds: bit 1 << kind. */
enum { TUNNELS_NONE = 0, TUNNELS_ALL = (1 << TUNNEL_COUNT) - 1 };

struct decoder_stats {
    uint64_t inner[TUNNEL_COUNT]; /* frames that were taken by what such a tunnel carries */
    uint64_t opaque;              /* frames where that could not be decoded: the tunnel's own */
};

/* Remembers the ports of first fragments, so that later fragments find their flow. Bounded (the
 * oldest of 4096 gives way); keyed by VLAN ids, addresses, protocol (IPv4) and datagram id; an
 * entry serves packets up to 30 s away from the first fragment. */
struct decoder;

/* key: 16 secret bytes for the fragment table's hash, copied.
 * Returns NULL with errno ENOMEM. */
struct decoder *decoder_new(const uint8_t key[16]);
void decoder_free(struct decoder *decoder);

/* Which tunnels to look into, as a set of kinds; before the first frame. At first: TUNNELS_ALL. */
void decoder_set_tunnels(struct decoder *decoder, unsigned kinds);

void decoder_get_stats(const struct decoder *decoder, struct decoder_stats *out);

/* True if frames of this link type (LINKTYPE_ number as in a capture file's header, or libpcap's
 * DLT_ number where it differs) can be decoded at all. */
bool decode_link_supported(int linktype);

/* Decodes one frame; out->payload points into its data.
 * *out is defined only on DECODE_OK and, but for ports, flags and payload, on DECODE_FRAGMENT.
 * Bounded time per frame; no allocation. */
enum decode_result decode_packet(struct decoder *decoder, int linktype, const struct frame *frame,
                                 struct packet *out);

/* A short name for counters and messages: "not-ip", "truncated", ... */
const char *decode_result_name(enum decode_result result);
const char *decode_tunnel_name(enum tunnel_kind kind); /* "gre", "vxlan", ... */

#endif
