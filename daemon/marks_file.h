/* marks_file.h - the service's hold on its marks (marks.h): each change is one record behind the
 * last, on the disk when the call returns. The file is written anew, short, when it is opened and
 * holds what does not count any more. */
#ifndef DAEMON_MARKS_FILE_H
#define DAEMON_MARKS_FILE_H

#include "marks.h"

struct marks_file;

/* Opens or makes the file and reads it. meter: of the flows, nothing open. Returns NULL with
 * *error. */
struct marks_file *marks_file_open(const char *path, const struct meter_config *meter,
                                   int64_t now_ns, struct da3d_error *error);
void marks_file_close(struct marks_file *file); /* NULL-safe */

const struct marks *marks_file_marks(const struct marks_file *file);

/* Says of a flow what record.mark says, instead of what was said before. x: of the marks' set.
 * Returns 0, or -1 with *error and nothing changed: as many are marked as can be, or it cannot be
 * written. */
int marks_file_set(struct marks_file *file, const struct spool_record *record, const double *x,
                   struct da3d_error *error);

#endif
