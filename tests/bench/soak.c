/* soak [PORT [SEED]]: 30 days of the service's life in minutes: flows into its spool, a model from
 * that every night, accepted or refused. Every day has its rhythm and its hosts. An attacker raises
 * the share of his flows from 0.1 % to 20 %, always those that the model lets pass most narrowly,
 * so that it learns his kinds. On day 12 a new service begins, of which nothing had been known: the
 * normal flows to PORT, 514 (syslog: a model that knows it alerts on none of those held back). On
 * days 20 and 21 half of all flows are a flood from addresses that are seen once. Then all of it
 * once more without the guards: alerts that are not learned, share of a host, quarantine, a week
 * before the first retraining, and acceptance.
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
#include "soak.h"

enum { SLOTS = 12000 };
enum { STEPS = 400, BATCH = 128, GOLDEN_MIN = 100 }; /* STEPS: of each training */

static const int64_t day_ns = 86400 * NANOS_PER_SECOND;
static const int64_t begin_ns = 1700006400 * NANOS_PER_SECOND; /* a midnight */
static const int64_t span_ns = 7 * 86400 * NANOS_PER_SECOND;   /* of what is learned */
static const double golden_share = 0.2, promise = 0.01;

void soak_die(const char *what, const char *reason)
{
    fprintf(stderr, "soak: %s: %s\n", what, reason);
    exit(EXIT_FAILURE);
}

static int64_t quarantine_ns(const struct soak *soak)
{
    return soak->guarded ? day_ns : 0;
}

const double *soak_row(const struct soak *soak, enum lab_part part, size_t i)
{
    return soak->lab->part[part].x + i * soak->lab->meter.set->n_columns;
}

struct da3d_score soak_score(const struct soak *soak, enum lab_part part, size_t i)
{
    struct da3d_score score;

    da3d_score(soak->scorer, soak_row(soak, part, i), 1, &score);
    return score;
}

static double alert_rate(const struct soak *soak, enum lab_part part)
{
    const size_t n = soak->lab->part[part].n;
    size_t alerts = 0;

    for (size_t i = 0; i < n; i++)
        alerts += soak_score(soak, part, i).alert;
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
        soak_die("scorer", strerror(errno));
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
    config.judged = soak->live != NULL; /* when the spool was read */
    config.seed = soak->seed + (uint64_t)soak->day;
    config.threads = 1;
    meter_settings_keep(&soak->lab->meter, &config.row_settings);
    if (da3d_train(&config, &learned, NULL, &model, &error) < 0)
        soak_die("training", error.text);
    return model;
}

/* Share of the first n rows. */
static double share_of(enum soak_stranger who, const struct spool_rows *rows, size_t n)
{
    size_t his = 0;

    for (size_t i = 0; i < n; i++)
        his += soak_is_from(&rows->records[i].ends, who);
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
        .seed = soak->seed,
    };

    *out = (struct acceptance){.accepted = true, .reason = "not asked"};
    if (soak->guarded && acceptance_judge(&config, out) < 0)
        soak_die("acceptance", strerror(errno));
    return out->accepted;
}

/* A model of the first days would forget the hosts that were away. */
static bool spans_enough(const struct soak *soak, const struct spool_rows *rows)
{
    return rows->n > rows->n_golden && (!soak->guarded || spool_rows_span(rows) >= span_ns);
}

static void retrain(struct soak *soak, struct acceptance *verdict)
{
    const struct spool_read_config config = {.now_ns = soak->now_ns,
                                             .quarantine_ns = quarantine_ns(soak),
                                             .change_hosts = SPOOL_CHANGE_HOSTS,
                                             .golden = golden_share};
    struct spool_rows rows;
    struct da3d_error error;
    size_t learned;

    *verdict = (struct acceptance){.reason = "too few flows, or of too short a time"};
    if (spool_read(soak->path, &config, &rows, &error) < 0)
        soak_die("spool", error.text);
    soak->learned = (struct soak_learned){rows.suspect, rows.chance, rows.change};
    learned = rows.n - rows.n_golden;
    if (rows.n_golden >= GOLDEN_MIN && spans_enough(soak, &rows)) {
        struct da3d_model *candidate = train(soak, rows.x, learned);
        const double *rest = rows.x + learned * soak->lab->meter.set->n_columns;

        soak->outcome.attacker = share_of(SOAK_ATTACKER, &rows, learned);
        soak->outcome.flood = fmax(soak->outcome.flood, share_of(SOAK_FLOOD, &rows, learned));
        if (accept(soak, candidate, (struct acceptance_rows){rest, rows.n_golden}, verdict))
            go_live(soak, candidate);
        else
            da3d_model_free(candidate);
    }
    spool_rows_clear(&rows);
}

static struct soak_rates measure(const struct soak *soak)
{
    const struct soak_lived *life = &soak->lived[LAB_LIFE];

    return (struct soak_rates){
        .attacks = alert_rate(soak, LAB_HELD_ATTACKS),
        .poison = alert_rate(soak, LAB_HELD_POISON),
        .flood = alert_rate(soak, LAB_HELD_FLOOD),
        .life = alert_rate(soak, LAB_HELD_LIFE),
        .service = alert_rate(soak, LAB_HELD_SERVICE),
        .lived = life->alerts / life->flows,
    };
}

static void report_day(struct soak *soak, const struct acceptance *verdict)
{
    const struct soak_rates rates = measure(soak);
    struct spool_stats stats;

    soak_note(&soak->outcome, soak->day, &rates);
    spool_stats(soak->spool, soak->now_ns, &stats);
    printf("%3d %7llu %6llu %7llu %6llu %6llu %7.2f %7.2f %7.2f %7.2f %7.2f %7.2f %7.2f  %s: %s\n",
           soak->day, (unsigned long long)stats.records, (unsigned long long)stats.alerts,
           (unsigned long long)soak->learned.suspect, (unsigned long long)soak->learned.chance,
           (unsigned long long)soak->learned.change, 100 * soak->outcome.attacker,
           100 * rates.attacks, 100 * rates.poison, 100 * rates.flood, 100 * rates.lived,
           100 * rates.life, 100 * rates.service, verdict->accepted ? "accepted" : "refused",
           verdict->reason);
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

    soak->spool = spool_open(&config, &soak->lab->meter, soak->seed, soak->now_ns, &error);
    if (!soak->spool)
        soak_die("spool", error.text);
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
static struct soak_outcome run(const struct lab *lab, bool guarded, uint64_t seed,
                               const char *folder)
{
    struct soak soak = {
        .lab = lab, .guarded = guarded, .seed = seed, .random = seed, .now_ns = begin_ns};

    snprintf(soak.path, sizeof soak.path, "%s/spool", folder);
    if (set_schema_init(&soak.schema, lab->meter.set) < 0)
        soak_die("schema", strerror(errno));
    open_spool(&soak);
    go_live(&soak, train(&soak, lab->part[LAB_LIFE].x, lab->part[LAB_LIFE].n));
    printf(
        "guards %s; beside records all in %%\n"
        "                   of them alerts           rows       found of          false alarms\n"
        "day records alerts suspect chance change his own attacks his own   flood     day    held"
        " service  retraining\n",
        guarded ? "on" : "off");
    for (soak.day = 1; soak.day <= SOAK_DAYS; soak.day++) {
        struct acceptance verdict;

        soak_live_day(&soak);
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
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

    lab_init(&lab, argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 514);
    if (!mkdtemp(folder))
        soak_die(folder, strerror(errno));
    on = run(&lab, true, seed, folder);
    off = run(&lab, false, seed, folder);
    rmdir(folder);
    lab_clear(&lab);
    soak_print_table(&on, &off);
    return soak_check(&on, promise) ? EXIT_SUCCESS : EXIT_FAILURE;
}
