#include "spool_alerts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double share_max = 0.1;

enum { CHANGE_PART = 100 }; /* of a kind's originators one in so many must alert */

/* A record, as far as it counts. */
struct note {
    uint8_t host[SPOOL_ORIGINATOR]; /* zeros: one of those that are judged together */
    uint8_t proto;
    uint16_t port; /* the responder's */
    int64_t time_ns;
    int64_t known_ns; /* the originator's first flow that did not alert; INT64_MAX: none */
    double logit;
    enum spool_alert *verdict; /* on the record: SUSPECT until it is learned */
};

/* n notes of one host, or of one kind. */
struct run {
    struct note *notes;
    size_t n;
};

struct tally {
    size_t ordinary, suspects; /* flows that did not alert; that did, and are not learned */
    int64_t first_ns, last_ns; /* of the suspects */
};

struct kind {
    size_t hosts, witnesses;
    int64_t first_ns, last_ns; /* of the witnesses' alerts */
};

static int compare_hosts(const struct note *a, const struct note *b)
{
    return memcmp(a->host, b->host, sizeof a->host);
}

static int compare_kinds(const struct note *a, const struct note *b)
{
    if (a->proto != b->proto)
        return a->proto < b->proto ? -1 : 1;
    return (a->port > b->port) - (a->port < b->port);
}

/* Of a host the suspects come last, the lowest of them first. */
static int by_host(const void *a, const void *b)
{
    const struct note *x = a, *y = b;
    const int hosts = compare_hosts(x, y);

    if (hosts != 0 || *x->verdict != *y->verdict)
        return hosts != 0 ? hosts : (int)*x->verdict - (int)*y->verdict;
    return (x->logit > y->logit) - (x->logit < y->logit);
}

static int by_kind(const void *a, const void *b)
{
    const int kinds = compare_kinds(a, b);

    return kinds != 0 ? kinds : compare_hosts(a, b);
}

/* The notes from begin on that are of one host, or of one kind. */
static struct run run_at(struct run all, size_t begin,
                         int (*compare)(const struct note *, const struct note *))
{
    struct run run = {all.notes + begin, 1};

    while (begin + run.n < all.n && compare(run.notes, run.notes + run.n) == 0)
        run.n++;
    return run;
}

/* Alerts that chance explains, at most, where so many are expected: by three deviations of the
 * square root of a Poisson count, which are a half each (Anscombe 1948). Two at least. */
static size_t most_by_chance(double expected)
{
    const double root = sqrt(expected) + 1.5;

    return (size_t)(root * root);
}

static struct tally count(struct run run)
{
    struct tally tally = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};

    for (size_t i = 0; i < run.n; i++) {
        const struct note *note = &run.notes[i];

        tally.ordinary += *note->verdict == SPOOL_ALERT_NONE;
        if (*note->verdict != SPOOL_ALERT_SUSPECT)
            continue;
        tally.suspects++;
        tally.first_ns = note->time_ns < tally.first_ns ? note->time_ns : tally.first_ns;
        tally.last_ns = note->time_ns > tally.last_ns ? note->time_ns : tally.last_ns;
    }
    return tally;
}

/* Tells every note since when its host is known. all: by host. */
static void find_known(struct run all)
{
    for (size_t begin = 0; begin < all.n;) {
        const struct run host = run_at(all, begin, compare_hosts);
        int64_t known_ns = INT64_MAX;

        for (size_t i = 0; i < host.n; i++)
            if (*host.notes[i].verdict == SPOOL_ALERT_NONE && host.notes[i].time_ns < known_ns)
                known_ns = host.notes[i].time_ns;
        for (size_t i = 0; i < host.n; i++)
            host.notes[i].known_ns = known_ns;
        begin += host.n;
    }
}

/* host: of one kind. */
static bool is_established(struct run host, const struct tally *tally, int64_t quarantine_ns)
{
    const int64_t known_ns = host.notes->known_ns;

    return tally->suspects > 0 && known_ns < tally->first_ns &&
           known_ns <= tally->last_ns - quarantine_ns;
}

static void hear(struct kind *kind, const struct tally *witness)
{
    kind->witnesses++;
    kind->first_ns = witness->first_ns < kind->first_ns ? witness->first_ns : kind->first_ns;
    kind->last_ns = witness->last_ns > kind->last_ns ? witness->last_ns : kind->last_ns;
}

/* of_kind: by host. share: of normal flows, that alert. */
static bool has_changed(struct run of_kind, double share, const struct spool_alerts_config *config)
{
    struct kind kind = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};

    for (size_t begin = 0; begin < of_kind.n;) {
        const struct run host = run_at(of_kind, begin, compare_hosts);
        const struct tally tally = count(host);

        kind.hosts += host.notes->known_ns != INT64_MAX;
        if (tally.suspects > most_by_chance(share * (double)tally.ordinary) &&
            is_established(host, &tally, config->quarantine_ns))
            hear(&kind, &tally);
        begin += host.n;
    }
    return kind.witnesses >= config->change_hosts && kind.witnesses >= kind.hosts / CHANGE_PART &&
           kind.last_ns - kind.first_ns >= config->quarantine_ns;
}

/* of_kind: by host. */
static void learn_change(struct run of_kind, int64_t quarantine_ns)
{
    for (size_t begin = 0; begin < of_kind.n;) {
        const struct run host = run_at(of_kind, begin, compare_hosts);
        const struct tally tally = count(host);
        const bool learned = is_established(host, &tally, quarantine_ns);

        for (size_t i = 0; learned && i < host.n; i++)
            if (*host.notes[i].verdict == SPOOL_ALERT_SUSPECT)
                *host.notes[i].verdict = SPOOL_ALERT_CHANGE;
        begin += host.n;
    }
}

/* all: by kind. */
static void learn_changes(struct run all, double share, const struct spool_alerts_config *config)
{
    for (size_t begin = 0; begin < all.n;) {
        const struct run of_kind = run_at(all, begin, compare_kinds);

        if (has_changed(of_kind, share, config))
            learn_change(of_kind, config->quarantine_ns);
        begin += of_kind.n;
    }
}

/* Makes one host of all of whom no alert is expected. all: by host. */
static void join_small(struct run all, double share)
{
    for (size_t begin = 0; begin < all.n;) {
        const struct run host = run_at(all, begin, compare_hosts);
        const bool small = share * (double)count(host).ordinary < 1;

        for (size_t i = 0; small && i < host.n; i++)
            memset(host.notes[i].host, 0, sizeof host.notes[i].host);
        begin += host.n;
    }
}

/* all: by host. */
static void learn_chance(struct run all, double share)
{
    for (size_t begin = 0; begin < all.n;) {
        const struct run host = run_at(all, begin, compare_hosts);
        const struct tally tally = count(host);
        const size_t most = most_by_chance(share * (double)tally.ordinary);

        for (size_t i = 0; i < tally.suspects && i < most; i++)
            *host.notes[host.n - tally.suspects + i].verdict = SPOOL_ALERT_CHANCE;
        begin += host.n;
    }
}

static void sort(struct run all, int (*compare)(const void *, const void *))
{
    if (all.n > 1)
        qsort(all.notes, all.n, sizeof *all.notes, compare);
}

static void judge(struct run all, double share, const struct spool_alerts_config *config)
{
    if (config->change_hosts > 0) {
        sort(all, by_host);
        find_known(all);
        sort(all, by_kind);
        learn_changes(all, share, config);
    }
    sort(all, by_host);
    join_small(all, share);
    sort(all, by_host);
    learn_chance(all, share);
}

static struct note note_of(const struct spool_record *record, enum spool_alert *verdict)
{
    struct note note = {
        .proto = record->ends.proto,
        .port = record->ends.dport,
        .time_ns = record->time_ns,
        .known_ns = INT64_MAX,
        .logit = record->logit,
        .verdict = verdict,
    };

    spool_originator(&record->ends, note.host);
    *verdict = record->alert ? SPOOL_ALERT_SUSPECT : SPOOL_ALERT_NONE;
    return note;
}

int spool_alerts_judge(const struct spool_record *records, size_t n,
                       const struct spool_alerts_config *config, enum spool_alert *out)
{
    struct run all = {calloc(n + 1, sizeof *all.notes), 0};
    double share = 0;

    if (!all.notes)
        return -1;
    for (size_t i = 0; i < n; i++) {
        out[i] = SPOOL_ALERT_NONE;
        if (records[i].mark != SPOOL_MARK_NONE)
            continue;
        all.notes[all.n++] = note_of(&records[i], &out[i]);
        if (records[i].alert)
            share = fmin(fmax(share, records[i].p_value), share_max);
    }
    judge(all, share, config);
    free(all.notes);
    return 0;
}
