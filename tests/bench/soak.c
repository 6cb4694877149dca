/* soak [PORT]: 30 days of the service's life in minutes: flows into its spool, a model from that
 * every night, accepted or refused. Every day has its rhythm and its hosts. An attacker raises the
 * share of his flows from 0.1 % to 20 %, always those that the model lets pass most narrowly, so
 * that it learns his kinds. On day 12 a new service begins, of which nothing had been known: the
 * normal flows to PORT, 514 (syslog: a model that knows it alerts on none of those held back). Then
 * all of it once more without the guards: threshold, share of a host, quarantine and acceptance.
 *
 * Prints a line for each day and what came of both; exits 0 if the bars are met. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/acceptance.h"
#include "daemon/clock.h"
#include "daemon/meter_settings.h"
#include "daemon/set_schema.h"
#include "daemon/spool.h"
#include "daemon/spool_alerts.h"
#include "daemon/spool_read.h"
#include "random.h"
#include "soak_lab.h"
#include "soak_report.h"

enum { MINUTES = 1440, SEED = 1 };
/* FLOWS: of a day. STEPS: of each training. NARROW: the attacker's flows to choose from. */
enum { FLOWS = 1500, SLOTS = 6000, STEPS = 400, BATCH = 128, GOLDEN_MIN = 100, NARROW = 16 };

static const int64_t minute_ns = 60 * NANOS_PER_SECOND, day_ns = 86400 * NANOS_PER_SECOND;
static const int64_t begin_ns = 1700006400 * NANOS_PER_SECOND; /* a midnight */
static const double share_begin = 0.001, share_end = 0.2;      /* of the attacker */
static const double service_share = 0.1;                       /* of all flows, once it is there */
static const uint32_t hosts_percent = 70;                      /* that are there on a day */
static const double golden_share = 0.2;
static const struct flow_id attacker = {.src = {{10, 20, 66, 6}}, .ip_version = 4};

struct soak {
    const struct lab *lab; /* borrowed */
    bool guarded;
    struct schema schema;
    char path[64]; /* of the spool */
    struct spool *spool;
    struct da3d_model *live;
    struct da3d_scorer *scorer; /* of one row */
    uint64_t random;            /* random.h */
    int64_t now_ns;
    int day;               /* 1 .. SOAK_DAYS */
    double due;            /* flows of this minute */
    uint64_t flows;        /* that have happened */
    struct {
        double flows, alerts;
    } lived[LAB_PARTS]; /* today */
    size_t narrow[NARROW]; /* the attacker's choice of the day, of LAB_POISON */
    struct spool_rows read; /* counts of what was read last */
    struct soak_outcome outcome;
};

static void die(const char *what, const char *reason)
{
    fprintf(stderr, "soak: %s: %s\n", what, reason);
    exit(EXIT_FAILURE);
}

static int64_t quarantine_ns(const struct soak *soak)
{
    return soak->guarded ? day_ns : 0;
}

static const double *row_of(const struct soak *soak, enum lab_part part, size_t i)
{
    return soak->lab->part[part].x + i * soak->lab->meter.set->n_columns;
}

static struct da3d_score score(const struct soak *soak, enum lab_part part, size_t i)
{
    struct da3d_score score;

    da3d_score(soak->scorer, row_of(soak, part, i), 1, &score);
    return score;
}

static double alert_rate(const struct soak *soak, enum lab_part part)
{
    const size_t n = soak->lab->part[part].n;
    size_t alerts = 0;

    for (size_t i = 0; i < n; i++)
        alerts += score(soak, part, i).alert;
    return (double)alerts / (double)n;
}

/* The model is taken over. */
static void go_live(struct soak *soak, struct da3d_model *model)
{
    da3d_scorer_free(soak->scorer);
    da3d_model_free(soak->live);
    soak->live = model;
    soak->scorer = da3d_scorer_new(model, 1);
    spool_forgive(soak->spool);
    if (!soak->scorer)
        die("scorer", strerror(errno));
}

/* From scratch, in few steps. rows: (n, columns) in the order of their time. */
static struct da3d_model *train(const struct soak *soak, const double *rows, size_t n)
{
    struct da3d_config config = da3d_config_default;
    const struct da3d_rows learned = {&soak->schema, rows, n};
    struct da3d_model *model;
    struct da3d_error error;

    config.batch = BATCH;
    config.epochs_aae = (uint32_t)ceil((double)STEPS * BATCH / (double)n);
    config.holdout_by = DA3D_HOLDOUT_TIME;
    config.seed = SEED + (uint64_t)soak->day;
    config.threads = 1;
    meter_settings_keep(&soak->lab->meter, &config.row_settings);
    if (da3d_train(&config, &learned, NULL, &model, &error) < 0)
        die("training", error.text);
    return model;
}

/* Nothing happens twice in the same way: numbers waver by a tenth, whole ones stay whole. */
static void waver(struct soak *soak, double *x)
{
    const struct feature_set *set = soak->lab->meter.set;

    for (size_t c = 0; c < set->n_columns; c++) {
        const double value = x[c] * (0.9 + 0.2 * random_below(&soak->random, 1000) / 1000);

        if (!set->columns[c].values)
            x[c] = x[c] == floor(x[c]) ? round(value) : value;
    }
}

/* The like of a flow happens now, from that originator; the service looks at it. */
static void happen(struct soak *soak, enum lab_part part, size_t i, const struct flow_id *source)
{
    double x[FEATURE_COLUMNS_MAX];
    struct verdict verdict = {.flow = soak->lab->part[part].flows[i], .x = x};

    memcpy(x, row_of(soak, part, i), soak->lab->meter.set->n_columns * sizeof *x);
    waver(soak, x);
    da3d_score(soak->scorer, x, 1, &verdict.score);
    verdict.threshold = threshold_at_logit((double)da3d_threshold_logit(soak->live));
    verdict.flow.flow_id = ++soak->flows;
    verdict.flow.end_ns = soak->now_ns;
    verdict.flow.id.src = source->src;
    verdict.flow.id.ip_version = source->ip_version;
    soak->lived[part].flows++;
    soak->lived[part].alerts += verdict.score.alert;
    verdict.score.alert &= soak->guarded;
    spool_offer(soak->spool, &verdict, soak->now_ns);
}

/* Is the flow's originator there today? */
static bool is_there(const struct soak *soak, const struct flow *flow)
{
    uint64_t state = (uint64_t)soak->day;

    for (size_t i = 0; i < sizeof flow->id.src.bytes; i++)
        state = 31 * state + flow->id.src.bytes[i];
    return random_below(&state, 100) < hosts_percent;
}

static size_t any_of(struct soak *soak, enum lab_part which)
{
    return random_below(&soak->random, (uint32_t)soak->lab->part[which].n);
}

static void life_happens(struct soak *soak)
{
    const bool service =
        soak->day >= SOAK_SERVICE_DAY && random_below(&soak->random, 1000) < 1000 * service_share;
    const struct flow *flows = soak->lab->part[LAB_LIFE].flows;
    size_t i;

    do
        i = any_of(soak, LAB_LIFE);
    while (!is_there(soak, &flows[i]));
    if (service) /* any host that is there uses it */
        happen(soak, LAB_SERVICE, any_of(soak, LAB_SERVICE), &flows[i].id);
    else
        happen(soak, LAB_LIFE, i, &flows[i].id);
}

struct choice {
    float logit;
    size_t i;
};

static int by_logit(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;

    return x->logit < y->logit ? -1 : x->logit > y->logit;
}

/* The attacker's flows of today: those that are highest below the threshold, or the lowest. */
static void choose(struct soak *soak)
{
    const size_t n = soak->lab->part[LAB_POISON].n;
    struct choice *all = calloc(n, sizeof *all);
    size_t below = 0;

    if (!all || n < NARROW)
        die("attacker", "out of memory, or too few flows");
    for (size_t i = 0; i < n; i++) {
        const struct da3d_score s = score(soak, LAB_POISON, i);

        all[i] = (struct choice){s.logit, i};
        below += !s.alert;
    }
    qsort(all, n, sizeof *all, by_logit);
    for (size_t i = 0; i < NARROW; i++)
        soak->narrow[i] = all[(below > NARROW ? below - NARROW : 0) + i].i;
    free(all);
}

static void live_minute(struct soak *soak, int minute)
{
    const double pi = 3.14159265358979, phase = (minute - 240) / (double)MINUTES;
    const double share =
        share_begin * pow(share_end / share_begin, (soak->day - 1) / (SOAK_DAYS - 1.0));

    spool_tick(soak->spool, soak->now_ns);
    soak->due += FLOWS * (1 - 0.9 * cos(2 * pi * phase)) / MINUTES; /* night: at 4 */
    while (soak->due >= 1) {
        soak->due--;
        if (random_below(&soak->random, 1000000) < 1e6 * share)
            happen(soak, LAB_POISON, soak->narrow[random_below(&soak->random, NARROW)], &attacker);
        else
            life_happens(soak);
    }
}

static void live_day(struct soak *soak)
{
    choose(soak);
    memset(soak->lived, 0, sizeof soak->lived);
    for (int minute = 0; minute < MINUTES; minute++, soak->now_ns += minute_ns)
        live_minute(soak, minute);
}

/* Share of the first n rows. */
static double attacker_share(const struct spool_rows *rows, size_t n)
{
    size_t his = 0;

    for (size_t i = 0; i < n; i++)
        his += memcmp(&rows->records[i].ends.src, &attacker.src, sizeof attacker.src) == 0;
    return n > 0 ? (double)his / (double)n : 0;
}

/* Is it to go live? Says why in reason. */
static bool accept(const struct soak *soak, const struct da3d_model *candidate,
                   struct acceptance_rows golden, struct acceptance *out)
{
    const struct acceptance_config config = {
        .live = soak->live,
        .candidate = candidate,
        .golden = golden,
        .budget = 2,
        .tolerance = 0.05,
        .synthetic_tolerance = 0.2,
        .seed = SEED,
    };

    *out = (struct acceptance){.accepted = true, .reason = "not asked"};
    if (soak->guarded && acceptance_judge(&config, out) < 0)
        die("acceptance", strerror(errno));
    return out->accepted;
}

static void retrain(struct soak *soak, struct acceptance *verdict)
{
    const struct spool_read_config config = {.now_ns = soak->now_ns,
                                             .quarantine_ns = quarantine_ns(soak),
                                             .change_hosts = SPOOL_CHANGE_HOSTS,
                                             .golden = golden_share};
    struct spool_rows rows;
    struct da3d_error error;
    size_t golden, learned;

    *verdict = (struct acceptance){.reason = "too few flows"};
    if (spool_read(soak->path, &config, &rows, &error) < 0)
        die("spool", error.text);
    golden = rows.n_golden;
    soak->read = rows;
    learned = rows.n - golden;
    if (golden >= GOLDEN_MIN) {
        struct da3d_model *candidate = train(soak, rows.x, learned);
        const double *newest = rows.x + learned * soak->lab->meter.set->n_columns;

        soak->outcome.attacker = attacker_share(&rows, learned);
        if (accept(soak, candidate, (struct acceptance_rows){newest, golden}, verdict))
            go_live(soak, candidate);
        else
            da3d_model_free(candidate);
    }
    spool_rows_clear(&rows);
}

static struct soak_rates measure(const struct soak *soak)
{
    return (struct soak_rates){alert_rate(soak, LAB_HELD_ATTACKS),
                               alert_rate(soak, LAB_HELD_POISON), alert_rate(soak, LAB_HELD_LIFE),
                               alert_rate(soak, LAB_HELD_SERVICE)};
}

static void report_day(struct soak *soak, const struct acceptance *verdict)
{
    const struct soak_rates rates = measure(soak);
    struct spool_stats stats;

    soak_note(&soak->outcome, soak->day, &rates);
    spool_stats(soak->spool, soak->now_ns, &stats);
    printf("%3d %7llu %5llu %5llu %5llu %5llu %7.2f %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f  %s: %s\n", soak->day,
           (unsigned long long)stats.records, (unsigned long long)stats.alerts,
           (unsigned long long)soak->read.chance, (unsigned long long)soak->read.change,
           (unsigned long long)soak->read.suspect, 100 * soak->outcome.attacker,
           100 * rates.attacks, 100 * rates.poison, 100 * rates.life, 100 * rates.service,
           100 * soak->lived[LAB_LIFE].alerts / soak->lived[LAB_LIFE].flows,
           100 * soak->lived[LAB_SERVICE].alerts / soak->lived[LAB_SERVICE].flows,
           verdict->accepted ? "accepted" : "refused", verdict->reason);
    fflush(stdout);
}

static void open_spool(struct soak *soak)
{
    const struct spool_config config = {
        .path = soak->path,
        .bytes = SPOOL_HEADER + SLOTS * spool_record_size(soak->lab->meter.set->n_columns),
        .enabled = true,
        .host_share = soak->guarded ? 0.1 : 0,
        .quarantine_ns = quarantine_ns(soak),
        .horizon_ns = SOAK_DAYS * day_ns,
    };
    struct da3d_error error;

    soak->spool = spool_open(&config, &soak->lab->meter, SEED, soak->now_ns, &error);
    if (!soak->spool)
        die("spool", error.text);
}

static void release(struct soak *soak)
{
    struct stat file;

    if (stat(soak->path, &file) == 0)
        soak->outcome.bytes = (double)file.st_size;
    spool_close(soak->spool);
    unlink(soak->path);
    da3d_scorer_free(soak->scorer);
    da3d_model_free(soak->live);
    schema_clear(&soak->schema);
}

/* folder: where the spool may be meanwhile. */
static struct soak_outcome run(const struct lab *lab, bool guarded, const char *folder)
{
    struct soak soak = {.lab = lab, .guarded = guarded, .random = SEED, .now_ns = begin_ns};

    snprintf(soak.path, sizeof soak.path, "%s/spool", folder);
    if (set_schema_init(&soak.schema, lab->meter.set) < 0)
        die("schema", strerror(errno));
    open_spool(&soak);
    go_live(&soak, train(&soak, lab->part[LAB_LIFE].x, lab->part[LAB_LIFE].n));
    printf("guards %s; all but days and records in %%\n"
           "day records alerts chance change suspect learned attacks  his own   normal  service  lived service retraining\n",
           guarded ? "on" : "off");
    for (soak.day = 1; soak.day <= SOAK_DAYS; soak.day++) {
        struct acceptance verdict;

        live_day(&soak);
        retrain(&soak, &verdict);
        report_day(&soak, &verdict);
    }
    release(&soak);
    return soak.outcome;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/da3dd-soak-XXXXXX";
    struct soak_outcome on, off;
    struct lab lab;

    lab_init(&lab, argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 514);
    if (!mkdtemp(folder))
        die(folder, strerror(errno));
    on = run(&lab, true, folder);
    off = run(&lab, false, folder);
    rmdir(folder);
    lab_clear(&lab);
    soak_print_table(&on, &off);
    return soak_check(&on) ? EXIT_SUCCESS : EXIT_FAILURE;
}
