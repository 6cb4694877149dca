#include "link.h"

/* Each link layer says how long its header is and which EtherType follows it; *header points to
 * the whole header (to one byte, where the layer has none). */
struct link_layer {
    int linktype;
    uint8_t header_len;
    uint16_t (*ethertype)(const uint8_t *header);
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

static uint16_t from_version(const uint8_t *header)
{
    switch (header[0] >> 4) {
    case 4: return ETHERTYPE_IPV4;
    case 6: return ETHERTYPE_IPV6;
    default: return 0;
    }
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

/* https://www.tcpdump.org/linktypes.html */
static const struct link_layer link_layers[] = {
    {0, 4, from_family},    /* NULL */
    {1, 14, at_12},         /* ETHERNET */
    {12, 0, from_version},  /* DLT_RAW on most systems */
    {14, 0, from_version},  /* DLT_RAW on OpenBSD */
    {101, 0, from_version}, /* RAW */
    {108, 4, from_family},  /* LOOP: in network byte order */
    {113, 16, at_14},       /* LINUX_SLL */
    {228, 0, always_ipv4},  /* IPV4 */
    {229, 0, always_ipv6},  /* IPV6 */
    {276, 20, at_0},        /* LINUX_SLL2 */
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
    return find(linktype) != NULL;
}

/* A layer between link and network. Moves the cursor past it and replaces *ethertype by the one
 * that follows. */
struct shim_layer {
    uint16_t ethertype;
    enum decode_result (*strip)(struct cursor *cursor, uint16_t *ethertype, struct packet *out);
};

static enum decode_result strip_vlan(struct cursor *cursor, uint16_t *ethertype, struct packet *out)
{
    enum decode_result result = cursor_need(cursor, 4);

    if (result != DECODE_OK)
        return result;
    if (out->vlan_count < VLAN_MAX)
        out->vlan[out->vlan_count++] = read_be16(cursor->at) & 0x0fff;
    *ethertype = read_be16(cursor->at + 2);
    cursor_skip(cursor, 4);
    return DECODE_OK;
}

static const struct shim_layer shim_layers[] = {
    {0x8100, strip_vlan}, /* IEEE 802.1Q */
    {0x88a8, strip_vlan}, /* IEEE 802.1ad */
    {0x9100, strip_vlan}, /* the same before it was standard */
};

enum { SHIMS_MAX = 8 };

static const struct shim_layer *find_shim(uint16_t ethertype)
{
    for (size_t i = 0; i < sizeof shim_layers / sizeof shim_layers[0]; i++)
        if (shim_layers[i].ethertype == ethertype)
            return &shim_layers[i];
    return NULL;
}

static enum decode_result strip_shims(struct cursor *cursor, uint16_t *ethertype,
                                      struct packet *out)
{
    const struct shim_layer *shim;
    enum decode_result result;

    for (int depth = 0; (shim = find_shim(*ethertype)) != NULL; depth++) {
        if (depth == SHIMS_MAX)
            return DECODE_MALFORMED;
        result = shim->strip(cursor, ethertype, out);
        if (result != DECODE_OK)
            return result;
    }
    return DECODE_OK;
}

enum decode_result link_strip(int linktype, struct cursor *cursor, uint16_t *ethertype,
                              struct packet *out)
{
    const struct link_layer *layer = find(linktype);
    enum decode_result result;

    if (layer == NULL)
        return DECODE_LINK;
    result = cursor_need(cursor, layer->header_len > 0 ? layer->header_len : 1);
    if (result != DECODE_OK)
        return result;
    *ethertype = layer->ethertype(cursor->at);
    cursor_skip(cursor, layer->header_len);
    out->vlan_count = 0;
    out->vlan[0] = out->vlan[1] = 0;
    return strip_shims(cursor, ethertype, out);
}
