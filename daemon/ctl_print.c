#include "ctl_print.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "human.h"
#include "json_read.h"
#include "page.h"

/* "3d 4h 5m", from seconds. */
static void print_duration(int64_t s, FILE *stream)
{
    if (s >= 86400)
        fprintf(stream, "%" PRId64 "d ", s / 86400);
    if (s >= 3600)
        fprintf(stream, "%" PRId64 "h ", s / 3600 % 24);
    if (s >= 60)
        fprintf(stream, "%" PRId64 "m ", s / 60 % 60);
    fprintf(stream, "%" PRId64 "s", s % 60);
}

static void print_interface(struct json_object *interface, FILE *stream)
{
    fprintf(stream,
            "%-10s %s, %" PRId64 " packets, %" PRId64 " dropped by the kernel, %" PRId64
            " flows now, %" PRId64 " reported, %" PRId64 " outages\n",
            json_text(interface, "name"), json_flag(interface, "up") ? "up" : "down",
            json_count(interface, "packets"), json_count(interface, "kernel_drops"),
            json_count(interface, "flows.active"), json_count(interface, "flows.reported"),
            json_count(interface, "outages"));
}

static void print_output(struct json_object *output, FILE *stream)
{
    fprintf(stream,
            "%-10s %s%s%" PRId64 " lines written, %" PRId64 " dropped, %" PRId64 " withheld",
            json_text(output, "type"), json_text(output, "path"),
            *json_text(output, "path") ? ", " : "", json_count(output, "written"),
            json_count(output, "dropped"), json_count(output, "withheld"));
    if (strcmp(json_text(output, "type"), "socket") == 0)
        fprintf(stream, ", %" PRId64 " readers", json_count(output, "readers"));
    fputc('\n', stream);
}

typedef void item_printer(struct json_object *item, FILE *stream);

static void print_each(struct json_object *list, item_printer *print, FILE *stream)
{
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        print(json_object_array_get_idx(list, i), stream);
}

static void print_threshold(struct json_object *object, FILE *stream)
{
    fprintf(stream, "alerts from score %.6g (logit %.6g), %s\n", json_number(object, "threshold"),
            json_number(object, "threshold_logit"),
            json_flag(object, "overridden") ? "set by da3ddctl" : "as configured");
}

static void print_milliseconds(const char *name, struct json_object *percentiles, FILE *stream)
{
    fprintf(stream, "%s p50 %.3g ms, p99 %.3g ms, max %.3g ms", name,
            json_number(percentiles, "p50") / 1000, json_number(percentiles, "p99") / 1000,
            json_number(percentiles, "max") / 1000);
}

static void print_health(struct json_object *stats, FILE *stream)
{
    char resident[HUMAN_BYTES], flows[HUMAN_BYTES];

    human_bytes(json_number(stats, "memory.resident"), resident);
    human_bytes(json_number(stats, "memory.flows"), flows);
    fprintf(stream,
            "queue      %" PRId64 " of %" PRId64 " flows wait to be scored, %" PRId64
            " found no room\n",
            json_count(stats, "queue.waiting"), json_count(stats, "queue.capacity"),
            json_count(stats, "queue.refused"));
    print_milliseconds("latency    flow to event", json_at(stats, "latency_us.event"), stream);
    print_milliseconds("; in the queue", json_at(stats, "latency_us.queue"), stream);
    fprintf(stream, "\nmemory     %s, %s of them flows\n", resident, flows);
}

/* spool: NULL where there is none. */
static void print_spool(struct json_object *spool, FILE *stream)
{
    if (!spool)
        return;
    fprintf(stream,
            "spool      %" PRId64 " of %" PRId64 " records, %" PRId64
            " of them in quarantine, %" PRId64 " alerts; %" PRId64 " dropped after alerts, %" PRId64
            " flows over a host's share, %" PRId64 " bad slots\n",
            json_count(spool, "records"), json_count(spool, "slots"),
            json_count(spool, "quarantined"), json_count(spool, "alerts"),
            json_count(spool, "dropped"), json_count(spool, "over_share"),
            json_count(spool, "bad"));
}

/* Each measure that confines the service, with what holds or why it is off. */
static void print_confinement(struct json_object *confinement, FILE *stream)
{
    const char *separator = "confined   ";

    if (!confinement)
        return;
    json_object_object_foreach(confinement, name, measure)
    {
        const char *detail = json_text(measure, "detail");

        fprintf(stream, "%s%s %s%s%s%s", separator, name, json_flag(measure, "on") ? "on" : "off",
                *detail ? " (" : "", detail, *detail ? ")" : "");
        separator = ", ";
    }
    fputc('\n', stream);
}

static void print_retraining(struct json_object *retraining, FILE *stream)
{
    struct json_object *last = json_at(retraining, "last");

    if (json_flag(retraining, "running"))
        fprintf(stream, "retraining %.0f %%, since %.19s\n",
                100 * json_number(retraining, "progress"), json_text(retraining, "since"));
    if (last)
        fprintf(stream, "models     %.19s: %s: %s\n", json_text(last, "time"),
                json_text(last, "verdict"), json_text(last, "reason"));
}

static void print_share(const char *name, struct json_object *share, FILE *stream)
{
    fprintf(stream, "%s %.4g %% (%.4g to %.4g %%) of %" PRId64 " flows", name,
            100 * json_number(share, "share"), 100 * json_number(share, "low"),
            100 * json_number(share, "high"), json_count(share, "flows"));
}

/* Shares in percent, with 95 % confidence. */
static void print_rate(struct json_object *rate, FILE *stream)
{
    fprintf(stream, "alert rate %.4g %% of normal flows promised; ",
            100 * json_number(rate, "promised"));
    print_share("achieved", json_at(rate, "achieved"), stream);
    print_share("; last day", json_at(rate, "last_day"), stream);
    fputc('\n', stream);
}

static void print_drift(struct json_object *drift, FILE *stream)
{
    const char *cause = json_text(drift, "cause");

    fprintf(stream, "drift      in %" PRId64 " of %" PRId64 " windows",
            json_count(drift, "drifted"), json_count(drift, "windows"));
    if (json_count(drift, "windows") > 0)
        fprintf(stream, "; in the last one most of all %s, index %.2f%s",
                json_text(drift, "feature"), json_number(drift, "psi"),
                strcmp(cause, "host") == 0      ? ": one host has changed"
                : strcmp(cause, "network") == 0 ? ": the network has changed"
                                                : "");
    fputc('\n', stream);
}

void ctl_print_status(struct json_object *result, FILE *stream)
{
    struct json_object *stats = json_at(result, "stats");

    fprintf(stream, "da3dd      %s, process %" PRId64 ", up ", json_text(result, "version"),
            json_count(result, "pid"));
    print_duration(json_count(stats, "uptime"), stream);
    fprintf(stream, "\nmodel      %s, %s, ", json_text(stats, "model.id"),
            json_text(stats, "model.feature_set"));
    print_threshold(json_at(stats, "model"), stream);
    print_each(json_at(stats, "interfaces"), print_interface, stream);
    fprintf(stream,
            "flows      %" PRId64 " scored, %" PRId64 " reached the threshold, %" PRId64
            " alerts, %" PRId64 " folded, %" PRId64 " suppressed by %" PRId64 " rules\n",
            json_count(stats, "events.scored"), json_count(stats, "events.reached"),
            json_count(stats, "events.alerts"), json_count(stats, "events.folded"),
            json_count(stats, "events.suppressed"), json_count(result, "suppress_rules"));
    print_rate(json_at(stats, "alert_rate"), stream);
    print_drift(json_at(stats, "drift"), stream);
    print_spool(json_at(stats, "spool"), stream);
    print_health(stats, stream);
    print_confinement(json_at(result, "confinement"), stream);
    print_each(json_at(stats, "outputs"), print_output, stream);
    print_retraining(json_at(result, "retraining"), stream);
}

/* One line for each value, named by its path. Items of a list are named by their place. */
static void print_flat(const char *path, struct json_object *value, FILE *stream)
{
    char inner[128];

    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
            print_flat(inner, member, stream);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            snprintf(inner, sizeof inner, "%s.%zu", path, i);
            print_flat(inner, json_object_array_get_idx(value, i), stream);
        }
    } else {
        fprintf(stream, "%-40s %s\n", path, json_object_get_string(value));
    }
}

void ctl_print_stats(struct json_object *result, FILE *stream)
{
    print_flat("", json_at(result, "event.stats"), stream);
}

void ctl_print_threshold(struct json_object *result, FILE *stream)
{
    print_threshold(result, stream);
}

static const char *or_any(const char *value)
{
    return *value ? value : "-";
}

static void print_rule(struct json_object *rule, FILE *stream)
{
    fprintf(stream, "%5s %-10s %-26s %-26s %-6s %-21s %s\n", json_text(rule, "id"),
            json_flag(rule, "configured") ? "file" : "da3ddctl", or_any(json_text(rule, "host")),
            or_any(json_text(rule, "network")), or_any(json_text(rule, "port")),
            or_any(json_text(rule, "until")), json_text(rule, "hits"));
}

void ctl_print_rules(struct json_object *result, FILE *stream)
{
    fprintf(stream, "%5s %-10s %-26s %-26s %-6s %-21s %s\n", "ID", "FROM", "HOST", "NETWORK",
            "PORT", "UNTIL", "HITS");
    print_each(json_at(result, "rules"), print_rule, stream);
}

void ctl_print_rule(struct json_object *result, FILE *stream)
{
    fprintf(stream, "rule %s\n", json_text(result, "id"));
}

void ctl_print_done(struct json_object *result, FILE *stream)
{
    (void)result;
    fputs("done\n", stream);
}

/* "14:03:59" of a time of events. */
static const char *clock_of(struct json_object *object)
{
    const char *time = json_text(object, "end");

    return strlen(time) > 19 ? strchr(time, 'T') + 1 : "";
}

static void print_flow(struct json_object *flow, FILE *stream)
{
    char src[HUMAN_END], dest[HUMAN_END], bytes[HUMAN_BYTES];

    human_end(json_text(flow, "src_ip"), json_text(flow, "src_port"), src);
    human_end(json_text(flow, "dest_ip"), json_text(flow, "dest_port"), dest);
    human_bytes(json_number(flow, "bytes"), bytes);
    fprintf(stream, "%c %8.3f %8.6f %-8.8s %-21s %-21s %-5s %6s %10s\n",
            json_flag(flow, "reached") ? '*' : ' ', json_number(flow, "logit"),
            json_number(flow, "score"), clock_of(flow), src, dest, json_text(flow, "proto"),
            json_text(flow, "pkts"), bytes);
}

static void print_mark(struct json_object *mark, FILE *stream)
{
    char src[64], dest[64];

    human_end(json_text(mark, "src_ip"), json_text(mark, "src_port"), src);
    human_end(json_text(mark, "dest_ip"), json_text(mark, "dest_port"), dest);
    fprintf(stream, "%16s %-9s %.19s %-21s %-21s %-5s %8.3f\n", json_text(mark, "flow_id"),
            json_text(mark, "as"), json_text(mark, "end"), src, dest, json_text(mark, "proto"),
            json_number(mark, "logit"));
}

void ctl_print_marks(struct json_object *result, FILE *stream)
{
    fprintf(stream, "%16s %-9s %-19s %-21s %-21s %-5s %8s\n", "FLOW_ID", "AS", "END", "FROM", "TO",
            "PROTO", "LOGIT");
    print_each(json_at(result, "marks"), print_mark, stream);
}

static void print_host(struct json_object *host, FILE *stream)
{
    fprintf(stream, "%c %8.3f %8.6f %-8.8s %-39s %8s flows %8s reached\n",
            json_count(host, "reached") > 0 ? '*' : ' ', json_number(host, "logit"),
            json_number(host, "score"), clock_of(host), json_text(host, "host"),
            json_text(host, "flows"), json_text(host, "reached"));
}

void ctl_print_top(struct json_object *result, FILE *stream)
{
    fprintf(stream, "Hosts of the last %s minutes, by flows that reached the threshold (*)\n",
            json_text(result, "minutes"));
    fprintf(stream, "  %8s %8s %-8s %s\n", "LOGIT", "SCORE", "LAST", "HOST");
    print_each(json_at(result, "hosts"), print_host, stream);
    fprintf(stream, "\nFlows, by score\n  %8s %8s %-8s %-21s %-21s %-5s %6s %10s\n", "LOGIT",
            "SCORE", "END", "FROM", "TO", "PROTO", "PKTS", "BYTES");
    print_each(json_at(result, "flows"), print_flow, stream);
}

/* "12/5000": alerts of golden flows; "-" where the model was not judged. */
static void share_text(struct json_object *model, const char *kind, char out[32])
{
    char path[64];
    struct json_object *found;

    snprintf(path, sizeof path, "acceptance.%s", kind);
    found = json_at(model, path);
    if (found)
        snprintf(out, 32, "%s/%s", json_text(found, "candidate"), json_text(found, "rows"));
    else
        snprintf(out, 32, "-");
}

static void print_model(struct json_object *model, FILE *stream)
{
    char golden[32], known[32], permuted[32];

    share_text(model, "golden", golden);
    share_text(model, "known", known);
    share_text(model, "permuted", permuted);
    fprintf(stream, "%c %-25s %-8s %8s %8s %8s %12s %12s %12s\n",
            json_flag(model, "live") ? '*' : ' ', json_text(model, "name"),
            json_text(model, "verdict"), or_any(json_text(model, "rows.train")),
            or_any(json_text(model, "rows.suspect")), or_any(json_text(model, "rows.change")),
            golden, known, permuted);
}

void ctl_print_models(struct json_object *result, FILE *stream)
{
    fprintf(stream, "  %-25s %-8s %8s %8s %8s %12s %12s %12s\n", "NAME (* live)", "VERDICT", "ROWS",
            "SUSPECT", "CHANGE", "ALERTS", "KNOWN", "PERMUTED");
    print_each(json_at(result, "models"), print_model, stream);
}

void ctl_print_model(struct json_object *result, FILE *stream)
{
    fprintf(stream, "model %s is in use\n", json_text(result, "id"));
}

void ctl_print_explanation(struct json_object *result, FILE *stream)
{
    page_print(json_at(result, "explanation"), stream);
}
