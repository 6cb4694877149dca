#include "features/decode.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

#define PADDING "00000000000000000000 "

struct frame_case {
    const char *name;
    int linktype;
    const char *hex;
    size_t needed; /* bytes without which it cannot be decoded */
    uint8_t version, proto;
    uint16_t sport, dport;
    uint32_t ip_len, payload_len;
    uint8_t vlan_count;
    uint16_t vlan[VLAN_MAX];
    uint8_t tcp_flags;
};

static const struct frame_case valid[] = {
    {"ethernet udp", 1, ETH_V4 V4("0020", "11") UDP, 42, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"padding", 1, ETH_V4 V4("0020", "11") UDP PADDING, 42, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"tcp", 1, ETH_V4 V4("0028", "06") TCP_SYN20, 54, 4, 6, 50000, 443, 40, 0, 0, {0}, 2},
    {"tcp options",
     1,
     ETH_V4 V4("002e", "06") TCP_OPT24 "6869",
     54,
     4,
     6,
     50000,
     443,
     46,
     2,
     0,
     {0},
     0x18},
    {"ip options",
     1,
     ETH_V4 "46 00 0024 0001 0000 40 11 0000 " ENDS_V4 "01010101 " UDP,
     46,
     4,
     17,
     50000,
     53,
     36,
     4,
     0,
     {0},
     0},
    {"udp shorter than ip",
     1,
     ETH_V4 V4("0024", "11") UDP "00000000",
     42,
     4,
     17,
     50000,
     53,
     36,
     4,
     0,
     {0},
     0},
    {"sctp", 1, ETH_V4 V4("0020", "84") SCTP, 46, 4, 132, 2905, 2906, 32, 0, 0, {0}, 0},
    {"icmp", 1, ETH_V4 V4("001c", "01") PING, 38, 4, 1, 8, 0, 28, 4, 0, {0}, 0},
    {"gre", 1, ETH_V4 V4("0018", "2f") "00000800", 34, 4, 47, 0, 0, 24, 4, 0, {0}, 0},
    {"authentication header",
     1,
     ETH_V4 V4("0038", "33") "11 04 0000 00000001 00000001 000000000000000000000000 " UDP,
     66,
     4,
     17,
     50000,
     53,
     56,
     4,
     0,
     {0},
     0},
    {"802.1q",
     1,
     MACS "8100 6064 0800 " V4("0020", "11") UDP,
     46,
     4,
     17,
     50000,
     53,
     32,
     4,
     1,
     {100},
     0},
    {"qinq",
     1,
     MACS "88a8 0064 8100 00c8 0800 " V4("0020", "11") UDP,
     50,
     4,
     17,
     50000,
     53,
     32,
     4,
     2,
     {100, 200},
     0},
    {"three tags",
     1,
     MACS "9100 0001 88a8 0002 8100 0003 0800 " V4("0020", "11") UDP,
     54,
     4,
     17,
     50000,
     53,
     32,
     4,
     2,
     {1, 2},
     0},
    {"sll",
     113,
     "0000 0001 0006 020000000001 0000 0800 " V4("0020", "11") UDP,
     44,
     4,
     17,
     50000,
     53,
     32,
     4,
     0,
     {0},
     0},
    {"sll vlan",
     113,
     "0000 0001 0006 020000000001 0000 8100 0005 0800 " V4("0020", "11") UDP,
     48,
     4,
     17,
     50000,
     53,
     32,
     4,
     1,
     {5},
     0},
    {"sll2",
     276,
     "86dd 0000 00000002 0001 00 06 0200000000010000 " V6("000c", "11") UDP,
     68,
     6,
     17,
     50000,
     53,
     52,
     4,
     0,
     {0},
     0},
    {"raw v4", 101, V4("0020", "11") UDP, 28, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"dlt raw v6", 12, V6("000c", "11") UDP, 48, 6, 17, 50000, 53, 52, 4, 0, {0}, 0},
    {"openbsd raw", 14, V4("0020", "11") UDP, 28, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"ipv4 link", 228, V4("0020", "11") UDP, 28, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"ipv6 link", 229, V6("000c", "11") UDP, 48, 6, 17, 50000, 53, 52, 4, 0, {0}, 0},
    {"null little", 0, "02000000 " V4("0020", "11") UDP, 32, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"null big", 0, "00000002 " V4("0020", "11") UDP, 32, 4, 17, 50000, 53, 32, 4, 0, {0}, 0},
    {"null v6", 0, "1e000000 " V6("000c", "11") UDP, 52, 6, 17, 50000, 53, 52, 4, 0, {0}, 0},
    {"loop", 108, "00000018 " V6("000c", "11") UDP, 52, 6, 17, 50000, 53, 52, 4, 0, {0}, 0},
    {"icmpv6",
     1,
     ETH_V6 V6("0008", "3a") "80 00 0000 0001 0001 ",
     58,
     6,
     58,
     128,
     0,
     48,
     4,
     0,
     {0},
     0},
    {"v6 empty", 1, ETH_V6 V6("0000", "3b") PADDING, 54, 6, 59, 0, 0, 40, 0, 0, {0}, 0},
    {"v6 hop-by-hop, destination",
     1,
     ETH_V6 V6("001c", "00") "3c 00 050200000100 11 00 010400000000 " UDP,
     78,
     6,
     17,
     50000,
     53,
     68,
     4,
     0,
     {0},
     0},
    {"v6 routing of 24 bytes",
     1,
     ETH_V6 V6("0024", "2b") "11 02 0001 00000000 " DST_V6 UDP,
     86,
     6,
     17,
     50000,
     53,
     76,
     4,
     0,
     {0},
     0},
    {"v6 authentication",
     1,
     ETH_V6 V6("0024", "33") "11 04 0000 00000001 00000001 000000000000000000000000 " UDP,
     86,
     6,
     17,
     50000,
     53,
     76,
     4,
     0,
     {0},
     0},
    {"v6 mobility",
     1,
     ETH_V6 V6("0008", "87") "3b 00 0000 0000 0000 ",
     62,
     6,
     59,
     0,
     0,
     48,
     0,
     0,
     {0},
     0},
    {"v6 hip, shim6",
     1,
     ETH_V6 V6("001c", "8b") "8c 00 000000000000 11 00 000000000000 " UDP,
     78,
     6,
     17,
     50000,
     53,
     68,
     4,
     0,
     {0},
     0},
    {"v6 whole in a fragment header",
     1,
     ETH_V6 V6("0014", "2c") "11 00 0000 00000007 " UDP,
     70,
     6,
     17,
     50000,
     53,
     60,
     4,
     0,
     {0},
     0},
};

struct refused_case {
    const char *name;
    int linktype;
    enum decode_result result;
    const char *hex;
};

#define EXT8(next) next " 00 000000000000 "
#define EXT64(next)                                                                                \
    EXT8("00") EXT8("00") EXT8("00") EXT8("00") EXT8("00") EXT8("00") EXT8("00") EXT8(next)
#define TAG     "8100 0001 "
#define LABELS4 "00010040 00010040 00010040 00010040 "

static const struct refused_case refused[] = {
    {"arp", 1, DECODE_ARP, MACS "0806 0001080006040001"},
    {"802.3 length", 1, DECODE_NOT_IP, MACS "0026 424203"},
    {"raw of version 5", 101, DECODE_NOT_IP, "55"},
    {"null of another family", 0, DECODE_NOT_IP, "07000000 45"},
    {"vsock", 271, DECODE_LINK, ETH_V4 V4("0020", "11") UDP},
    {"spanning tree", 1, DECODE_NOT_IP, MACS "0026 424203 000000"},
    {"snap of another organization", 1, DECODE_NOT_IP, MACS "0026 aaaa03 00000c 2000 02b4"},
    {"macsec", 1, DECODE_ENCRYPTED, MACS "88e5 2c000000 00000001"},
    {"nine labels", 1, DECODE_MALFORMED, MACS "8847 " LABELS4 LABELS4 LABELS4},
    {"channel of a pseudowire", 1, DECODE_NOT_IP, MACS "8847 00010140 10000021 45"},
    {"pppoe discovery", 1, DECODE_NOT_IP, MACS "8863 11090000 0000"},
    {"pppoe of version 2", 1, DECODE_MALFORMED, MACS "8864 21000001 0022 0021 45"},
    {"ppp link control", 9, DECODE_NOT_IP, "ff03 c021 0101 0004"},
    {"slip, compressed", 8, DECODE_NOT_IP, "00000000000000000000000000000000 70"},
    {"frame relay management", 107, DECODE_NOT_IP, "1841 0308 00"},
    {"arcnet, split", 129, DECODE_NOT_IP, "01020000 d4 030001 45"},
    {"arcnet arp", 129, DECODE_ARP, "01020000 f1 0007"},
    {"nflog without datagram", 239, DECODE_TRUNCATED, "02000000 08000100 00000000"},
    {"nflog attribute of 3 bytes", 239, DECODE_MALFORMED, "02000000 00000100"},
    {"ppi in ppi", 192, DECODE_LINK, "00000800 c0000000 00000800 01000000"},
    {"ppi of 7 bytes", 192, DECODE_MALFORMED, "00000700 01000000"},
    {"user2 that is no pktap", 149, DECODE_LINK, "20000000 01000000 01000000"},
    {"juniper without its magic", 178, DECODE_MALFORMED, "4d4744 00 0000"},
    {"juniper cut in its extensions", 178, DECODE_TRUNCATED, "4d4743 80 0003 0000"},
    {"radiotap of 7 bytes", 127, DECODE_MALFORMED, "00000700 00000000"},
    {"avs of 7 bytes", 163, DECODE_MALFORMED, "80211001 00000007"},
    {"802.11 beacon", 105, DECODE_NOT_IP, "8000 0000 ffffffffffff"},
    {"802.11 acknowledgement", 105, DECODE_NOT_IP, "d400 0000 020000000001"},
    {"802.11 no data", 105, DECODE_NOT_IP, "4801 0000 020000000001"},
    {"802.11 protected", 105, DECODE_ENCRYPTED, WIFI("0841", "0000") "0000"},
    {"802.11 second fragment", 105, DECODE_NOT_IP, WIFI("0801", "0100") "0000"},
    {"802.11 aggregate", 105, DECODE_NOT_IP,
     WIFI("8801", "0000") "8000"
                          "0000"},
    {"negative link type", -1, DECODE_LINK, "45"},
    {"nothing", 1, DECODE_TRUNCATED, ""},
    {"version 6 by the name of 4", 1, DECODE_MALFORMED, ETH_V4 V6("000c", "11") UDP},
    {"version 4 by the name of 6", 229, DECODE_MALFORMED, V4("0020", "11") UDP PADDING},
    {"header of 16 bytes", 1, DECODE_MALFORMED,
     ETH_V4 "44 00 0020 0001 0000 40 11 0000 " ENDS_V4 UDP},
    {"total below header", 1, DECODE_MALFORMED, ETH_V4 V4("0013", "11") UDP},
    {"no room for udp", 1, DECODE_MALFORMED, ETH_V4 V4("001b", "11") UDP},
    {"udp longer than ip", 1, DECODE_MALFORMED, ETH_V4 V4("001f", "11") UDP},
    {"udp length 7", 1, DECODE_MALFORMED, ETH_V4 V4("0020", "11") "c350 0035 0007 0000 00000000"},
    {"no room for tcp", 1, DECODE_MALFORMED, ETH_V4 V4("0027", "06") TCP_SYN20},
    {"tcp header of 16 bytes", 1, DECODE_MALFORMED,
     ETH_V4 V4("0028", "06") "c350 01bb 00000001 00000000 40 02 ffff 0000 0000 "},
    {"no room for tcp options", 1, DECODE_MALFORMED, ETH_V4 V4("002b", "06") TCP_OPT24},
    {"nine tags", 1, DECODE_MALFORMED,
     MACS TAG TAG TAG TAG TAG TAG TAG TAG TAG "0800 " V4("0020", "11") UDP},
    {"extension beyond datagram", 1, DECODE_MALFORMED, ETH_V6 V6("000c", "00") "11 01 0000" UDP},
    {"17 extensions", 1, DECODE_MALFORMED,
     ETH_V6 V6("0094", "00") EXT64("00") EXT64("00") EXT8("11") UDP},
    {"hop-by-hop without jumbo length", 1, DECODE_MALFORMED,
     ETH_V6 V6("0000", "00") EXT8("11") UDP},
    {"jumbo beyond capture", 1, DECODE_MALFORMED,
     ETH_V6 V6("0000", "00") "11 00 c2 04 00010000 " UDP},
};

static void expect_case(const struct frame_case *frame, const struct packet *got)
{
    cr_expect_eq(got->ts_ns, 5, "%s", frame->name);
    cr_expect_eq(got->ip_version, frame->version, "%s", frame->name);
    cr_expect_eq(got->proto, frame->proto, "%s: %d", frame->name, got->proto);
    cr_expect_eq(got->sport, frame->sport, "%s: %d", frame->name, got->sport);
    cr_expect_eq(got->dport, frame->dport, "%s: %d", frame->name, got->dport);
    cr_expect_eq(got->ip_len, frame->ip_len, "%s: %u", frame->name, got->ip_len);
    cr_expect_eq(got->payload_len, frame->payload_len, "%s: %u", frame->name, got->payload_len);
    cr_expect_eq(got->tcp_flags, frame->tcp_flags, "%s", frame->name);
    cr_expect_eq(got->vlan_count, frame->vlan_count, "%s", frame->name);
    cr_expect_arr_eq(got->vlan, frame->vlan, sizeof got->vlan, "%s", frame->name);
    cr_expect_not(got->fragment, "%s", frame->name);
}

Test(decode, every_header_path)
{
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        struct packet packet;
        size_t n;
        uint8_t *bytes = from_hex(valid[i].hex, &n);

        cr_assert_eq(decode_prefix(bytes, n, valid[i].linktype, &packet), DECODE_OK, "%s",
                     valid[i].name);
        expect_case(&valid[i], &packet);
        cr_expect_eq(packet.payload_cap, valid[i].payload_len, "%s", valid[i].name);
        free(bytes);
    }
}

/* Whatever is cut off behind the headers changes nothing but payload_cap. */
Test(decode, every_prefix)
{
    struct decoder *decoder = decoder_new(key);

    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        size_t n;
        uint8_t *bytes = from_hex(valid[i].hex, &n);

        for (size_t prefix = 0; prefix <= n; prefix++) {
            struct packet packet;
            enum decode_result result =
                decode_with(decoder, bytes, prefix, valid[i].linktype, &packet);

            cr_assert_eq(result, prefix < valid[i].needed ? DECODE_TRUNCATED : DECODE_OK,
                         "%s, %zu bytes: %s", valid[i].name, prefix, decode_result_name(result));
            if (result == DECODE_OK)
                expect_case(&valid[i], &packet);
        }
        free(bytes);
    }
    decoder_free(decoder);
}

Test(decode, refuses_with_the_right_reason)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct packet packet;
        size_t n;
        uint8_t *bytes = from_hex(refused[i].hex, &n);
        enum decode_result result = decode_prefix(bytes, n, refused[i].linktype, &packet);

        cr_expect_eq(result, refused[i].result, "%s: %s", refused[i].name,
                     decode_result_name(result));
        free(bytes);
    }
}

Test(decode, addresses)
{
    static const uint8_t v4[16] = {10, 0, 0, 1};
    struct packet packet;
    size_t n;
    uint8_t *bytes = from_hex(valid[0].hex, &n);

    memset(&packet, 0xff, sizeof packet);
    cr_assert_eq(decode_prefix(bytes, n, 1, &packet), DECODE_OK);
    cr_expect_arr_eq(packet.src.bytes, v4, 16);
    cr_expect_arr_eq(packet.payload, "data", 4);
    free(bytes);
    bytes = from_hex(DST_V6, &n);
    uint8_t *frame = from_hex(V6("000c", "11") UDP, &n);
    cr_assert_eq(decode_prefix(frame, n, 229, &packet), DECODE_OK);
    cr_expect_arr_eq(packet.dst.bytes, bytes, 16);
    free(frame);
    free(bytes);
}

Test(decode, segments_yet_to_be_split_are_as_long_as_captured)
{
    struct packet packet;
    size_t n;
    uint8_t *v4 = from_hex(ETH_V4 V4("0000", "06") TCP_SYN20 "686921", &n);

    cr_assert_eq(decode_prefix(v4, n, 1, &packet), DECODE_OK);
    cr_expect_eq(packet.ip_len, 43);
    cr_expect_eq(packet.payload_len, 3);
    free(v4);
    uint8_t *v6 = from_hex(ETH_V6 V6("0000", "06") TCP_SYN20 "686921", &n);
    cr_assert_eq(decode_prefix(v6, n, 1, &packet), DECODE_OK);
    cr_expect_eq(packet.ip_len, 63);
    free(v6);
    uint8_t *udp = from_hex(ETH_V6 V6("0000", "11") "c350 0035 0000 0000 64617461", &n);
    cr_assert_eq(decode_prefix(udp, n, 1, &packet), DECODE_OK);
    cr_expect_eq(packet.ip_len, 52);
    cr_expect_eq(packet.payload_len, 4);
    free(udp);
}

Test(decode, jumbogram)
{
    enum { HEADERS = 14 + 40 + 8 + 20, PAYLOAD = 70000 };
    uint8_t *bytes = calloc(1, HEADERS + PAYLOAD);
    struct packet packet;
    size_t n;
    /* 0x1118c = 70028: hop-by-hop header, TCP header and 70000 bytes */
    uint8_t *headers = from_hex(ETH_V6 V6("0000", "00") "06 00 c2 04 0001118c " TCP_SYN20, &n);

    memcpy(bytes, headers, n);
    cr_assert_eq(decode_prefix(bytes, HEADERS + PAYLOAD, 1, &packet), DECODE_OK);
    cr_expect_eq(packet.proto, IP_PROTO_TCP);
    cr_expect_eq(packet.ip_len, 40 + 0x1118c);
    cr_expect_eq(packet.payload_len, PAYLOAD);
    free(headers);
    free(bytes);
}

Test(decode, link_types)
{
    static const int supported[] = {0,   1,   8,   9,   12,  14,  50,  51,  101, 104, 105, 107,
                                    108, 113, 119, 127, 129, 149, 163, 166, 178, 192, 204, 226,
                                    228, 229, 239, 242, 258, 276, 281, 282, 284, 285};
    size_t next = 0;

    for (int linktype = -1; linktype < 400; linktype++) {
        bool expected =
            next < sizeof supported / sizeof supported[0] && supported[next] == linktype;

        next += expected;
        cr_expect_eq(decode_link_supported(linktype), expected, "%d", linktype);
    }
}

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

Test(decode, random_bytes)
{
    static const int linktypes[] = {0,   1,   8,   9,   50,  51,  101, 105, 107, 108,
                                    113, 119, 127, 129, 192, 239, 258, 276, 285, 9999};
    const size_t n_linktypes = sizeof linktypes / sizeof linktypes[0];
    struct decoder *decoder = decoder_new(key);
    uint64_t state = 88172645463325252U;

    for (size_t i = 0; i < 40000; i++) {
        uint8_t bytes[128];
        struct packet packet;
        size_t n = random64(&state) % sizeof bytes;

        for (size_t j = 0; j < n; j++)
            bytes[j] = (uint8_t)random64(&state);
        cr_assert_lt(decode_with(decoder, bytes, n, linktypes[i % n_linktypes], &packet),
                     DECODE_RESULT_COUNT);
    }
    decoder_free(decoder);
}

Test(decode, flipped_bits)
{
    struct decoder *decoder = decoder_new(key);
    uint64_t state = 1442695040888963407U;

    for (size_t i = 0; i < 30000; i++) {
        const struct frame_case *frame = &valid[i % (sizeof valid / sizeof valid[0])];
        struct packet packet;
        size_t n;
        uint8_t *bytes = from_hex(frame->hex, &n);

        for (int flips = (int)(random64(&state) % 4); flips >= 0; flips--) {
            uint64_t bit = random64(&state) % (8 * n);
            bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        n -= random64(&state) % 4 == 0 ? random64(&state) % n : 0;
        cr_assert_lt(decode_with(decoder, bytes, n, frame->linktype, &packet), DECODE_RESULT_COUNT);
        free(bytes);
    }
    decoder_free(decoder);
}

Test(decode, result_names_differ)
{
    for (enum decode_result a = DECODE_OK; a < DECODE_RESULT_COUNT; a++)
        for (enum decode_result b = DECODE_OK; b < a; b++)
            cr_expect_str_neq(decode_result_name(a), decode_result_name(b));
}
