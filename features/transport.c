#include "transport.h"

enum { TCP_HEADER = 20, UDP_HEADER = 8, SCTP_HEADER = 12, ICMP_HEADER = 4 };

static void read_ports(const uint8_t *header, struct packet *out)
{
    out->sport = read_be16(header);
    out->dport = read_be16(header + 2);
}

static enum decode_result parse_tcp(struct cursor *cursor, struct packet *out)
{
    size_t header_len = (size_t)(cursor->at[12] >> 4) * 4;

    if (header_len < TCP_HEADER || header_len > cursor->claimed)
        return DECODE_MALFORMED;
    read_ports(cursor->at, out);
    out->tcp_seq = read_be32(cursor->at + 4);
    out->tcp_flags = cursor->at[13];
    cursor_skip(cursor, header_len);
    return DECODE_OK;
}

/* UDP's own length speaks of the whole datagram even in a fragment of it; 0 leaves it to IP's
 * (RFC 2675). It may be less than IP's. */
static enum decode_result parse_udp(struct cursor *cursor, struct packet *out)
{
    size_t len = read_be16(cursor->at + 4);

    if (len > 0 && (len < UDP_HEADER || (len > cursor->claimed && !out->fragment)))
        return DECODE_MALFORMED;
    read_ports(cursor->at, out);
    cursor_skip(cursor, UDP_HEADER);
    if (len > 0 && len - UDP_HEADER < cursor->claimed)
        cursor_claim(cursor, len - UDP_HEADER);
    return DECODE_OK;
}

static enum decode_result parse_sctp(struct cursor *cursor, struct packet *out)
{
    read_ports(cursor->at, out);
    cursor_skip(cursor, SCTP_HEADER);
    return DECODE_OK;
}

static enum decode_result parse_icmp(struct cursor *cursor, struct packet *out)
{
    out->sport = cursor->at[0];
    out->dport = cursor->at[1];
    cursor_skip(cursor, ICMP_HEADER);
    return DECODE_OK;
}

struct transport {
    uint8_t proto;
    uint8_t header_min; /* bytes that parse() may read */
    enum decode_result (*parse)(struct cursor *cursor, struct packet *out);
};

static const struct transport transports[] = {
    {IP_PROTO_TCP, TCP_HEADER, parse_tcp},    {IP_PROTO_UDP, UDP_HEADER, parse_udp},
    {IP_PROTO_ICMP, ICMP_HEADER, parse_icmp}, {IP_PROTO_ICMPV6, ICMP_HEADER, parse_icmp},
    {IP_PROTO_SCTP, SCTP_HEADER, parse_sctp},
};

static const struct transport *find(uint8_t proto)
{
    for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++)
        if (transports[i].proto == proto)
            return &transports[i];
    return NULL;
}

size_t transport_split(const struct cursor *cursor, const struct packet *packet)
{
    const struct transport *transport = find(packet->proto);
    size_t claimed = cursor->claimed;

    if (!packet->fragment || transport == NULL || claimed >= transport->header_min)
        return 0;
    return claimed == 8 || claimed == 16 ? claimed : 0;
}

enum { TCP_OFFSET_AT = 12, TCP_FLAGS_AT = 13 };

enum decode_result transport_parse_head(struct cursor *cursor, struct packet *out)
{
    enum decode_result result = cursor_need(cursor, cursor->claimed);

    if (result != DECODE_OK)
        return result;
    read_ports(cursor->at, out);
    out->tcp_flags = 0;
    out->tcp_seq = out->proto == IP_PROTO_TCP ? read_be32(cursor->at + 4) : 0;
    if (out->proto == IP_PROTO_TCP && cursor->captured > TCP_FLAGS_AT)
        out->tcp_flags = cursor->at[TCP_FLAGS_AT];
    cursor_skip(cursor, cursor->claimed);
    return DECODE_OK;
}

/* Where the data offset was in the first part, TCP options count as payload. */
void transport_parse_rest(struct cursor *cursor, size_t split, struct packet *out)
{
    size_t rest = (out->proto == IP_PROTO_TCP ? TCP_HEADER : SCTP_HEADER) - split;

    if (out->proto == IP_PROTO_TCP && split <= TCP_OFFSET_AT &&
        cursor->captured > TCP_FLAGS_AT - split) {
        out->tcp_flags = cursor->at[TCP_FLAGS_AT - split];
        rest = (size_t)(cursor->at[TCP_OFFSET_AT - split] >> 4) * 4;
        rest = rest > TCP_HEADER ? rest - split : TCP_HEADER - split;
    }
    cursor_skip(cursor, rest < cursor->claimed ? rest : cursor->claimed);
}

enum decode_result transport_parse(struct cursor *cursor, struct packet *out)
{
    const struct transport *transport = find(out->proto);
    enum decode_result result;

    out->sport = out->dport = 0;
    out->tcp_flags = 0;
    out->tcp_seq = 0;
    if (transport == NULL)
        return DECODE_OK;
    result = cursor_need(cursor, transport->header_min);
    return result == DECODE_OK ? transport->parse(cursor, out) : result;
}
