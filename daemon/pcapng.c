#include "pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "features/cursor.h"
#include "features/nanos.h"

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_OBSOLETE_PACKET = 2,
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_SECTION = 0x0a0d0d0a /* reads the same in either byte order */
};

enum option { OPTION_END = 0, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };

/* A block: type, length of the whole, body, and the length again, 4 bytes each but for the body. */
enum { BLOCK_MIN = 12, BLOCK_MAX = 16 << 20, TRAILER = 4, INTERFACES_MAX = 65536 };

struct interface {
    int linktype;
    uint32_t snaplen;    /* 0: no limit */
    uint64_t per_second; /* ticks of its clock: a power of 10 or of 2 */
    int64_t offset;      /* seconds, to be added to its times */
};

struct pcapng {
    FILE *stream;    /* owned */
    uint64_t offset; /* of the present block in the stream */
    uint8_t *block;  /* the present one, whole; owned */
    uint32_t length; /* of the present block; 0 before the first */
    uint32_t room;   /* in block */
    bool big_endian; /* the present section is */
    size_t n_interfaces, interfaces_room;
    struct interface *interfaces; /* of the present section; owned */
};

static uint16_t get16(const struct pcapng *p, size_t at)
{
    return p->big_endian ? read_be16(p->block + at) : read_le16(p->block + at);
}

static uint32_t get32(const struct pcapng *p, size_t at)
{
    return p->big_endian ? read_be32(p->block + at) : read_le32(p->block + at);
}

static int damaged(const struct pcapng *p, const char *reason, struct da3d_error *error)
{
    return da3d_fail(error, "block at offset %" PRIu64 ": %s", p->offset, reason);
}

/* The stream ended within a block, or failed. */
static int cut_off(const struct pcapng *p, struct da3d_error *error)
{
    return damaged(p, ferror(p->stream) ? strerror(errno) : "cut off", error);
}

/* Makes room for a block of that length; keeps what is there. */
static int reserve(struct pcapng *p, uint32_t length, struct da3d_error *error)
{
    uint8_t *block;

    if (length <= p->room)
        return 0;
    block = realloc(p->block, length);
    if (!block)
        return da3d_fail(error, "%s", strerror(errno));
    p->block = block;
    p->room = length;
    return 0;
}

/* A section's header, of which BLOCK_MIN bytes are there, tells by its third word. */
static int set_byte_order(struct pcapng *p, struct da3d_error *error)
{
    enum { MAGIC = 0x1a2b3c4d };

    p->big_endian = read_be32(p->block + 8) == MAGIC;
    if (!p->big_endian && read_le32(p->block + 8) != MAGIC)
        return damaged(p, "a section of no known byte order", error);
    return 0;
}

/* The first BLOCK_MIN bytes are there. */
static int read_rest(struct pcapng *p, struct da3d_error *error)
{
    uint32_t length = get32(p, 4);

    if (length < BLOCK_MIN || length > BLOCK_MAX || length % 4 != 0)
        return damaged(p, "its length is not a multiple of 4 from 12 to 16 MiB", error);
    if (reserve(p, length, error) < 0)
        return -1;
    if (fread(p->block + BLOCK_MIN, 1, length - BLOCK_MIN, p->stream) != length - BLOCK_MIN)
        return cut_off(p, error);
    if (get32(p, length - TRAILER) != length)
        return damaged(p, "the length at its end is another than at its beginning", error);
    p->length = length;
    return 0;
}

/* Returns 1 with the next block, 0 at the end, or -1 with *error. */
static int read_block(struct pcapng *p, struct da3d_error *error)
{
    size_t n;

    p->offset += p->length;
    p->length = 0;
    n = fread(p->block, 1, BLOCK_MIN, p->stream);
    if (n == 0 && !ferror(p->stream))
        return 0;
    if (n < BLOCK_MIN)
        return cut_off(p, error);
    if (get32(p, 0) == BLOCK_SECTION && set_byte_order(p, error) < 0)
        return -1;
    return read_rest(p, error) < 0 ? -1 : 1;
}

/* Do the fields before that offset belong to the present block? */
static int need(const struct pcapng *p, size_t end, struct da3d_error *error)
{
    return end + TRAILER <= p->length ? 0 : damaged(p, "too short for its type", error);
}

static int begin_section(struct pcapng *p, struct da3d_error *error)
{
    if (need(p, 24, error) < 0)
        return -1;
    if (get16(p, 12) != 1 || (get16(p, 14) != 0 && get16(p, 14) != 2))
        return da3d_fail(error, "block at offset %" PRIu64 ": version %u.%u, not 1.0 or 1.2",
                         p->offset, get16(p, 12), get16(p, 14));
    p->n_interfaces = 0;
    return 0;
}

/* value: of the option if_tsresol, an exponent of 10, or with the highest bit of 2, negated.
 * Returns 0 where 64 bits do not hold that many ticks. */
static uint64_t ticks_per_second(uint8_t value)
{
    uint64_t ticks = 1;

    if (value & 0x80)
        return (value & 0x7f) < 64 ? UINT64_C(1) << (value & 0x7f) : 0;
    if (value > 19)
        return 0;
    while (value-- > 0)
        ticks *= 10;
    return ticks;
}

/* at: offset of an option's value, len bytes. */
static int take_option(const struct pcapng *p, size_t at, uint16_t len, enum option option,
                       struct interface *interface, struct da3d_error *error)
{
    uint64_t first, second;

    if (option == OPTION_TSRESOL) {
        interface->per_second = len == 1 ? ticks_per_second(p->block[at]) : 0;
        return interface->per_second > 0 ? 0 : damaged(p, "its if_tsresol is none", error);
    }
    if (option == OPTION_TSOFFSET) {
        if (len != 8)
            return damaged(p, "its if_tsoffset is none", error);
        first = get32(p, at);
        second = get32(p, at + 4);
        interface->offset = (int64_t)(p->big_endian ? first << 32 | second : second << 32 | first);
    }
    return 0;
}

/* From offset at on: code and length of each, 2 bytes each, and its value, padded to 4. */
static int read_options(const struct pcapng *p, size_t at, struct interface *interface,
                        struct da3d_error *error)
{
    const size_t end = p->length - TRAILER;

    while (at < end) {
        uint16_t code = get16(p, at), len = get16(p, at + 2);

        at += 4;
        if (code == OPTION_END)
            return 0;
        if (len > end - at)
            return damaged(p, "an option is longer than it", error);
        if (take_option(p, at, len, code, interface, error) < 0)
            return -1;
        at += ((size_t)len + 3) & ~(size_t)3;
    }
    return 0;
}

static struct interface *new_interface(struct pcapng *p, struct da3d_error *error)
{
    if (p->n_interfaces == INTERFACES_MAX) {
        damaged(p, "more than 65536 interfaces in a section", error);
        return NULL;
    }
    if (p->n_interfaces == p->interfaces_room) {
        size_t room = p->interfaces_room > 0 ? 2 * p->interfaces_room : 8;
        struct interface *interfaces = reallocarray(p->interfaces, room, sizeof *interfaces);

        if (!interfaces) {
            da3d_fail(error, "%s", strerror(errno));
            return NULL;
        }
        p->interfaces = interfaces;
        p->interfaces_room = room;
    }
    return &p->interfaces[p->n_interfaces++];
}

static int add_interface(struct pcapng *p, struct da3d_error *error)
{
    struct interface *interface;

    if (need(p, 16, error) < 0)
        return -1;
    interface = new_interface(p, error);
    if (!interface)
        return -1;
    *interface =
        (struct interface){.linktype = get16(p, 8), .snaplen = get32(p, 12), .per_second = 1000000};
    return read_options(p, 16, interface, error);
}

static const struct interface *find(const struct pcapng *p, uint32_t id, struct da3d_error *error)
{
    if (id < p->n_interfaces)
        return &p->interfaces[id];
    damaged(p, "a packet of an interface that is not described before it", error);
    return NULL;
}

static int64_t time_of(const struct interface *interface, uint64_t ticks)
{
    uint64_t per_second = interface->per_second, seconds = ticks / per_second;
    uint64_t rest = ticks % per_second;
    int64_t sum;

    for (unsigned base = per_second % 10 == 0 ? 10 : 2; per_second > UINT64_C(1) << 33;
         per_second /= base) /* finer than nanoseconds, whose product would overflow */
        rest /= base;
    if (__builtin_add_overflow(seconds, interface->offset, &sum))
        sum = INT64_MAX;
    return nanos_at(sum, (int64_t)(rest * NANOS_PER_SECOND / per_second));
}

/* at: offset of the frame's data. Returns 1, or -1 with *error. */
static int take_data(const struct pcapng *p, size_t at, struct frame *frame,
                     struct da3d_error *error)
{
    if (frame->caplen > p->length - TRAILER - at)
        return damaged(p, "a packet is longer than it", error);
    frame->data = p->block + at;
    return 1;
}

/* An enhanced packet, or an obsolete one, which has the number of its interface in 2 bytes. */
static int take_packet(const struct pcapng *p, uint32_t id, struct frame *frame, int *linktype,
                       struct da3d_error *error)
{
    enum { DATA = 28 };
    const struct interface *interface = find(p, id, error);

    if (!interface || need(p, DATA, error) < 0)
        return -1;
    *linktype = interface->linktype;
    frame->ts_ns = time_of(interface, (uint64_t)get32(p, 12) << 32 | get32(p, 16));
    frame->caplen = get32(p, 20);
    frame->wirelen = get32(p, 24);
    return take_data(p, DATA, frame, error);
}

static int take_simple_packet(const struct pcapng *p, struct frame *frame, int *linktype,
                              struct da3d_error *error)
{
    enum { DATA = 12 };
    const struct interface *interface = find(p, 0, error);

    if (!interface || need(p, DATA, error) < 0)
        return -1;
    *linktype = interface->linktype;
    frame->ts_ns = 0;
    frame->wirelen = get32(p, 8);
    frame->caplen = interface->snaplen > 0 && interface->snaplen < frame->wirelen
                        ? interface->snaplen
                        : frame->wirelen;
    return take_data(p, DATA, frame, error);
}

/* Returns 1 with the present block's frame, 0 if it has none, or -1 with *error. */
static int take_block(struct pcapng *p, struct frame *frame, int *linktype,
                      struct da3d_error *error)
{
    switch (get32(p, 0)) {
    case BLOCK_SECTION: return begin_section(p, error);
    case BLOCK_INTERFACE: return add_interface(p, error);
    case BLOCK_ENHANCED_PACKET: return take_packet(p, get32(p, 8), frame, linktype, error);
    case BLOCK_OBSOLETE_PACKET: return take_packet(p, get16(p, 8), frame, linktype, error);
    case BLOCK_SIMPLE_PACKET: return take_simple_packet(p, frame, linktype, error);
    default: return 0;
    }
}

static int read_first_section(struct pcapng *p, struct da3d_error *error)
{
    int rc;

    if (reserve(p, 64 << 10, error) < 0)
        return -1;
    rc = read_block(p, error);
    if (rc < 0)
        return -1;
    if (rc == 0 || get32(p, 0) != BLOCK_SECTION)
        return da3d_fail(error, "no section header at its beginning");
    return begin_section(p, error);
}

struct pcapng *pcapng_open(FILE *stream, struct da3d_error *error)
{
    struct pcapng *pcapng = calloc(1, sizeof *pcapng);

    if (!pcapng) {
        fclose(stream);
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    pcapng->stream = stream;
    if (read_first_section(pcapng, error) < 0) {
        pcapng_close(pcapng);
        return NULL;
    }
    return pcapng;
}

void pcapng_close(struct pcapng *pcapng)
{
    if (!pcapng)
        return;
    fclose(pcapng->stream);
    free(pcapng->block);
    free(pcapng->interfaces);
    free(pcapng);
}

int pcapng_next(struct pcapng *pcapng, struct frame *frame, int *linktype, struct da3d_error *error)
{
    int rc;

    while ((rc = read_block(pcapng, error)) > 0 &&
           (rc = take_block(pcapng, frame, linktype, error)) == 0)
        continue;
    return rc;
}
