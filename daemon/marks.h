/* marks.h - what an operator has said of single flows, kept with their vectors: benign ones are
 * trained on whatever the filters say; malicious ones are not, nor what is nearly the same between
 * the same ends, and a new model must find them. */
#ifndef DAEMON_MARKS_H
#define DAEMON_MARKS_H

#include "spool_format.h"

enum {
    MARKS_MAX = 4096,          /* flows that are marked at a time */
    MARKS_RECORDS_MAX = 65536, /* in the file, which is made shorter when the service starts */
};

struct mark {
    struct spool_record record; /* record.mark: benign or malicious */
    double *x;                  /* the set's columns; owned */
};

struct marks {
    const struct feature_set *set;
    struct mark *items; /* in the order in which they were marked last; owned */
    size_t n;
    uint64_t records, bad; /* in the file; damaged ones of these */
};

/* Reads a marks' file, also while the service writes it. One that is missing holds no marks; its
 * set is then NULL. Returns 0, or -1 with *error; to be cleared in both cases. */
int marks_read(const char *path, struct marks *out, struct da3d_error *error);
void marks_clear(struct marks *marks);

/* For who writes such a file. No marks; what a record says becomes true; all records of an open
 * file, one after the other. Each returns 0, or -1 with errno, ENOSPC: MARKS_MAX are marked. */
int marks_init(struct marks *marks, const struct feature_set *set);
int marks_apply(struct marks *marks, const struct spool_record *record, const double *x);
int marks_read_all(int fd, const struct spool_header *header, struct marks *marks);

/* The flow's mark, or NULL. */
const struct mark *marks_find(const struct marks *marks, uint64_t flow_id);

/* Is it marked as malicious, or nearly the same as a flow that is, between the same ends? x: of the
 * marks' set. */
bool marks_shun(const struct marks *marks, const struct spool_record *record, const double *x);

#endif
