/* archive.h - what the service keeps of its verdicts beyond their events: the latest ones with
 * their vectors; for the next training a sample of all, and what operators have said of some. */
#ifndef DAEMON_ARCHIVE_H
#define DAEMON_ARCHIVE_H

#include "config.h"
#include "loop.h"
#include "marks_file.h"
#include "recent_verdicts.h"
#include "spool.h"

struct archive;

/* Opens config's files, for when the process may open nothing more. meter: of the
 * flows, nothing open. loop: borrowed while the
 * archive lives. Returns NULL with *error. */
struct archive *archive_open(const struct config *config, const struct meter_config *meter,
                             struct loop *loop, struct da3d_error *error);
/* Starts the thread that syncs files. Returns 0, or -1 with errno. */
int archive_start(struct archive *archive);
void archive_close(struct archive *archive); /* NULL-safe */

/* The verdict's event has just been written, and withheld or not. */
void archive_verdict(struct archive *archive, const struct verdict *verdict,
                     enum event_withheld withheld);

/* Verdicts are another model's from now on. */
void archive_model_changed(struct archive *archive);
/* The configuration has changed. */
void archive_configure(struct archive *archive, const struct config *config);

const struct recent_verdicts *archive_recent(const struct archive *archive);
struct marks_file *archive_marks(const struct archive *archive); /* NULL: none */

/* Returns false where there is no spool. */
bool archive_spool_stats(const struct archive *archive, struct spool_stats *out);

#endif
