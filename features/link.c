#include "link.h"

#include "framing.h"
#include "shim.h"
#include "wifi.h"

/* A link layer has either a header of fixed length, whose ethertype() names what follows, or a
 * strip() of its own. */
struct link_layer {
    int linktype;
    uint8_t header_len;
    uint16_t (*ethertype)(const uint8_t *header); /* header: header_len bytes, at least 1 */
    enum decode_result (*strip)(struct cursor *cursor, uint16_t *ethertype);
};

static uint16_t at_0(const uint8_t *header)
{
    return read_be16(header);
}

static uint16_t at_12(const uint8_t *header)
{
    return read_be16(header + 12);
}

static uint16_t at_14(const uint8_t *header)
{
    return read_be16(header + 14);
}

static uint16_t at_16(const uint8_t *header)
{
    return read_be16(header + 16);
}

static uint16_t at_20(const uint8_t *header)
{
    return read_be16(header + 20);
}

static uint16_t at_40(const uint8_t *header)
{
    return read_be16(header + 40);
}

/* BSD's address families as written by the capturing host, in either byte order. */
static uint16_t from_family(const uint8_t *header)
{
    uint32_t family = read_be32(header);

    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2: return ETHERTYPE_IPV4;
    case 10: return ETHERTYPE_IPV6; /* Linux */
    case 24: return ETHERTYPE_IPV6; /* NetBSD, OpenBSD */
    case 28: return ETHERTYPE_IPV6; /* FreeBSD */
    case 30: return ETHERTYPE_IPV6; /* Darwin */
    default: return 0;
    }
}

static uint16_t from_solaris_family(const uint8_t *header)
{
    switch (header[1]) {
    case 2: return ETHERTYPE_IPV4;
    case 26: return ETHERTYPE_IPV6;
    default: return 0;
    }
}

static uint16_t from_version(const uint8_t *header)
{
    return ethertype_of_version(header[0]);
}

static uint16_t always_ipv4(const uint8_t *header)
{
    (void)header;
    return ETHERTYPE_IPV4;
}

static uint16_t always_ipv6(const uint8_t *header)
{
    (void)header;
    return ETHERTYPE_IPV6;
}

static uint16_t always_ppp(const uint8_t *header)
{
    (void)header;
    return ETHERTYPE_PPP;
}

static uint16_t always_pppoe(const uint8_t *header)
{
    (void)header;
    return ETHERTYPE_PPPOE;
}

/* https://www.tcpdump.org/linktypes.html */
static const struct link_layer link_layers[] = {
    {0, 4, from_family, NULL},                 /* NULL */
    {1, 14, at_12, NULL},                      /* ETHERNET */
    {8, 0, NULL, framing_strip_slip},          /* SLIP */
    {9, 0, always_ppp, NULL},                  /* PPP */
    {12, 0, from_version, NULL},               /* DLT_RAW on most systems */
    {14, 0, from_version, NULL},               /* DLT_RAW on OpenBSD */
    {50, 0, NULL, framing_strip_ppp_serial},   /* PPP_HDLC */
    {51, 0, always_pppoe, NULL},               /* PPP_ETHER */
    {101, 0, from_version, NULL},              /* RAW */
    {104, 0, NULL, framing_strip_ppp_serial},  /* C_HDLC */
    {105, 0, NULL, wifi_strip},                /* IEEE802_11 */
    {107, 0, NULL, framing_strip_frame_relay}, /* FRELAY */
    {108, 4, from_family, NULL},               /* LOOP: in network byte order */
    {113, 16, at_14, NULL},                    /* LINUX_SLL */
    {119, 0, NULL, wifi_strip_prism},          /* IEEE802_11_PRISM */
    {127, 0, NULL, wifi_strip_radiotap},       /* IEEE802_11_RADIOTAP */
    {129, 0, NULL, framing_strip_arcnet},      /* ARCNET_LINUX */
    {163, 0, NULL, wifi_strip_avs},            /* IEEE802_11_AVS */
    {166, 2, always_ppp, NULL},                /* PPP_PPPD: direction, control field */
    {204, 1, always_ppp, NULL},                /* PPP_WITH_DIR: direction */
    {226, 24, from_solaris_family, NULL},      /* IPNET */
    {228, 0, always_ipv4, NULL},               /* IPV4 */
    {229, 0, always_ipv6, NULL},               /* IPV6 */
    {239, 0, NULL, framing_strip_nflog},       /* NFLOG */
    {242, 44, at_40, NULL},                    /* IPOIB */
    {276, 20, at_0, NULL},                     /* LINUX_SLL2 */
    {281, 18, at_16, NULL},                    /* DSA_TAG_BRCM */
    {282, 18, at_16, NULL},                    /* DSA_TAG_BRCM_PREPEND */
    {284, 18, at_16, NULL},                    /* DSA_TAG_DSA */
    {285, 22, at_20, NULL},                    /* DSA_TAG_EDSA */
};

static const struct link_layer *find(int linktype)
{
    for (size_t i = 0; i < sizeof link_layers / sizeof link_layers[0]; i++)
        if (link_layers[i].linktype == linktype)
            return &link_layers[i];
    return NULL;
}

bool link_supported(int linktype)
{
    return find(linktype) != NULL || framing_wraps(linktype);
}

enum decode_result link_strip(int linktype, struct cursor *cursor, uint16_t *ethertype)
{
    enum decode_result result = framing_unwrap(cursor, &linktype);
    const struct link_layer *layer = find(linktype);
    const uint8_t *header;

    if (result != DECODE_OK)
        return result;
    if (layer == NULL)
        return DECODE_LINK;
    if (layer->strip != NULL)
        return layer->strip(cursor, ethertype);
    result = cursor_need(cursor, layer->header_len > 0 ? layer->header_len : 1);
    if (result != DECODE_OK)
        return result;
    result = cursor_take(cursor, layer->header_len, &header);
    *ethertype = layer->ethertype(header);
    return result;
}
