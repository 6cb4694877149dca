/* spool_read.h - the rows of a spool that may be trained on. Reads a file that the service is
 * writing to: what is being written is told by its checksum. Writes nothing. */
#ifndef DAEMON_SPOOL_READ_H
#define DAEMON_SPOOL_READ_H

#include "marks.h"

struct spool_read_config {
    int64_t now_ns;            /* wall_ns(), or the time up to which the spool tells */
    int64_t quarantine_ns;     /* younger records are left out, as are those of the future */
    uint32_t change_hosts;     /* of spool_alerts.h */
    double golden;             /* share of the rows that are to be golden */
    const struct marks *marks; /* of the spool's set; NULL: none */
};

struct spool_rows {
    const struct feature_set *set;
    struct row_settings row_settings; /* how they were made: da3d_config.row_settings */
    /* Golden rows are drawn by flow_id, so that a record which is golden is so for as long as it is
     * there, and no retraining learns it. None that is marked as benign is one. */
    size_t n, n_golden;           /* the golden ones are the last of all */
    struct spool_record *records; /* n, by ascending time, but golden ones; owned */
    double *x;                    /* (n, set->n_columns), NaN = missing; owned */
    /* What the file's slots hold:
     * slots = empty + bad + shunned + quarantined + suspect + n - benign. */
    uint64_t slots, empty;
    uint64_t bad;            /* torn or damaged */
    uint64_t shunned;        /* malicious by the marks */
    uint64_t quarantined;    /* too young */
    uint64_t suspect;        /* alerts that are not learned */
    uint64_t chance, change; /* of the rows: alerts that are, and why (spool_alerts.h) */
    uint64_t benign;         /* rows that are benign marks', beside the slots */
};

/* Returns 0, or -1 with *error: no spool, damaged as a whole, of a set that this program or the
 * marks do not have, out of memory. To be cleared in both cases. */
int spool_read(const char *path, const struct spool_read_config *config, struct spool_rows *out,
               struct da3d_error *error);
void spool_rows_clear(struct spool_rows *rows);

/* Nanoseconds between the first and the last of the rows that are neither golden nor benign marks',
 * which may be much older; 0 where there are none. */
int64_t spool_rows_span(const struct spool_rows *rows);

#endif
