#include <criterion/criterion.h>
#include <string.h>

#include "features/decode.h"
#include "features/fragment.h"

static const uint8_t key[16] = "not very secret";

enum { MORE = 0x2000, SECOND = 1000000000 };

/* A raw IPv4 frame of 28 bytes: header and 8 bytes of UDP (ports 1000, 2000, length 400) or, if the
 * offset is not 0, of anything. */
static void make_v4(uint8_t frame[28], uint16_t datagram, uint16_t field)
{
    static const uint8_t pattern[28] = {0x45, 0,    0,    28,   0,    0,    0,  0, 64, 17,
                                        0,    0,    10,   0,    0,    1,    10, 0, 0,  2,
                                        0x03, 0xe8, 0x07, 0xd0, 0x01, 0x90, 0,  0};

    memcpy(frame, pattern, sizeof pattern);
    frame[4] = (uint8_t)(datagram >> 8);
    frame[5] = (uint8_t)datagram;
    frame[6] = (uint8_t)(field >> 8);
    frame[7] = (uint8_t)field;
    if ((field & 0x1fff) > 0)
        memset(frame + 20, 0xee, 8);
}

/* bytes: an IP datagram of that size, without a link header. */
static enum decode_result decode_raw(struct decoder *decoder, int64_t ts_ns, const uint8_t *bytes,
                                     size_t size, struct packet *out)
{
    struct frame frame = {.ts_ns = ts_ns, .data = bytes, .caplen = size, .wirelen = size};

    return decode_packet(decoder, 101, &frame, out);
}

static enum decode_result decode_v4(struct decoder *decoder, int64_t ts_ns, uint16_t datagram,
                                    uint16_t field, struct packet *out)
{
    uint8_t frame[28];

    make_v4(frame, datagram, field);
    return decode_raw(decoder, ts_ns, frame, sizeof frame, out);
}

Test(fragment, later_fragments_take_the_ports_of_the_first)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_assert_eq(decode_v4(decoder, 0, 7, MORE, &packet), DECODE_OK);
    cr_expect(packet.fragment);
    cr_expect_eq(packet.sport, 1000);
    cr_expect_eq(packet.payload_len, 0);
    cr_assert_eq(decode_v4(decoder, 1, 7, MORE | 1, &packet), DECODE_OK);
    cr_assert_eq(decode_v4(decoder, 2, 7, 2, &packet), DECODE_OK);
    cr_expect(packet.fragment);
    cr_expect_eq(packet.sport, 1000);
    cr_expect_eq(packet.dport, 2000);
    cr_expect_eq(packet.ip_len, 28);
    cr_expect_eq(packet.payload_len, 8);
    cr_expect_eq(decode_v4(decoder, 3, 8, 2, &packet), DECODE_FRAGMENT, "another datagram");
    decoder_free(decoder);
}

Test(fragment, later_before_first_is_unknown)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_expect_eq(decode_v4(decoder, 0, 7, 1, &packet), DECODE_FRAGMENT);
    cr_expect_eq(decode_v4(decoder, 1, 7, MORE, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, 2, 7, 1, &packet), DECODE_OK);
    decoder_free(decoder);
}

Test(fragment, a_whole_datagram_is_not_remembered)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;
    uint8_t frame[28];

    make_v4(frame, 7, 0);
    frame[25] = 8; /* UDP length */
    frame[24] = 0;
    cr_assert_eq(decode_raw(decoder, 0, frame, sizeof frame, &packet), DECODE_OK);
    cr_expect_not(packet.fragment);
    cr_expect_eq(decode_v4(decoder, 1, 7, 1, &packet), DECODE_FRAGMENT);
    decoder_free(decoder);
}

Test(fragment, lives_30_seconds_to_either_side)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;
    int64_t first = INT64_C(100) * SECOND, life = INT64_C(30) * SECOND;

    cr_assert_eq(decode_v4(decoder, first, 7, MORE, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, first + life, 7, 1, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, first + life + 1, 7, 1, &packet), DECODE_FRAGMENT);
    cr_expect_eq(decode_v4(decoder, first - life, 7, 1, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, first - life - 1, 7, 1, &packet), DECODE_FRAGMENT);
    cr_assert_eq(decode_v4(decoder, first + life, 7, MORE, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, first + 2 * life, 7, 1, &packet), DECODE_OK, "renewed");
    decoder_free(decoder);
}

Test(fragment, the_oldest_gives_way)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    for (uint16_t datagram = 0; datagram < FRAGMENTS_MAX; datagram++)
        cr_assert_eq(decode_v4(decoder, 0, datagram, MORE, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, 0, 0, 1, &packet), DECODE_OK);
    for (uint16_t datagram = FRAGMENTS_MAX; datagram < FRAGMENTS_MAX + 100; datagram++)
        cr_assert_eq(decode_v4(decoder, 0, datagram, MORE, &packet), DECODE_OK);
    for (uint16_t datagram = 0; datagram < FRAGMENTS_MAX + 100; datagram++)
        cr_assert_eq(decode_v4(decoder, 0, datagram, 1, &packet),
                     datagram < 100 ? DECODE_FRAGMENT : DECODE_OK, "%d", datagram);
    decoder_free(decoder);
}

Test(fragment, extreme_times)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_assert_eq(decode_v4(decoder, INT64_MIN, 7, MORE, &packet), DECODE_OK);
    cr_expect_eq(decode_v4(decoder, INT64_MAX, 7, 1, &packet), DECODE_FRAGMENT);
    decoder_free(decoder);
}

/* Raw IPv6: 40 bytes of header, then a fragment header, then 8 bytes of payload. */
static enum decode_result decode_v6(struct decoder *decoder, uint8_t next, uint16_t field,
                                    const uint8_t payload[8], struct packet *out)
{
    uint8_t frame[56] = {0x60, 0, 0, 0, 0, 16, 44, 64};

    frame[23] = 1;
    frame[39] = 2;
    frame[40] = next;
    frame[42] = (uint8_t)(field >> 8);
    frame[43] = (uint8_t)field;
    frame[47] = 9; /* identification */
    memcpy(frame + 48, payload, 8);
    return decode_raw(decoder, 0, frame, sizeof frame, out);
}

/* The first fragment's next header is destination options, which later ones cannot look behind. */
Test(fragment, ipv6_takes_the_protocol_too)
{
    static const uint8_t options[8] = {58, 0, 1, 4}, echo[8] = {128}, junk[8] = {0xee};
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_expect_eq(decode_v6(decoder, 60, 1, options, &packet), DECODE_MALFORMED, "no ICMPv6 in it");
    cr_expect_eq(decode_v6(decoder, 60, 8, junk, &packet), DECODE_FRAGMENT);
    cr_assert_eq(decode_v6(decoder, 58, 1, echo, &packet), DECODE_OK);
    cr_assert_eq(decode_v6(decoder, 60, 8, junk, &packet), DECODE_OK);
    cr_expect(packet.fragment);
    cr_expect_eq(packet.proto, IP_PROTO_ICMPV6);
    cr_expect_eq(packet.sport, 128);
    cr_expect_eq(packet.ip_len, 56);
    cr_expect_eq(packet.payload_len, 8);
    decoder_free(decoder);
}

/* Datagrams whose first fragment holds 8 bytes. */
Test(fragment, wrong_ones)
{
    static const struct {
        uint16_t field;
        bool wrong;
    } later[] = {{MORE | 1, false}, {1, false}, {2, false}, {0x1ffe, false}, {0x1fff, true}};
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        cr_assert_eq(decode_v4(decoder, 0, 7, MORE, &packet), DECODE_OK);
        cr_expect_not(packet.wrong_fragment);
        cr_assert_eq(decode_v4(decoder, 0, 7, later[i].field, &packet), DECODE_OK);
        cr_expect_eq(packet.wrong_fragment, later[i].wrong, "%#x", later[i].field);
    }
    decoder_free(decoder);
}

/* A first fragment of 12 bytes: no unit of 8, and the next one overlaps it. */
Test(fragment, teardrop)
{
    struct decoder *decoder = decoder_new(key);
    uint8_t frame[32] = {0};
    struct packet packet;

    make_v4(frame, 7, MORE);
    frame[3] = sizeof frame;
    cr_assert_eq(decode_raw(decoder, 0, frame, sizeof frame, &packet), DECODE_OK);
    cr_expect(packet.wrong_fragment);
    cr_assert_eq(decode_v4(decoder, 1, 7, 1, &packet), DECODE_OK);
    cr_expect(packet.wrong_fragment);
    cr_assert_eq(decode_v4(decoder, 2, 7, 2, &packet), DECODE_OK);
    cr_expect_not(packet.wrong_fragment);
    decoder_free(decoder);
}

/* A raw IPv4 TCP fragment of size bytes of payload; ports 1000 and 443, ACK and PSH. */
static enum decode_result decode_tcp(struct decoder *decoder, uint16_t field, size_t from,
                                     size_t size, struct packet *out)
{
    static const uint8_t segment[32] = {0x03, 0xe8, 0x01, 0xbb, 0,   0,   0,   1,   0,   0,  0,
                                        2,    0x60, 0x18, 0xff, 0,   0,   0,   0,   0,   2,  4,
                                        5,    0xb4, 'd',  'a',  't', 'a', '.', '.', '.', '.'};
    uint8_t frame[52] = {0x45, 0, 0,  0, 0, 7, 0,  0, 64, IP_PROTO_TCP,
                         0,    0, 10, 0, 0, 1, 10, 0, 0,  2};

    frame[3] = (uint8_t)(20 + size);
    frame[6] = (uint8_t)(field >> 8);
    frame[7] = (uint8_t)field;
    memcpy(frame + 20, segment + from, size);
    return decode_raw(decoder, 0, frame, 20 + size, out);
}

/* The first fragment holds the ports alone, the second the flags (RFC 1858). */
Test(fragment, tcp_header_split_after_8_bytes)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_assert_eq(decode_tcp(decoder, MORE, 0, 8, &packet), DECODE_OK);
    cr_expect_eq(packet.sport, 1000);
    cr_expect_eq(packet.dport, 443);
    cr_expect_eq(packet.tcp_flags, 0);
    cr_expect_eq(packet.payload_len, 0);
    cr_expect_not(packet.later_fragment);
    cr_assert_eq(decode_tcp(decoder, 1, 8, 24, &packet), DECODE_OK);
    cr_expect_eq(packet.sport, 1000);
    cr_expect_eq(packet.tcp_flags, TCP_ACK | TCP_PSH);
    cr_expect_eq(packet.payload_len, 8);
    cr_expect_arr_eq(packet.payload, "data....", 8);
    cr_expect(packet.later_fragment);
    decoder_free(decoder);
}

Test(fragment, tcp_header_split_after_16_bytes)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_assert_eq(decode_tcp(decoder, MORE, 0, 16, &packet), DECODE_OK);
    cr_expect_eq(packet.tcp_flags, TCP_ACK | TCP_PSH);
    cr_assert_eq(decode_tcp(decoder, 2, 16, 16, &packet), DECODE_OK);
    cr_expect_eq(packet.tcp_flags, 0);
    cr_expect_eq(packet.dport, 443);
    cr_expect_eq(packet.payload_len, 12, "options count as payload");
    decoder_free(decoder);
}

Test(fragment, tcp_header_in_three)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_assert_eq(decode_tcp(decoder, MORE, 0, 8, &packet), DECODE_OK);
    cr_assert_eq(decode_tcp(decoder, MORE | 1, 8, 8, &packet), DECODE_OK);
    cr_expect_eq(packet.tcp_flags, TCP_ACK | TCP_PSH);
    cr_expect_eq(packet.payload_len, 0);
    cr_assert_eq(decode_tcp(decoder, 2, 16, 16, &packet), DECODE_OK);
    cr_expect_eq(packet.tcp_flags, 0);
    cr_expect_eq(packet.payload_len, 16);
    decoder_free(decoder);
}

Test(fragment, only_fragments_may_be_short)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;

    cr_expect_eq(decode_tcp(decoder, 0, 0, 16, &packet), DECODE_MALFORMED);
    cr_expect_eq(decode_tcp(decoder, MORE, 0, 12, &packet), DECODE_MALFORMED, "not 8 or 16");
    cr_expect_eq(decode_tcp(decoder, MORE, 0, 0, &packet), DECODE_MALFORMED);
    decoder_free(decoder);
}
