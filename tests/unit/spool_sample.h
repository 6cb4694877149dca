/* spool_sample.h - a spool in a folder of its own, and flows for it, that the tests of spools and
 * marks share. Time is simulated. */
#ifndef TESTS_UNIT_SPOOL_SAMPLE_H
#define TESTS_UNIT_SPOOL_SAMPLE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/meter_settings.h"
#include "daemon/spool.h"
#include "daemon/spool_file.h"
#include "daemon/spool_read.h"

#define SAMPLE_SECOND NANOS_PER_SECOND
#define SAMPLE_HOUR   (3600 * NANOS_PER_SECOND)
#define SAMPLE_BEGIN  (1700000000 * NANOS_PER_SECOND)

struct spool_sample {
    char folder[32], path[64], aside[64], marks[64];
    const struct feature_set *set;
    struct meter_config meter; /* all but its set */
    struct spool_config config;
    double x[FEATURE_COLUMNS_MAX];
};

static inline void spool_sample_begin(struct spool_sample *sample, uint64_t slots)
{
    *sample = (struct spool_sample){.folder = "/tmp/da3dd-unit-XXXXXX",
                                    .set = feature_set_find("doh"),
                                    .meter = meter_settings_left_open()};
    meter_settings_default(&sample->meter);
    cr_assert_not_null(mkdtemp(sample->folder));
    snprintf(sample->path, sizeof sample->path, "%s/spool", sample->folder);
    snprintf(sample->aside, sizeof sample->aside, "%s/spool.aside", sample->folder);
    snprintf(sample->marks, sizeof sample->marks, "%s/marks", sample->folder);
    sample->config = (struct spool_config){
        .path = sample->path,
        .bytes = SPOOL_HEADER + slots * spool_record_size(sample->set->n_columns),
        .enabled = true,
        .host_share = 1,
        .quarantine_ns = SAMPLE_HOUR,
        .horizon_ns = 10 * SAMPLE_HOUR,
    };
}

static inline void spool_sample_end(const struct spool_sample *sample)
{
    unlink(sample->path);
    unlink(sample->aside);
    unlink(sample->marks);
    cr_expect_eq(rmdir(sample->folder), 0, "something is left in %s", sample->folder);
}

/* Returns NULL with *error. */
static inline struct spool *spool_sample_try(const struct spool_sample *sample, int64_t now_ns,
                                             struct da3d_error *error)
{
    struct meter_config meter = sample->meter;

    meter.set = sample->set;
    return spool_open(&sample->config, &meter, 1, now_ns, error);
}

static inline struct spool *spool_sample_open(const struct spool_sample *sample, int64_t now_ns)
{
    struct da3d_error error = {""};
    struct spool *spool = spool_sample_try(sample, now_ns, &error);

    cr_assert_not_null(spool, "%s", error.text);
    return spool;
}

/* Of the host's 10.0.x.x, below the threshold. Its first column tells the flow. */
static inline struct verdict spool_sample_flow(struct spool_sample *sample, unsigned host,
                                               uint64_t flow_id, int64_t end_ns)
{
    struct verdict verdict = {
        .flow = {.flow_id = flow_id,
                 .end_ns = end_ns,
                 .id = {.src = {{10, 0, (uint8_t)(host >> 8), (uint8_t)host}},
                        .dst = {{192, 0, 2, 1}},
                        .sport = 40000,
                        .dport = 443,
                        .ip_version = 4,
                        .proto = IP_PROTO_TCP}},
        .x = sample->x,
        .score = {.logit = -2.0F, .p_value = 0.5},
    };

    sample->x[0] = (double)flow_id;
    return verdict;
}

/* One that alerts, as the threshold lets one in a hundred. */
static inline struct verdict spool_sample_alert(struct spool_sample *sample, unsigned host,
                                                uint64_t flow_id, int64_t end_ns)
{
    struct verdict verdict = spool_sample_flow(sample, host, flow_id, end_ns);

    verdict.score = (struct da3d_score){.logit = 5.0F, .p_value = 0.01, .alert = true};
    return verdict;
}

static inline void spool_sample_read(const struct spool_sample *sample, int64_t now_ns,
                                     int64_t quarantine_ns, struct spool_rows *rows)
{
    struct da3d_error error = {""};

    cr_assert_eq(
        spool_read(sample->path,
                   &(struct spool_read_config){.now_ns = now_ns, .quarantine_ns = quarantine_ns},
                   rows, &error),
        0, "%s", error.text);
}

#endif
