#include "stats.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alert_rate.h"
#include "clock.h"
#include "event.h"
#include "histogram.h"
#include "json.h"

/* Nanoseconds. */
struct latencies {
    struct histogram emitted, waited;
};

struct stats {
    const struct stats_sources *sources;
    int64_t started_ns;           /* steady_ns() */
    int statm;                    /* /proc/self/statm; -1: there is none */
    struct latencies now, before; /* of this interval and the one before */
    struct alert_rate rate;
};

static int64_t steady_s(void)
{
    return steady_ns() / NANOS_PER_SECOND;
}

struct stats *stats_new(const struct stats_sources *sources)
{
    struct stats *stats = calloc(1, sizeof *stats);

    if (!stats)
        return NULL;
    stats->sources = sources;
    stats->started_ns = steady_ns();
    stats->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    return stats;
}

void stats_free(struct stats *stats)
{
    if (!stats)
        return;
    if (stats->statm >= 0)
        close(stats->statm);
    free(stats);
}

/* From the moment, in packet time, at which the rule ended the row; one that was cut off before it
 * has none. */
void stats_verdict(struct stats *stats, const struct verdict *verdict)
{
    const int64_t emitted_ns = nanos_between(verdict->flow.reported_ns, wall_ns());

    if (emitted_ns >= 0)
        histogram_add(&stats->now.emitted, (uint64_t)emitted_ns);
    histogram_add(&stats->now.waited, (uint64_t)verdict->waited_ns);
    alert_rate_add(&stats->rate, verdict->score.alert, steady_s());
}

double stats_flows_per_day(const struct stats *stats)
{
    return alert_rate_per_day(&stats->rate, steady_s());
}

void stats_begin_interval(struct stats *stats)
{
    stats->before = stats->now;
    stats->now = (struct latencies){0};
}

static struct json_object *add_object(struct json_object *parent, const char *key)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(parent, key, object);
    return object;
}

/* name: as messages have it, "not-ip"; keys have an underscore. */
static void add_named(struct json_object *object, const char *name, uint64_t value)
{
    char key[32];

    snprintf(key, sizeof key, "%s", name);
    for (char *c = key; *c; c++)
        if (*c == '-')
            *c = '_';
    json_add_int(object, key, value);
}

static void add_meter(struct meter_stats *sum, const struct meter_stats *more)
{
    sum->frames += more->frames;
    sum->bytes += more->bytes;
    for (size_t i = 0; i < DECODE_RESULT_COUNT; i++)
        sum->decoded[i] += more->decoded[i];
    for (size_t i = 0; i < TUNNEL_COUNT; i++)
        sum->decoder.inner[i] += more->decoder.inner[i];
    sum->decoder.opaque += more->decoder.opaque;
    sum->flows.flows += more->flows.flows;
    for (size_t i = 0; i < FLOW_END_COUNT; i++)
        sum->flows.ends[i] += more->flows.ends[i];
    for (size_t i = 0; i < FLOW_KIND_COUNT; i++)
        sum->flows.evicted[i] += more->flows.evicted[i];
    sum->flows.uninspected += more->flows.uninspected;
    sum->flows.active += more->flows.active;
    sum->flows.memory += more->flows.memory;
    sum->abandoned += more->abandoned;
}

/* Of all threads of the interface whose first sensor this is: they stand beside each other. Returns
 * how many there are. */
static size_t sum_threads(const struct stats_sources *sources, size_t first,
                          struct sensor_stats *sum)
{
    size_t n = 0;

    *sum = (struct sensor_stats){.up = true};
    for (size_t i = first;
         i < sources->n_sensors && sources->interfaces[i] == sources->interfaces[first]; i++, n++) {
        struct sensor_stats one;

        sensor_stats(sources->sensors[i], &one);
        add_meter(&sum->meter, &one.meter);
        sum->capture.received += one.capture.received;
        sum->capture.dropped += one.capture.dropped;
        sum->outages += one.outages;
        sum->up = sum->up && one.up;
    }
    return n;
}

static void add_decoded(struct json_object *parent, const struct meter_stats *meter)
{
    struct json_object *object = add_object(parent, "decoded"), *tunnels;

    for (size_t i = 0; i < DECODE_RESULT_COUNT; i++)
        add_named(object, decode_result_name((enum decode_result)i), meter->decoded[i]);
    tunnels = add_object(parent, "tunnels");
    for (size_t i = 0; i < TUNNEL_COUNT; i++)
        add_named(tunnels, decode_tunnel_name((enum tunnel_kind)i), meter->decoder.inner[i]);
    json_add_int(tunnels, "opaque", meter->decoder.opaque);
}

static void add_flows(struct json_object *parent, const struct meter_stats *meter)
{
    const struct flow_stats *flows = &meter->flows;
    struct json_object *object = add_object(parent, "flows"), *part;

    json_add_int(object, "active", flows->active);
    json_add_int(object, "memory", flows->memory);
    json_add_int(object, "reported", flows->flows);
    part = add_object(object, "ends");
    for (size_t i = 0; i < FLOW_END_COUNT; i++)
        add_named(part, flow_end_name((enum flow_end)i), flows->ends[i]);
    part = add_object(object, "evicted");
    for (size_t i = 0; i < FLOW_KIND_COUNT; i++)
        add_named(part, flow_kind_name((enum flow_kind)i), flows->evicted[i]);
    json_add_int(object, "uninspected", flows->uninspected);
    json_add_int(object, "abandoned", meter->abandoned);
}

static struct json_object *interface_object(const char *name, size_t threads,
                                            const struct sensor_stats *sum)
{
    struct json_object *object = json_object_new_object();

    json_add_string(object, "name", name);
    json_add_int(object, "threads", threads);
    json_add_flag(object, "up", sum->up);
    json_add_int(object, "outages", sum->outages);
    json_add_int(object, "packets", sum->meter.frames);
    json_add_int(object, "bytes", sum->meter.bytes);
    json_add_int(object, "kernel_packets", sum->capture.received);
    json_add_int(object, "kernel_drops", sum->capture.dropped);
    add_decoded(object, &sum->meter);
    add_flows(object, &sum->meter);
    return object;
}

/* Returns the memory of all flow tables. */
static uint64_t add_interfaces(struct json_object *stats, const struct stats_sources *sources)
{
    struct json_object *list = json_object_new_array();
    struct sensor_stats sum;
    uint64_t memory = 0;

    for (size_t i = 0, threads; i < sources->n_sensors; i += threads) {
        threads = sum_threads(sources, i, &sum);
        json_object_array_add(list, interface_object(sources->interfaces[i], threads, &sum));
        memory += sum.meter.flows.memory;
    }
    json_object_object_add(stats, "interfaces", list);
    return memory;
}

static void add_queue(struct json_object *parent, const struct judge_stats *counts)
{
    const struct queue_stats *queue = &counts->flows;
    struct json_object *object = add_object(parent, "queue");

    json_add_int(object, "waiting", queue->waiting);
    json_add_int(object, "capacity", queue->capacity);
    json_add_int(object, "taken", queue->put);
    json_add_int(object, "refused", queue->refused);
    json_add_int(object, "abandoned", counts->abandoned);
}

static void add_count(struct json_object *parent, const char *key, struct alert_count count)
{
    struct json_object *object = add_object(parent, key);
    const struct alert_interval interval = alert_interval(count);

    json_add_int(object, "flows", count.flows);
    json_add_int(object, "reached", count.reached);
    json_add_number(object, "share", count.flows ? (double)count.reached / (double)count.flows : 0);
    json_add_number(object, "low", interval.low);
    json_add_number(object, "high", interval.high);
}

/* The share of flows that reach the threshold: what the calibration promises, and what came. */
static void add_rate(struct json_object *object, double promised, const struct alert_rate *rate)
{
    struct json_object *part = add_object(object, "alert_rate");

    json_add_number(part, "promised", promised);
    add_count(part, "achieved", rate->all);
    add_count(part, "last_day", alert_rate_recent(rate, steady_s()));
}

static void add_judge(struct json_object *stats, struct judge *judge, const struct alert_rate *rate)
{
    struct judge_stats counts;
    struct json_object *object;

    judge_stats(judge, &counts);
    add_queue(stats, &counts);
    object = add_object(stats, "model");
    json_add_string(object, "id", counts.source.model);
    json_add_string(object, "feature_set", counts.source.feature_set);
    json_add_number(object, "threshold", counts.threshold.score);
    json_add_number(object, "threshold_logit", (double)counts.threshold.logit);
    json_add_flag(object, "overridden", counts.overridden);
    add_rate(stats, counts.promised, rate);
}

static void add_alerts(struct json_object *stats, const struct alerts *alerts)
{
    struct json_object *object = add_object(stats, "events");
    struct alerts_stats counts;

    alerts_stats(alerts, &counts);
    json_add_int(object, "scored", counts.flows);
    json_add_int(object, "reached", counts.reached);
    json_add_int(object, "suppressed", counts.suppressed);
    json_add_int(object, "folded", counts.folded);
    json_add_int(object, "unexplained", counts.unexplained);
    json_add_int(object, "alerts", counts.raised);
    json_add_int(object, "lost", counts.lost);
}

static void add_drift(struct json_object *stats, const struct drift_watch *drift)
{
    struct json_object *object = add_object(stats, "drift");
    struct drift_watch_stats counts;

    drift_watch_stats(drift, &counts);
    json_add_int(object, "windows", counts.windows);
    json_add_int(object, "drifted", counts.drifted);
    json_add_string(object, "feature", counts.feature);
    json_add_number(object, "psi", counts.psi);
    json_add_string(object, "cause", counts.cause);
}

/* Nothing where there is none. */
static void add_spool(struct json_object *stats, const struct archive *archive)
{
    struct json_object *object;
    struct spool_stats spool;

    if (!archive_spool_stats(archive, &spool))
        return;
    object = add_object(stats, "spool");
    json_add_int(object, "slots", spool.slots);
    json_add_int(object, "records", spool.records);
    json_add_int(object, "quarantined", spool.quarantined);
    json_add_int(object, "alerts", spool.alerts);
    json_add_int(object, "offered", spool.offered);
    json_add_int(object, "taken", spool.taken);
    json_add_int(object, "replaced", spool.replaced);
    json_add_int(object, "over_share", spool.over_share);
    json_add_int(object, "dropped", spool.dropped);
    json_add_int(object, "forgotten", spool.forgotten);
    json_add_int(object, "bad", spool.bad);
    json_add_int(object, "failed", spool.failed);
}

static void add_outputs(struct json_object *stats, const struct outputs *outputs)
{
    struct json_object *list = json_object_new_array();
    struct output_stats output[CONFIG_OUTPUTS_MAX];
    const size_t n = outputs_stats(outputs, output);

    for (size_t i = 0; i < n; i++) {
        struct json_object *object = json_object_new_object();

        json_add_string(object, "type", output[i].type);
        json_add_string(object, "path", output[i].path);
        json_add_int(object, "written", output[i].counts.written);
        json_add_int(object, "dropped", output[i].counts.dropped);
        json_add_int(object, "withheld", output[i].counts.withheld);
        json_add_int(object, "readers", output[i].counts.readers);
        json_object_array_add(list, object);
    }
    json_object_object_add(stats, "outputs", list);
}

static void add_percentiles(struct json_object *parent, const char *key,
                            const struct histogram *now, const struct histogram *before)
{
    static const struct {
        const char *key;
        double share;
    } percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
    struct json_object *object = add_object(parent, key);
    struct histogram sum = *now;

    histogram_merge(&sum, before);
    json_add_int(object, "count", sum.n);
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
        json_add_int(object, percentiles[i].key,
                     histogram_percentile(&sum, percentiles[i].share) / 1000);
}

/* Resident bytes of the process; 0 where the system does not say. */
static uint64_t resident(const struct stats *stats)
{
    char text[128] = "";
    unsigned long long pages = 0;

    if (stats->statm >= 0 && pread(stats->statm, text, sizeof text - 1, 0) > 0)
        sscanf(text, "%*s %llu", &pages);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct json_object *stats_object(const struct stats *stats)
{
    const struct stats_sources *sources = stats->sources;
    struct json_object *object = json_object_new_object(), *part;
    uint64_t flow_memory;

    json_add_int(object, "uptime",
                 (uint64_t)((steady_ns() - stats->started_ns) / NANOS_PER_SECOND));
    flow_memory = add_interfaces(object, sources);
    add_judge(object, sources->judge, &stats->rate);
    add_alerts(object, sources->alerts);
    add_drift(object, sources->drift);
    add_spool(object, sources->archive);
    add_outputs(object, sources->outputs);
    part = add_object(object, "latency_us");
    add_percentiles(part, "event", &stats->now.emitted, &stats->before.emitted);
    add_percentiles(part, "queue", &stats->now.waited, &stats->before.waited);
    part = add_object(object, "memory");
    json_add_int(part, "resident", resident(stats));
    json_add_int(part, "flows", flow_memory);
    return object;
}

struct json_object *stats_event(const struct stats *stats)
{
    struct judge_stats counts;
    struct json_object *event;

    judge_stats(stats->sources->judge, &counts);
    event = event_begin("stats", counts.source.host, wall_ns());
    json_object_object_add(event, "stats", stats_object(stats));
    return event;
}
