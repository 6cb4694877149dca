/* pcapng files, block by block. That whole captures give the same rows is tested from outside. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/pcapng.h"

enum { ROOM = 4096 };

/* A file in the making. */
struct file {
    uint8_t bytes[ROOM];
    size_t size;
    bool big_endian;
};

static void put(struct file *file, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        file->bytes[file->size++] = (uint8_t)(value >> 8 * (file->big_endian ? n - 1 - i : i));
}

/* Begins a block whose body will have that length, before padding. */
static void begin(struct file *file, uint32_t type, uint32_t length)
{
    put(file, type, 4);
    put(file, 12 + (length + 3) / 4 * 4, 4);
}

static void end(struct file *file, uint32_t length)
{
    while (file->size % 4 != 0)
        put(file, 0, 1);
    put(file, 12 + (length + 3) / 4 * 4, 4);
}

static void put_section(struct file *file)
{
    begin(file, 0x0a0d0d0a, 16);
    put(file, 0x1a2b3c4d, 4);
    put(file, 1, 2);
    put(file, 0, 2);
    put(file, UINT64_MAX, 8);
    end(file, 16);
}

static void put_interface(struct file *file, uint16_t linktype, uint32_t snaplen)
{
    begin(file, 1, 8);
    put(file, linktype, 2);
    put(file, 0, 2);
    put(file, snaplen, 4);
    end(file, 8);
}

/* An interface with its clock's resolution and offset. */
static void put_clock(struct file *file, uint8_t tsresol, int64_t tsoffset)
{
    begin(file, 1, 28);
    put(file, 1, 2);
    put(file, 0, 2 + 4);
    put(file, 9, 2);
    put(file, 1, 2);
    put(file, tsresol, 1);
    put(file, 0, 3);
    put(file, 14, 2);
    put(file, 8, 2);
    put(file, (uint64_t)tsoffset, 8);
    end(file, 28);
}

/* An enhanced packet of one byte, 60 on the wire. */
static void put_packet(struct file *file, uint32_t interface, uint64_t ticks, uint8_t byte)
{
    begin(file, 6, 21);
    put(file, interface, 4);
    put(file, ticks >> 32, 4);
    put(file, ticks & UINT32_MAX, 4);
    put(file, 1, 4);
    put(file, 60, 4);
    put(file, byte, 1);
    end(file, 21);
}

static struct pcapng *open_file(struct file *file)
{
    struct da3d_error error = {""};
    struct pcapng *pcapng = pcapng_open(fmemopen(file->bytes, file->size, "rb"), &error);

    cr_assert_not_null(pcapng, "%s", error.text);
    return pcapng;
}

static void expect_frame(struct pcapng *pcapng, int linktype, int64_t ts_ns, uint8_t byte)
{
    struct da3d_error error = {""};
    struct frame frame;
    int found;

    cr_assert_eq(pcapng_next(pcapng, &frame, &found, &error), 1, "%u: %s", byte, error.text);
    cr_expect_eq(found, linktype, "%u: link type %d", byte, found);
    cr_expect_eq(frame.ts_ns, ts_ns, "%u: %lld", byte, (long long)frame.ts_ns);
    cr_expect_eq(frame.caplen, 1);
    cr_expect_eq(frame.wirelen, 60);
    cr_expect_eq(frame.data[0], byte);
}

static void expect_end(struct pcapng *pcapng)
{
    struct da3d_error error;
    struct frame frame;
    int linktype;

    cr_expect_eq(pcapng_next(pcapng, &frame, &linktype, &error), 0);
    pcapng_close(pcapng);
}

/* The last block is damaged at that offset, for that reason. */
static void expect_damage(struct file *file, size_t offset, const char *reason)
{
    struct pcapng *pcapng = open_file(file);
    struct da3d_error error = {""};
    char expected[sizeof error.text];
    struct frame frame;
    int linktype, rc;

    while ((rc = pcapng_next(pcapng, &frame, &linktype, &error)) > 0)
        continue;
    cr_expect_eq(rc, -1, "%s", reason);
    snprintf(expected, sizeof expected, "block at offset %zu: %s", offset, reason);
    cr_expect_str_eq(error.text, expected);
    pcapng_close(pcapng);
}

static struct file new_file(void)
{
    struct file file = {.size = 0};

    put_section(&file);
    return file;
}

Test(pcapng, interfaces_differ)
{
    struct file file = new_file();
    struct pcapng *pcapng;

    put_interface(&file, 1, 65535);
    put_packet(&file, 0, 1000001, 1);
    put_interface(&file, 101, 96);
    put_packet(&file, 1, 2000000, 2);
    put_packet(&file, 0, 3000000, 3);
    pcapng = open_file(&file);
    expect_frame(pcapng, 1, 1000001000, 1);
    expect_frame(pcapng, 101, 2000000000, 2);
    expect_frame(pcapng, 1, 3000000000, 3);
    expect_end(pcapng);
}

Test(pcapng, sections_differ_in_byte_order_and_forget_interfaces)
{
    struct file file = new_file();
    struct pcapng *pcapng;

    put_interface(&file, 1, 0);
    put_packet(&file, 0, 1, 1);
    file.big_endian = true;
    put_section(&file);
    put_interface(&file, 113, 0);
    put_packet(&file, 0, UINT64_C(1) << 40, 2);
    pcapng = open_file(&file);
    expect_frame(pcapng, 1, 1000, 1);
    expect_frame(pcapng, 113, 1000 * (INT64_C(1) << 40), 2);
    expect_end(pcapng);
}

Test(pcapng, clocks)
{
    static const struct {
        uint8_t tsresol;
        int64_t tsoffset;
        uint64_t ticks;
        int64_t ts_ns;
    } clocks[] = {
        {0, 0, 5, 5000000000},
        {9, 0, 1, 1},
        {9, -1, 1, -999999999},
        {9, INT64_C(1) << 40, 0, (INT64_C(1) << 62) - 1},
        {12, 0, 1999, 1},
        {19, 0, UINT64_C(15000000019999999999), 1500000001},
        {0x80, 0, 3, 3000000000},
        {0x80 + 20, 7, 3 << 19, 8500000000},
        {0x80 + 63, 0, 3 * (UINT64_C(1) << 62), 1500000000},
        {0, INT64_MAX, UINT64_MAX, (INT64_C(1) << 62) - 1},
        {0, INT64_MIN, 0, 1 - (INT64_C(1) << 62)},
    };
    struct pcapng *pcapng;

    for (int big_endian = 0; big_endian <= 1; big_endian++)
        for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
            struct file file = {.big_endian = big_endian};

            put_section(&file);
            put_clock(&file, clocks[i].tsresol, clocks[i].tsoffset);
            put_packet(&file, 0, clocks[i].ticks, (uint8_t)i);
            pcapng = open_file(&file);
            expect_frame(pcapng, 1, clocks[i].ts_ns, (uint8_t)i);
            expect_end(pcapng);
        }
}

Test(pcapng, obsolete_simple_and_unknown_blocks)
{
    struct file file = new_file();
    struct pcapng *pcapng;

    begin(&file, 0x80000001, 0);
    end(&file, 0);
    put_interface(&file, 1, 1);
    begin(&file, 2, 21);
    put(&file, 0, 2);
    put(&file, 7, 2);
    put(&file, 0, 4);
    put(&file, 9, 4);
    put(&file, 1, 4);
    put(&file, 60, 4);
    put(&file, 1, 1);
    end(&file, 21);
    begin(&file, 3, 5);
    put(&file, 60, 4);
    put(&file, 2, 1);
    end(&file, 5);
    pcapng = open_file(&file);
    expect_frame(pcapng, 1, 9000, 1);
    expect_frame(pcapng, 1, 0, 2);
    expect_end(pcapng);
}

Test(pcapng, what_is_no_pcapng_is_refused)
{
    struct file file = {.size = 0};
    struct da3d_error error;

    put_interface(&file, 1, 0);
    cr_expect_null(pcapng_open(fmemopen(file.bytes, file.size, "rb"), &error));
    cr_expect_str_eq(error.text, "no section header at its beginning");
    file = new_file();
    cr_expect_null(pcapng_open(fmemopen(file.bytes, 27, "rb"), &error));
    cr_expect_str_eq(error.text, "block at offset 0: cut off");
    file.bytes[14] = 1;
    cr_expect_null(pcapng_open(fmemopen(file.bytes, file.size, "rb"), &error));
    cr_expect_str_eq(error.text, "block at offset 0: version 1.1, not 1.0 or 1.2");
    file.bytes[8] = 0;
    cr_expect_null(pcapng_open(fmemopen(file.bytes, file.size, "rb"), &error));
    cr_expect_str_eq(error.text, "block at offset 0: a section of no known byte order");
}

Test(pcapng, lengths_are_checked)
{
    static const char impossible[] = "its length is not a multiple of 4 from 12 to 16 MiB";
    static const uint32_t lengths[] = {0, 11, 13, (16 << 20) + 4, UINT32_MAX};
    struct file file = new_file();

    put_interface(&file, 1, 0);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        file.size = 48;
        put(&file, 0xbad, 4);
        put(&file, lengths[i], 4);
        put(&file, lengths[i], 4);
        expect_damage(&file, 48, impossible);
    }
    file.size = 48;
    put(&file, 0xbad, 4);
    put(&file, 16 << 20, 4);
    put(&file, 0, 4);
    expect_damage(&file, 48, "cut off");
    file.size = 48 + 11;
    expect_damage(&file, 48, "cut off");
    file.size = 48;
    put(&file, 0xbad, 4);
    put(&file, 12, 4);
    put(&file, 16, 4);
    expect_damage(&file, 48, "the length at its end is another than at its beginning");
}

Test(pcapng, blocks_hold_what_they_say)
{
    static const uint32_t types[] = {0x0a0d0d0a, 1, 2, 3, 6};
    struct file file = new_file();

    put_interface(&file, 1, 0);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        file.size = 48;
        begin(&file, types[i], 0);
        put(&file, 12, 4);
        if (types[i] != 0x0a0d0d0a) /* whose byte order is its length here */
            expect_damage(&file, 48,
                          types[i] == 2 || types[i] == 6
                              ? "a packet of an interface that is not described before it"
                              : "too short for its type");
    }
    file.size = 48;
    put_packet(&file, 0, 0, 1);
    file.bytes[48 + 20] = 5; /* and 4 with the padding */
    expect_damage(&file, 48, "a packet is longer than it");
    memset(file.bytes + 48 + 20, 0xff, 4);
    expect_damage(&file, 48, "a packet is longer than it");
    file.size = 48;
    put_packet(&file, 1, 0, 1);
    expect_damage(&file, 48, "a packet of an interface that is not described before it");
    file.size = 48;
    put_section(&file);
    put_packet(&file, 0, 0, 1);
    expect_damage(&file, 76, "a packet of an interface that is not described before it");
}

Test(pcapng, options_are_checked)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *reason;
    } wrong[] = {
        {28 + 20, 20, "its if_tsresol is none"},     {28 + 20, 0x80 + 64, "its if_tsresol is none"},
        {28 + 18, 0, "its if_tsresol is none"},      {28 + 26, 7, "its if_tsoffset is none"},
        {28 + 26, 9, "an option is longer than it"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct file file = new_file();

        put_clock(&file, 6, 0);
        file.bytes[wrong[i].at] = wrong[i].value;
        expect_damage(&file, 28, wrong[i].reason);
    }
}
