/* Link layers, layers between link and IP, and tunnels: each around the same datagram. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "features/decode.h"
#include "frames.h"

#define INNER_V4 V4("0020", "11") UDP
#define INNER_V6 V6("000c", "11") UDP
#define SNAP     "aaaa03 000000 0800 "
#define AGAIN    MACS "0800 "
#define ZEROES24 "00000000 00000000 00000000 00000000 00000000 00000000 "

/* What the tunnels go through: longer by their headers than what was captured. */
#define OUTER(proto)      "45 00 0400 0001 0000 40 " proto " 0000 c0000201 c0000202 "
#define OUTER_UDP(port)   OUTER("11") "c000 " port " 03ec 0000 "
#define OUTER_V6(next)    "60000000 0400 " next " 40 " SRC_V6 DST_V6
#define GRE(flags, proto) OUTER("2f") flags " " proto " "

enum { INNER_PAYLOAD = 4 };

struct layer_case {
    const char *name;
    int linktype;
    const char *hex;
};

static const struct layer_case layers[] = {
    {"802.3 snap", 1, MACS "0028 " SNAP INNER_V4},
    {"802.3 snap of 802.1h", 1, MACS "0028 aaaa03 0000f8 86dd " INNER_V6},
    {"802.3 own access point", 1, MACS "0028 060603 " INNER_V4},
    {"mpls", 1, MACS "8847 00010040 00010140 " INNER_V4},
    {"mpls multicast v6", 1, MACS "8848 00010140 " INNER_V6},
    {"mpls pseudowire", 1, MACS "8847 00010140 00000000 " AGAIN INNER_V4},
    {"vlan mpls", 1, MACS "8100 0001 8847 00010140 " INNER_V4},
    {"pppoe", 1, MACS "8864 1100 0001 0022 0021 " INNER_V4},
    {"pppoe v6", 1, MACS "8864 1100 0001 0022 0057 " INNER_V6},
    {"ppp", 9, "0021 " INNER_V4},
    {"ppp with address", 9, "ff03 0057 " INNER_V6},
    {"ppp short protocol", 9, "21 " INNER_V4},
    {"ppp mpls", 9, "ff03 0281 00010140 " INNER_V4},
    {"ppp serial", 50, "ff03 0021 " INNER_V4},
    {"ppp serial cisco", 50, "0f00 0800 " INNER_V4},
    {"cisco hdlc", 104, "8f00 86dd " INNER_V6},
    {"ppp ether", 51, "1100 0001 0022 0021 " INNER_V4},
    {"pppd", 166, "0003 0021 " INNER_V4},
    {"ppp with direction", 204, "01 ff03 0021 " INNER_V4},
    {"slip", 8, "00000000000000000000000000000000 " INNER_V4},
    {"frame relay", 107, "1841 03cc " INNER_V4},
    {"frame relay v6", 107, "1841 038e " INNER_V6},
    {"frame relay cisco", 107, "1841 0800 " INNER_V4},
    {"arcnet 1051", 129, "01020000 f0 " INNER_V4},
    {"arcnet 1201", 129, "01020000 c4 000001 " INNER_V6},
    {"ipnet", 226, "0102000000000000 0000000000000000 0000000000000000 " INNER_V4},
    {"ipoib", 242,
     "0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 "
     "0800 0000 " INNER_V4},
    {"nflog", 239, "02000000 05000a00 01000000 24000900 " INNER_V4},
    {"dsa brcm", 281, MACS "20000001 0800 " INNER_V4},
    {"dsa brcm prepended", 282, "20000001 " AGAIN INNER_V4},
    {"dsa", 284, MACS "40000000 0800 " INNER_V4},
    {"edsa", 285, MACS "dada 0000 40000000 0800 " INNER_V4},
    {"802.11", 105, WIFI("0801", "0000") SNAP INNER_V4},
    {"802.11 qos", 105, WIFI("8802", "0000") "0000 " SNAP INNER_V4},
    {"802.11 four addresses", 105, WIFI("0803", "0000") "020000000004 " SNAP INNER_V4},
    {"802.11 qos ht", 105, WIFI("8881", "0000") "0000 00000000 " SNAP INNER_V4},
    {"radiotap", 127, "00000900 02000000 10 " WIFI("0801", "0000") SNAP INNER_V4},
    {"radiotap padded", 127,
     "00000900 02000000 20 " WIFI("8801", "0000") "0000 0000 " SNAP INNER_V4},
    {"radiotap two words, time", 127,
     "00001900 03000080 00000000 00000000 0000000000000000 20 " WIFI(
         "8801", "0000") "0000 0000 " SNAP INNER_V4},
    {"avs", 163, "80211001 0000000c 00000000 " WIFI("0801", "0000") SNAP INNER_V4},
    {"prism that is avs", 119, "80211002 00000008 " WIFI("0801", "0000") SNAP INNER_V4},
    {"ppi", 192, "00000c00 69000000 00000000 " WIFI("0801", "0000") SNAP INNER_V4},
    {"pktap of old systems", 149,
     "6c000000 01000000 01000000 " ZEROES24 ZEROES24 ZEROES24 ZEROES24 AGAIN INNER_V4},
    {"juniper ethernet", 178, "4d4743 00 " AGAIN INNER_V4},
    {"juniper ethernet with extensions", 178, "4d4743 80 0003 000000 " AGAIN INNER_V4},
    {"juniper ip", 178, "4d4743 82 0001 00 00000000 " INNER_V4},
    {"pktap", 258, "10000000 01000000 01000000 00000000 " AGAIN INNER_V4},
};

static void expect_inner(const char *name, const struct packet *packet)
{
    cr_expect_eq(packet->proto, IP_PROTO_UDP, "%s: protocol %d", name, packet->proto);
    cr_expect_eq(packet->sport, 50000, "%s: %d", name, packet->sport);
    cr_expect_eq(packet->dport, 53, "%s: %d", name, packet->dport);
    cr_expect_eq(packet->ip_len, packet->ip_version == 4 ? 32U : 52U, "%s", name);
    cr_expect_eq(packet->payload_len, INNER_PAYLOAD, "%s: %u", name, packet->payload_len);
    cr_expect(packet->src.bytes[0] == 10 || packet->src.bytes[0] == 0x20, "%s", name);
}

/* All but the payload must be there; less is cut off. */
Test(layers, every_prefix)
{
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        const char *name = layers[i].name;
        size_t n;
        uint8_t *bytes = from_hex(layers[i].hex, &n);

        for (size_t prefix = 0; prefix <= n; prefix++) {
            struct packet packet;
            enum decode_result result = decode_prefix(bytes, prefix, layers[i].linktype, &packet);

            if (prefix < n - INNER_PAYLOAD)
                cr_assert_eq(result, DECODE_TRUNCATED, "%s, %zu bytes: %s", name, prefix,
                             decode_result_name(result));
            else
                cr_assert_eq(result, DECODE_OK, "%s, %zu bytes", name, prefix);
            if (result == DECODE_OK)
                expect_inner(name, &packet);
        }
        free(bytes);
    }
}

Test(layers, prism_header_is_144_bytes)
{
    uint8_t frame[256] = {0x44};
    struct packet packet;
    size_t n;
    uint8_t *bytes = from_hex(WIFI("0801", "0000") SNAP INNER_V4, &n);

    memcpy(frame + 144, bytes, n);
    cr_assert_eq(decode_prefix(frame, 144 + n, 119, &packet), DECODE_OK);
    expect_inner("prism", &packet);
    free(bytes);
}

struct tunnel_case {
    const char *name;
    const char *hex;       /* without a link header */
    enum tunnel_kind kind; /* TUNNEL_COUNT: none */
    size_t outer;          /* bytes that the tunnel's own datagram needs */
};

static const struct tunnel_case tunnels[] = {
    {"gre", GRE("0000", "0800") INNER_V4, TUNNEL_GRE, 20},
    {"gre, checksum, key, sequence", GRE("b000", "86dd") "00000000 00000001 00000002 " INNER_V6,
     TUNNEL_GRE, 20},
    {"gre over ipv6", OUTER_V6("2f") "0000 0800 " INNER_V4, TUNNEL_GRE, 40},
    {"gre mpls", GRE("0000", "8847") "00010140 " INNER_V4, TUNNEL_GRE, 20},
    {"gre wccp", GRE("0000", "883e") "00000000 " INNER_V4, TUNNEL_GRE, 20},
    {"gre wccp of version 1", GRE("0000", "883e") INNER_V4, TUNNEL_GRE, 20},
    {"nvgre", GRE("2000", "6558") "00000100 " AGAIN INNER_V4, TUNNEL_GRE, 20},
    {"pptp", GRE("3081", "880b") "00240001 00000001 00000000 ff03 0021 " INNER_V4, TUNNEL_GRE, 20},
    {"erspan 1", GRE("0000", "88be") AGAIN INNER_V4, TUNNEL_GRE, 20},
    {"erspan 2", GRE("1000", "88be") "00000001 1001 0001 00000000 " AGAIN INNER_V4, TUNNEL_GRE, 20},
    {"erspan 3", GRE("1000", "22eb") "00000001 2001 0001 00000000 0000 0000 " AGAIN INNER_V4,
     TUNNEL_GRE, 20},
    {"erspan 3, 8 bytes more",
     GRE("1000", "22eb") "00000001 2001 0001 00000000 0000 0001 0000000000000000 " AGAIN INNER_V4,
     TUNNEL_GRE, 20},
    {"erspan 3 of ip", GRE("1000", "22eb") "00000001 2001 0001 00000000 0000 0800 " INNER_V4,
     TUNNEL_GRE, 20},
    {"ip in ip", OUTER("04") INNER_V4, TUNNEL_IPIP, 20},
    {"ip in ipv6", OUTER_V6("04") INNER_V4, TUNNEL_IPIP, 40},
    {"6in4", OUTER("29") INNER_V6, TUNNEL_6IN4, 20},
    {"vxlan", OUTER_UDP("12b5") "08000000 00000100 " AGAIN INNER_V4, TUNNEL_VXLAN, 28},
    {"vxlan, linux's port", OUTER_UDP("2118") "08000000 00000100 " AGAIN INNER_V4, TUNNEL_VXLAN,
     28},
    {"geneve", OUTER_UDP("17c1") "0000 6558 00000100 " AGAIN INNER_V4, TUNNEL_GENEVE, 28},
    {"geneve, options", OUTER_UDP("17c1") "0200 86dd 00000100 0000000000000000 " INNER_V6,
     TUNNEL_GENEVE, 28},
    {"gtp", OUTER_UDP("0868") "30 ff 0020 00000001 " INNER_V4, TUNNEL_GTP, 28},
    {"gtp, sequence", OUTER_UDP("0868") "32 ff 0024 00000001 0001 00 00 " INNER_V4, TUNNEL_GTP, 28},
    {"gtp, extensions",
     OUTER_UDP("0868") "34 ff 0024 00000001 0000 00 85 01 0000 85 01 0000 00 " INNER_V6, TUNNEL_GTP,
     28},
    {"teredo", OUTER_UDP("0dd8") INNER_V6, TUNNEL_TEREDO, 28},
    {"teredo, authentication, origin",
     OUTER_UDP("0dd8") "0001 0000 0000000000000000 00 0000 1234 c0000201 " INNER_V6, TUNNEL_TEREDO,
     28},
    {"teredo server's answer", OUTER("11") "0dd8 c000 03ec 0000 " INNER_V6, TUNNEL_TEREDO, 28},
    {"mpls in udp", OUTER_UDP("19eb") "00010140 " INNER_V4, TUNNEL_MPLS, 28},
};

static enum decode_result decode_raw(struct decoder *decoder, const uint8_t *bytes, size_t n,
                                     struct packet *out)
{
    return decode_with(decoder, bytes, n, 101, out);
}

static bool is_outer(const struct packet *packet)
{
    return packet->ip_len == 1024 || packet->ip_len == 1064;
}

/* As long as the inner headers are not whole, the tunnel's own datagram counts. */
Test(tunnel, every_prefix)
{
    for (size_t i = 0; i < sizeof tunnels / sizeof tunnels[0]; i++) {
        const struct tunnel_case *tunnel = &tunnels[i];
        struct decoder *decoder = decoder_new(key);
        size_t n;
        uint8_t *bytes = from_hex(tunnel->hex, &n);

        for (size_t prefix = 1; prefix <= n; prefix++) {
            struct packet packet;
            enum decode_result result = decode_raw(decoder, bytes, prefix, &packet);

            cr_assert_eq(result, prefix < tunnel->outer ? DECODE_TRUNCATED : DECODE_OK,
                         "%s, %zu bytes", tunnel->name, prefix);
            if (prefix >= n - INNER_PAYLOAD)
                expect_inner(tunnel->name, &packet);
            else if (prefix >= tunnel->outer)
                cr_assert(is_outer(&packet), "%s, %zu bytes", tunnel->name, prefix);
        }
        free(bytes);
        decoder_free(decoder);
    }
}

Test(tunnel, only_the_kinds_that_are_wanted)
{
    for (size_t i = 0; i < sizeof tunnels / sizeof tunnels[0]; i++) {
        const struct tunnel_case *tunnel = &tunnels[i];
        struct decoder *decoder = decoder_new(key);
        struct packet packet;
        size_t n;
        uint8_t *bytes = from_hex(tunnel->hex, &n);

        decoder_set_tunnels(decoder, TUNNELS_ALL & ~(1U << tunnel->kind));
        cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
        cr_expect(is_outer(&packet), "%s", tunnel->name);
        decoder_set_tunnels(decoder, 1U << tunnel->kind);
        cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
        expect_inner(tunnel->name, &packet);
        free(bytes);
        decoder_free(decoder);
    }
}

static const struct tunnel_case opaque[] = {
    {"gre keep-alive", GRE("0000", "0000"), TUNNEL_GRE, 0},
    {"gre, source route", GRE("4000", "0800") INNER_V4, TUNNEL_GRE, 0},
    {"gre of version 2", GRE("0002", "0800") INNER_V4, TUNNEL_GRE, 0},
    {"erspan 3 of another type",
     GRE("1000", "22eb") "00000001 2001 0001 00000000 0000 1c00 " INNER_V4, TUNNEL_GRE, 0},
    {"ip in ip, version 5", OUTER("04") "55", TUNNEL_IPIP, 0},
    {"arp in vxlan", OUTER_UDP("12b5") "08000000 00000100 " MACS "0806 0001", TUNNEL_VXLAN, 0},
    {"vxlan without network", OUTER_UDP("12b5") "00000000 00000100 " AGAIN INNER_V4, TUNNEL_VXLAN,
     0},
    {"geneve of version 1", OUTER_UDP("17c1") "4000 0800 00000100 " INNER_V4, TUNNEL_GENEVE, 0},
    {"gtp echo", OUTER_UDP("0868") "32 01 0004 00000000 0001 00 00", TUNNEL_GTP, 0},
    {"gtp of version 2", OUTER_UDP("0868") "50 ff 0020 00000001 " INNER_V4, TUNNEL_GTP, 0},
    {"gtp extension of no length", OUTER_UDP("0868") "34 ff 0024 00000001 0000 00 85 00 " INNER_V4,
     TUNNEL_GTP, 0},
    {"ipv4 in teredo", OUTER_UDP("0dd8") INNER_V4, TUNNEL_TEREDO, 0},
    {"malformed inside", OUTER("04") V4("0013", "11") UDP, TUNNEL_IPIP, 0},
    {"a later fragment inside", OUTER("04") "45 00 0020 0001 0001 40 11 0000 " ENDS_V4 UDP,
     TUNNEL_IPIP, 0},
    {"a tcp connection to the port", OUTER("06") "c350 12b5 00000001 00000000 50 02 ffff 0000 0000",
     TUNNEL_COUNT, 0},
};

Test(tunnel, what_cannot_be_decoded_is_the_tunnels_own)
{
    struct decoder *decoder = decoder_new(key);
    struct decoder_stats stats;
    uint64_t expected = 0;

    for (size_t i = 0; i < sizeof opaque / sizeof opaque[0]; i++) {
        struct packet packet;
        size_t n;
        uint8_t *bytes = from_hex(opaque[i].hex, &n);

        cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK, "%s", opaque[i].name);
        cr_expect(is_outer(&packet), "%s", opaque[i].name);
        expected += opaque[i].kind != TUNNEL_COUNT;
        decoder_get_stats(decoder, &stats);
        cr_expect_eq(stats.opaque, expected, "%s", opaque[i].name);
        free(bytes);
    }
    decoder_free(decoder);
}

Test(tunnel, later_fragments_of_the_tunnel_are_its_own)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;
    size_t n;
    uint8_t *bytes = from_hex(OUTER_UDP("12b5") "08000000 00000100 " AGAIN INNER_V4, &n);

    bytes[6] = 0x20; /* more to come */
    cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
    expect_inner("first fragment", &packet);
    cr_expect_not(packet.fragment);
    bytes[7] = 1; /* offset */
    cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
    cr_expect(is_outer(&packet));
    cr_expect_eq(packet.dport, 4789);
    free(bytes);
    decoder_free(decoder);
}

Test(tunnel, fragments_inside_find_their_first)
{
    struct decoder *decoder = decoder_new(key);
    struct packet packet;
    size_t n;
    uint8_t *bytes = from_hex(OUTER("04") INNER_V4, &n);

    bytes[26] = 0x20;
    cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
    bytes[26] = 0;
    bytes[27] = 1;
    cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
    cr_expect(packet.later_fragment);
    cr_expect_eq(packet.dport, 53);
    free(bytes);
    decoder_free(decoder);
}

/* Four tunnels are entered, the fifth is a flow of its own. */
Test(tunnel, bounded_depth)
{
    static const char *const nested[] = {
        OUTER("04") INNER_V4,
        OUTER("04") OUTER("04") OUTER("04") OUTER("04") INNER_V4,
        OUTER("04") OUTER("04") OUTER("04") OUTER("04") OUTER("04") INNER_V4,
    };
    static const uint8_t proto[] = {IP_PROTO_UDP, IP_PROTO_UDP, 4};

    for (size_t i = 0; i < sizeof nested / sizeof nested[0]; i++) {
        struct packet packet;
        size_t n;
        uint8_t *bytes = from_hex(nested[i], &n);

        cr_assert_eq(decode_prefix(bytes, n, 101, &packet), DECODE_OK);
        cr_expect_eq(packet.proto, proto[i], "%zu: %d", i, packet.proto);
        free(bytes);
    }
}

Test(tunnel, vlan_ids_are_the_inner_frames)
{
    struct packet packet;
    size_t n;
    uint8_t *bytes =
        from_hex(MACS "8100 0064 0800 " GRE("0000", "6558") MACS "8100 00c8 0800 " INNER_V4, &n);

    cr_assert_eq(decode_prefix(bytes, n, 1, &packet), DECODE_OK);
    cr_expect_eq(packet.vlan_count, 1);
    cr_expect_eq(packet.vlan[0], 200);
    free(bytes);
    bytes = from_hex(MACS "8100 0064 0800 " GRE("0000", "0800") INNER_V4, &n);
    cr_assert_eq(decode_prefix(bytes, n, 1, &packet), DECODE_OK);
    cr_expect_eq(packet.vlan_count, 0);
    cr_expect_eq(packet.vlan[0], 0);
    free(bytes);
}

Test(tunnel, counts)
{
    struct decoder *decoder = decoder_new(key);
    struct decoder_stats stats;
    struct packet packet;

    for (size_t i = 0; i < sizeof tunnels / sizeof tunnels[0]; i++) {
        uint64_t before;
        size_t n;
        uint8_t *bytes = from_hex(tunnels[i].hex, &n);

        decoder_get_stats(decoder, &stats);
        before = stats.inner[tunnels[i].kind];
        cr_assert_eq(decode_raw(decoder, bytes, n, &packet), DECODE_OK);
        decoder_get_stats(decoder, &stats);
        cr_expect_eq(stats.inner[tunnels[i].kind], before + 1, "%s", tunnels[i].name);
        free(bytes);
    }
    cr_expect_eq(stats.opaque, 0);
    decoder_free(decoder);
}
