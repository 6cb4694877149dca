/* shim.h - what may lie between a link header, or that of a tunnel, and IP: layers that are named
 * by an EtherType and in turn name what follows by one. */
#ifndef FEATURES_SHIM_H
#define FEATURES_SHIM_H

#include <stdint.h>

#include "cursor.h"
#include "decode.h"

/* IANA and IEEE numbers. LLC has none: 802.2 headers follow an 802.3 length instead; 4 stands for
 * it in Linux cooked captures and here. 0 stands for anything that does not carry IP. */
enum ethertype {
    ETHERTYPE_LLC = 0x0004,
    ETHERTYPE_LENGTH_MAX = 1500, /* up to here it is an 802.3 length */
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_BRIDGED = 0x6558, /* a whole Ethernet frame */
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_PPP = 0x880b, /* with or without address and control field */
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_PPPOE = 0x8864,
    ETHERTYPE_WCCP = 0x883e,
    ETHERTYPE_MACSEC = 0x88e5
};

/* Moves the cursor past all of them, at most 8; *ethertype: what the cursor is at, then
 * ETHERTYPE_IPV4 or _IPV6 if DECODE_OK. Appends VLAN ids to *out.
 * Returns DECODE_OK, _ARP, _NOT_IP, _ENCRYPTED, _TRUNCATED or _MALFORMED (too many). */
enum decode_result shim_strip(struct cursor *cursor, uint16_t *ethertype, struct packet *out);

/* The EtherType of an IP datagram by its version, 0 if it has none. first: its first byte. */
uint16_t ethertype_of_version(uint8_t first);

/* The same of the byte that the cursor is at. Returns DECODE_OK, or _TRUNCATED or _MALFORMED if
 * there is none. */
enum decode_result ethertype_at(const struct cursor *cursor, uint16_t *ethertype);

#endif
