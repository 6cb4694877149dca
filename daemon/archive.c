#include "archive.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

enum { TICK_MS = 1000 };

struct archive {
    struct recent_verdicts *recent;
    struct spool *spool;      /* NULL: none */
    struct marks_file *marks; /* NULL: none */
    struct loop_watch *tick;
};

static void on_tick(void *ctx)
{
    const struct archive *archive = ctx;

    if (archive->spool)
        spool_tick(archive->spool, wall_ns());
}

static struct spool_config spool_config_of(const struct config *config)
{
    return (struct spool_config){
        .path = config->spool.path,
        .bytes = config->spool.size,
        .enabled = config->spool.enabled,
        .host_share = config->spool.host_share,
        .quarantine_ns = (int64_t)config->spool.quarantine_ns,
        .horizon_ns = (int64_t)config->spool.horizon_ns,
    };
}

static int open_spool(struct archive *archive, const struct config *config,
                      const struct meter_config *meter, struct da3d_error *error)
{
    const struct spool_config spool = spool_config_of(config);
    struct da3d_error reason;
    uint64_t seed;

    if (!spool.path)
        return 0;
    randombytes_buf(&seed, sizeof seed);
    archive->spool = spool_open(&spool, meter, seed, wall_ns(), &reason);
    return archive->spool ? 0 : da3d_fail(error, "%.120s: %.120s", spool.path, reason.text);
}

static int open_marks(struct archive *archive, const struct config *config,
                      const struct meter_config *meter, struct da3d_error *error)
{
    struct da3d_error reason;

    if (!config->marks)
        return 0;
    archive->marks = marks_file_open(config->marks, meter, wall_ns(), &reason);
    return archive->marks ? 0 : da3d_fail(error, "%.120s: %.120s", config->marks, reason.text);
}

static int archive_init(struct archive *archive, const struct config *config,
                        const struct meter_config *meter, struct da3d_error *error)
{
    if (!archive->recent || !archive->tick)
        return da3d_fail(error, "%s", strerror(errno));
    return open_marks(archive, config, meter, error) < 0 ||
                   open_spool(archive, config, meter, error) < 0
               ? -1
               : 0;
}

struct archive *archive_open(const struct config *config, const struct meter_config *meter,
                             struct loop *loop, struct da3d_error *error)
{
    struct archive *archive = calloc(1, sizeof *archive);

    if (!archive) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    archive->recent = recent_verdicts_new(meter->set->n_columns);
    archive->tick = loop_timer(loop, TICK_MS, on_tick, archive);
    if (archive_init(archive, config, meter, error) < 0) {
        archive_close(archive);
        return NULL;
    }
    return archive;
}

int archive_start(struct archive *archive)
{
    return archive->spool ? spool_start(archive->spool) : 0;
}

void archive_close(struct archive *archive)
{
    if (!archive)
        return;
    loop_unwatch(archive->tick);
    spool_close(archive->spool);
    marks_file_close(archive->marks);
    recent_verdicts_free(archive->recent);
    free(archive);
}

/* What an operator's rule suppresses is neither learned nor held against the flow's host. */
void archive_verdict(struct archive *archive, const struct verdict *verdict,
                     enum event_withheld withheld)
{
    recent_verdicts_add(archive->recent, verdict);
    if (archive->spool && !(verdict->score.alert && withheld == EVENT_SUPPRESSED))
        spool_offer(archive->spool, verdict, wall_ns());
}

void archive_model_changed(struct archive *archive)
{
    if (archive->spool)
        spool_forgive(archive->spool);
}

void archive_configure(struct archive *archive, const struct config *config)
{
    const struct spool_config spool = spool_config_of(config);

    if (archive->spool)
        spool_configure(archive->spool, &spool);
}

const struct recent_verdicts *archive_recent(const struct archive *archive)
{
    return archive->recent;
}

struct marks_file *archive_marks(const struct archive *archive)
{
    return archive->marks;
}

bool archive_spool_stats(const struct archive *archive, struct spool_stats *out)
{
    if (archive->spool)
        spool_stats(archive->spool, wall_ns(), out);
    return archive->spool != NULL;
}
