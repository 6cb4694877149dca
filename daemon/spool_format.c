#include "spool_format.h"

#include <sodium.h>
#include <string.h>

#include "core/bytes.h"
#include "features/nanos.h"
#include "meter_settings.h"

enum { VERSION = 1, CHECKSUM = crypto_shorthash_BYTES, SUMMED = SPOOL_HEADER - CHECKSUM };

static const char *const magic[] = {[SPOOL_FLOWS] = "DA3DSPOL", [SPOOL_MARKS] = "DA3DMARK"};

_Static_assert((int)SPOOL_KEY == (int)crypto_shorthash_KEYBYTES, "a key of SipHash");
_Static_assert(CHECKSUM == sizeof(uint64_t), "a checksum is one number");

size_t spool_record_size(size_t columns)
{
    return SPOOL_RECORD_HEAD + columns * sizeof(double);
}

void spool_header_init(struct spool_header *header, enum spool_kind kind,
                       const struct meter_config *meter, int64_t now_ns)
{
    *header = (struct spool_header){
        .kind = kind, .columns = (uint32_t)meter->set->n_columns, .created_ns = now_ns};
    strncpy(header->set, meter->set->version, sizeof header->set - 1);
    meter_settings_keep(meter, &header->row_settings);
    randombytes_buf(header->key, sizeof header->key);
}

void spool_header_encode(const struct spool_header *header, uint8_t bytes[SPOOL_HEADER])
{
    static const uint8_t no_key[SPOOL_KEY];
    struct bytes_out out = {.at = bytes};

    memset(bytes, 0, SPOOL_HEADER);
    bytes_put_bytes(&out, magic[header->kind], strlen(magic[header->kind]));
    bytes_put_u32(&out, VERSION);
    bytes_put_u32(&out, (uint32_t)spool_record_size(header->columns));
    bytes_put_u64(&out, header->slots);
    bytes_put_u32(&out, header->columns);
    bytes_put_u32(&out, 0);
    bytes_put_bytes(&out, header->set, sizeof header->set);
    bytes_put_u64(&out, (uint64_t)header->created_ns);
    bytes_put_bytes(&out, header->key, sizeof header->key);
    row_settings_put(&out, &header->row_settings);
    crypto_shorthash(bytes + SUMMED, bytes, SUMMED, no_key);
}

/* in turns bad at a time that no flow has (nanos_at()). */
static int64_t get_time(struct bytes_in *in)
{
    const int64_t ns = (int64_t)bytes_get_u64(in);

    in->bad = in->bad || ns < -NANOS_MAX || ns > NANOS_MAX;
    return ns;
}

/* Behind magic and version. Returns the size of a record. */
static uint32_t get_header(struct bytes_in *in, struct spool_header *out)
{
    const uint32_t record_size = bytes_get_u32(in);

    out->slots = bytes_get_u64(in);
    out->columns = bytes_get_u32(in);
    bytes_get_u32(in);
    bytes_get_bytes(in, out->set, sizeof out->set);
    out->created_ns = get_time(in);
    bytes_get_bytes(in, out->key, sizeof out->key);
    row_settings_get(in, &out->row_settings);
    return record_size;
}

int spool_header_decode(const uint8_t bytes[SPOOL_HEADER], struct spool_header *out,
                        struct da3d_error *error)
{
    static const uint8_t no_key[SPOOL_KEY];
    struct bytes_in in = {.at = bytes, .left = SPOOL_HEADER};
    uint8_t checksum[CHECKSUM], begin[8];
    uint32_t version, record_size;

    *out = (struct spool_header){.kind = SPOOL_FLOWS};
    bytes_get_bytes(&in, begin, sizeof begin);
    if (memcmp(begin, magic[SPOOL_MARKS], sizeof begin) == 0)
        out->kind = SPOOL_MARKS;
    else if (memcmp(begin, magic[SPOOL_FLOWS], sizeof begin) != 0)
        return da3d_fail(error, "not a spool of da3dd's");
    version = bytes_get_u32(&in);
    if (version != VERSION)
        return da3d_fail(error, "of version %u, which this program does not read", version);
    record_size = get_header(&in, out);
    crypto_shorthash(checksum, bytes, SUMMED, no_key);
    if (memcmp(checksum, bytes + SUMMED, sizeof checksum) != 0)
        return da3d_fail(error, "its header is damaged");
    if (in.bad || out->columns == 0 || out->columns > FEATURE_COLUMNS_MAX ||
        record_size != spool_record_size(out->columns) || out->set[sizeof out->set - 1] != '\0' ||
        out->slots > (uint64_t)INT32_MAX)
        return da3d_fail(error, "its header is not one");
    return 0;
}

const struct feature_set *spool_header_set(const struct spool_header *header,
                                           struct da3d_error *error)
{
    const struct feature_set *set = feature_set_find(header->set);

    if (set && strcmp(set->version, header->set) == 0 && set->n_columns == header->columns)
        return set;
    da3d_fail(error, "of feature set '%.64s', which this version does not have", header->set);
    return NULL;
}

void spool_originator(const struct flow_id *ends, uint8_t out[SPOOL_ORIGINATOR])
{
    enum { HALF = SPOOL_ORIGINATOR - 1 };
    const uint8_t *address = ends->src.bytes; /* IPv4's end with zeros */
    const bool link_local =
        ends->ip_version == 6 && address[0] == 0xfe && (address[1] & 0xc0) == 0x80;

    out[0] = ends->ip_version;
    memcpy(out + 1, link_local ? address + HALF : address, HALF);
}

struct spool_record spool_record_of(const struct flow *flow, const struct da3d_score *score)
{
    return (struct spool_record){
        .time_ns = flow->end_ns,
        .flow_id = flow->flow_id,
        .ends = flow->id,
        .alert = score->alert,
        .logit = (double)score->logit,
        .p_value = score->p_value,
    };
}

static uint64_t checksum_of(const struct spool_header *header, uint64_t slot, const uint8_t *bytes)
{
    const size_t size = spool_record_size(header->columns);
    uint8_t all[SPOOL_RECORD_MAX], checksum[CHECKSUM];
    struct bytes_out out = {.at = all};
    struct bytes_in in = {.at = checksum, .left = sizeof checksum};

    bytes_put_u64(&out, slot);
    bytes_put_bytes(&out, bytes + CHECKSUM, size - CHECKSUM);
    crypto_shorthash(checksum, all, out.size, header->key);
    return bytes_get_u64(&in);
}

static void put_u16(struct bytes_out *out, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};

    bytes_put_bytes(out, bytes, sizeof bytes);
}

static uint16_t get_u16(struct bytes_in *in)
{
    uint8_t bytes[2];

    bytes_get_bytes(in, bytes, sizeof bytes);
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void put_ends(struct bytes_out *out, const struct flow_id *ends)
{
    bytes_put_bytes(out, ends->src.bytes, sizeof ends->src.bytes);
    bytes_put_bytes(out, ends->dst.bytes, sizeof ends->dst.bytes);
    put_u16(out, ends->sport);
    put_u16(out, ends->dport);
    for (size_t i = 0; i < VLAN_MAX; i++)
        put_u16(out, ends->vlan[i]);
    put_u16(out, (unsigned)ends->ip_version | (unsigned)ends->proto << 8);
}

static void get_ends(struct bytes_in *in, struct flow_id *ends)
{
    uint16_t kind;

    bytes_get_bytes(in, ends->src.bytes, sizeof ends->src.bytes);
    bytes_get_bytes(in, ends->dst.bytes, sizeof ends->dst.bytes);
    ends->sport = get_u16(in);
    ends->dport = get_u16(in);
    for (size_t i = 0; i < VLAN_MAX; i++)
        ends->vlan[i] = get_u16(in);
    kind = get_u16(in);
    ends->ip_version = (uint8_t)kind;
    ends->proto = (uint8_t)(kind >> 8);
}

void spool_record_encode(const struct spool_header *header, uint64_t slot,
                         const struct spool_record *record, const double *x, uint8_t *bytes)
{
    struct bytes_out out = {.at = bytes, .size = CHECKSUM}, checksum = {.at = bytes};

    bytes_put_u64(&out, (uint64_t)record->time_ns);
    bytes_put_u64(&out, record->flow_id);
    put_ends(&out, &record->ends);
    put_u16(&out, record->mark);
    bytes_put_u32(&out, record->alert);
    bytes_put_double(&out, record->logit);
    bytes_put_double(&out, record->p_value);
    for (size_t i = 0; i < header->columns; i++)
        bytes_put_double(&out, x[i]);
    bytes_put_u64(&checksum, checksum_of(header, slot, bytes));
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
    return *bytes == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

/* The only numbers that need not be finite. */
static double get_value(struct bytes_in *in)
{
    const uint64_t bits = bytes_get_u64(in);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

enum spool_slot spool_record_decode(const struct spool_header *header, uint64_t slot,
                                    const uint8_t *bytes, struct spool_record *record, double *x)
{
    const size_t size = spool_record_size(header->columns);
    struct bytes_in in = {.at = bytes, .left = size};
    uint16_t mark;
    uint32_t alert;

    *record = (struct spool_record){.mark = SPOOL_MARK_NONE};
    if (all_zero(bytes, size))
        return SPOOL_SLOT_EMPTY;
    if (bytes_get_u64(&in) != checksum_of(header, slot, bytes))
        return SPOOL_SLOT_BAD;
    record->time_ns = get_time(&in);
    record->flow_id = bytes_get_u64(&in);
    get_ends(&in, &record->ends);
    mark = get_u16(&in);
    alert = bytes_get_u32(&in);
    record->logit = bytes_get_double(&in);
    record->p_value = bytes_get_double(&in);
    for (size_t i = 0; x && i < header->columns; i++)
        x[i] = get_value(&in);
    if (in.bad || mark >= SPOOL_MARK_COUNT || alert > 1 || record->p_value < 0 ||
        record->p_value > 1)
        return SPOOL_SLOT_BAD;
    record->mark = (enum spool_mark)mark;
    record->alert = alert == 1;
    return SPOOL_SLOT_RECORD;
}

off_t spool_slot_at(const struct spool_header *header, uint64_t slot)
{
    return (off_t)(SPOOL_HEADER + slot * spool_record_size(header->columns));
}
