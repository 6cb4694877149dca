/* packet.h - the boundaries of decoding: the frame that comes in, and what the flow table needs to
 * know of the packet in it. Plain data; numbers are in host byte order, addresses in network byte
 * order. */
#ifndef FEATURES_PACKET_H
#define FEATURES_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One captured frame. */
struct frame {
    int64_t ts_ns;       /* nanoseconds since the epoch */
    const uint8_t *data; /* caplen bytes, borrowed */
    size_t caplen;
    size_t wirelen; /* length on the wire */
};

/* An IP address. IPv4 occupies the first four bytes, the rest is zero, so that whole structs
 * compare and hash. */
struct ip_addr {
    uint8_t bytes[16];
};

enum { VLAN_MAX = 2 };

/* TCP flag bits as on the wire (RFC 9293, RFC 3168). */
enum tcp_flag {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80
};

/* IP protocol numbers (IANA) that da3dd treats by name. */
enum ip_proto {
    IP_PROTO_ICMP = 1,
    IP_PROTO_TCP = 6,
    IP_PROTO_UDP = 17,
    IP_PROTO_ICMPV6 = 58,
    IP_PROTO_SCTP = 132
};

enum { WELL_KNOWN_PORTS = 1024 }; /* are below */

/* Filled by decode_packet(). */
struct packet {
    int64_t ts_ns;           /* capture time, nanoseconds since the epoch */
    uint32_t frame_cap;      /* captured bytes of the frame, link header and padding included */
    uint32_t frame_len;      /* the frame's length on the wire */
    struct ip_addr src;      /* network byte order */
    struct ip_addr dst;      /* network byte order */
    uint8_t ip_version;      /* 4 or 6 */
    uint8_t proto;           /* IP protocol number after all extension headers */
    uint8_t tcp_flags;       /* enum tcp_flag; 0 if not TCP */
    uint8_t vlan_count;      /* how many of vlan[] are set */
    uint16_t vlan[VLAN_MAX]; /* VLAN ids, outermost first; 0: unused, or a priority tag */
    uint16_t sport;          /* TCP, UDP, SCTP: source port; ICMP: type; else 0 */
    uint16_t dport;          /* TCP, UDP, SCTP: destination port; ICMP: code; else 0 */
    uint32_t ip_len;         /* the IP datagram's bytes, as its header says (TSO: see decode.h) */
    uint32_t tcp_seq;        /* TCP: sequence number of the first byte; else 0 */
    uint32_t payload_len;    /* transport payload in bytes, as the headers say */
    uint32_t payload_cap;    /* how much of the payload was captured */
    const uint8_t *payload;  /* into the caller's buffer; valid only during the call */
    bool fragment;           /* any fragment of a fragmented datagram */
    bool later_fragment;     /* one that is not the first */
    bool wrong_fragment;     /* one that no sender means: see decode.h */
};

#endif
