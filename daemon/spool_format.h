/* spool_format.h - the format of the files in which the service keeps flows with their vectors: the
 * spool, from which it is trained again, and what an operator has marked.
 *
 * A header of SPOOL_HEADER bytes, then slots of one size, each empty (zeros) or one record; of the
 * marks' file as many as there are. All numbers are little-endian. Header and record:
 *
 *   0  8 bytes  "DA3DSPOL" or "DA3DMARK"        0  u64       checksum of what follows
 *   8  u32      version: 1                       8  i64       end of the row, ns since the epoch
 *  12  u32      size of a record                16  u64       flow_id
 *  16  u64      slots; of marks: 0              24  16 bytes  originator's address, IPv4 in the
 *  24  u32      columns                                       first 4
 *  28  u32      0                               40  16 bytes  responder's
 *  32  64 bytes feature set's version, zeros    56  4 x u16   their ports, VLAN tags
 *  96  i64      when it was made, ns            64  u8, u8    IP version, IP protocol
 * 104  16 bytes key of the checksums            66  u16       enum spool_mark
 * 120  u32      settings of rows, of each:      68  u32       1: it alerted; 0: it did not
 *      32 bytes its name, zeros                 72  f64, f64  logit, p-value
 *      f64      its value                       88  f64 each  the columns; NaN: missing
 * ...  zeros
 * 4088 u64      checksum of what precedes
 *
 * Checksums are SipHash-2-4; a record's is by the header's key, which is drawn by chance, over the
 * slot's number (u64) and the record, the header's own by a key of zeros. So what is torn, or is
 * another file's, is told apart, and costs itself alone. */
#ifndef DAEMON_SPOOL_FORMAT_H
#define DAEMON_SPOOL_FORMAT_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/da3d.h"
#include "features/set.h"
#include "meter.h"

enum { SPOOL_HEADER = 4096, SPOOL_KEY = 16, SPOOL_SET_MAX = 64, SPOOL_RECORD_HEAD = 88 };
enum { SPOOL_RECORD_MAX = SPOOL_RECORD_HEAD + FEATURE_COLUMNS_MAX * (int)sizeof(double) };

enum { SPOOL_ORIGINATOR = 9 }; /* bytes */

enum spool_kind { SPOOL_FLOWS, SPOOL_MARKS };

enum spool_mark {
    SPOOL_MARK_NONE, /* of the spool's records, all */
    SPOOL_MARK_BENIGN,
    SPOOL_MARK_MALICIOUS,
    SPOOL_MARK_REMOVED, /* what was marked before is not any more */
    SPOOL_MARK_COUNT
};

/* What a header says. */
struct spool_header {
    enum spool_kind kind;
    char set[SPOOL_SET_MAX]; /* the feature set's version */
    uint32_t columns;
    uint64_t slots; /* of marks: 0 */
    int64_t created_ns;
    uint8_t key[SPOOL_KEY];
    struct row_settings row_settings; /* how the rows were made (meter_settings.h) */
};

struct spool_record {
    int64_t time_ns; /* end of the row, packet time */
    uint64_t flow_id;
    struct flow_id ends;
    enum spool_mark mark;
    bool alert; /* its score reached the threshold of its time */
    double logit, p_value;
};

/* Whom a flow counts for: IP version, address. An IPv6 network gives each of its hosts as many
 * addresses as it likes: its /64; but of link-local ones, which all links have, the rest. */
void spool_originator(const struct flow_id *ends, uint8_t out[SPOOL_ORIGINATOR]);

struct spool_record spool_record_of(const struct flow *flow, const struct da3d_score *score);

enum spool_slot { SPOOL_SLOT_EMPTY, SPOOL_SLOT_RECORD, SPOOL_SLOT_BAD };

size_t spool_record_size(size_t columns);

/* A header of what the meter gives, to be written: with a fresh key. meter: nothing open. */
void spool_header_init(struct spool_header *header, enum spool_kind kind,
                       const struct meter_config *meter, int64_t now_ns);
void spool_header_encode(const struct spool_header *header, uint8_t out[SPOOL_HEADER]);
/* Returns 0, or -1 with *error: it is none, damaged, or of another version. */
int spool_header_decode(const uint8_t bytes[SPOOL_HEADER], struct spool_header *out,
                        struct da3d_error *error);
/* The set of the vectors, if this program has it; else NULL with *error. */
const struct feature_set *spool_header_set(const struct spool_header *header,
                                           struct da3d_error *error);

/* bytes: of spool_record_size(). x: the columns; decoded to, it may be NULL. */
void spool_record_encode(const struct spool_header *header, uint64_t slot,
                         const struct spool_record *record, const double *x, uint8_t *bytes);
enum spool_slot spool_record_decode(const struct spool_header *header, uint64_t slot,
                                    const uint8_t *bytes, struct spool_record *record, double *x);

/* Where a slot begins. */
off_t spool_slot_at(const struct spool_header *header, uint64_t slot);

#endif
