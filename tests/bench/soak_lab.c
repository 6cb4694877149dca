#include "soak_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/meter_settings.h"
#include "daemon/pipeline.h"
#include "features/flow_key.h"

#define CAPTURES "tests/lab/captures/"

/* Traffic that is odd, but mild: some of it alerts, some does not, which is where poisoning begins.
 * Of beacons and guessed passwords nearly none alerts, so that there is nothing to lose. */
static const char *const poison_kinds[] = {"dns-tunnel-upstream", "scan-version", "slow-http"};
static const char flood_kind[] = "syn-flood";

const struct flow_id lab_attacker = {.src = {{10, 20, 66, 6}}, .ip_version = 4};

struct reading {
    struct lab *lab;
    struct labels labels;     /* none: life to be lived */
    size_t n_seen[LAB_PARTS]; /* flows that are shared between a part and what is held back */
};

static void die(const char *what, const char *reason)
{
    fprintf(stderr, "soak: %s: %s\n", what, reason);
    exit(EXIT_FAILURE);
}

static void *grow(void *old, size_t size)
{
    void *new = realloc(old, size);

    if (!new)
        die("flows", "out of memory");
    return new;
}

static void add(struct lab *lab, enum lab_part which, const struct flow *flow, const double *x)
{
    struct lab_flows *part = &lab->part[which];
    const size_t columns = lab->meter.set->n_columns;

    if (part->n == part->capacity) {
        part->capacity = 2 * part->capacity + 64;
        part->flows = grow(part->flows, part->capacity * sizeof *part->flows);
        part->x = grow(part->x, part->capacity * columns * sizeof *x);
    }
    part->flows[part->n] = *flow;
    memcpy(part->x + part->n * columns, x, columns * sizeof *x);
    part->n++;
}

static bool is_poison(const char *kind)
{
    for (size_t i = 0; i < sizeof poison_kinds / sizeof poison_kinds[0]; i++)
        if (strcmp(kind, poison_kinds[i]) == 0)
            return true;
    return false;
}

/* Of what happens, every other flow; the rest is held back. */
static void share(struct reading *reading, enum lab_part happens, const struct flow *flow,
                  const double *x)
{
    const enum lab_part held = happens == LAB_POISON ? LAB_HELD_POISON : LAB_HELD_FLOOD;

    if (reading->n_seen[happens]++ % 2 == 0) {
        add(reading->lab, happens, flow, x);
        return;
    }
    add(reading->lab, held, flow, x);
    add(reading->lab, LAB_HELD_ATTACKS, flow, x);
}

/* As if the attacker of the soak were its originator. */
static void share_poison(struct reading *reading, const struct flow *flow, const double *x)
{
    const struct feature_set *set = reading->lab->meter.set;
    struct flow his = *flow;
    double his_x[FEATURE_COLUMNS_MAX];

    his.id.src = lab_attacker.src;
    his.id.ip_version = lab_attacker.ip_version;
    for (size_t c = 0; c < set->n_columns; c++)
        his_x[c] = set->columns[c].identity ? (double)flow_ends_number(&his.id) : x[c];
    share(reading, LAB_POISON, &his, his_x);
}

static void add_attack(struct reading *reading, const char *kind, const struct flow *flow,
                       const double *x)
{
    if (is_poison(kind))
        share_poison(reading, flow, x);
    else if (strcmp(kind, flood_kind) == 0)
        share(reading, LAB_FLOOD, flow, x);
    else
        add(reading->lab, LAB_HELD_ATTACKS, flow, x);
}

/* A meter_sink. */
static int take(void *ctx, const struct flow *flow, const double *x)
{
    struct reading *reading = ctx;
    const int kind = labels_find(&reading->labels, flow);
    const bool service = flow->id.dport == reading->lab->service;

    if (kind >= 0)
        add_attack(reading, reading->labels.kinds[kind], flow, x);
    else if (reading->labels.n_rules > 0)
        add(reading->lab, service ? LAB_HELD_SERVICE : LAB_HELD_LIFE, flow, x);
    else
        add(reading->lab, service ? LAB_SERVICE : LAB_LIFE, flow, x);
    return 0;
}

/* labels: NULL: none. */
static void read_capture(struct lab *lab, const char *path, const char *labels)
{
    struct reading reading = {.lab = lab};
    struct inputs inputs = {0};
    struct pipeline_stats stats;
    struct da3d_error error;

    if (labels && labels_load(&reading.labels, labels, &error) < 0)
        die(labels, error.text);
    if (inputs_add(&inputs, path, &error) < 0)
        die(path, error.text);
    if (pipeline_run(&inputs, "", &lab->meter, take, &reading, &stats) < 0)
        exit(EXIT_FAILURE);
    inputs_clear(&inputs);
    labels_clear(&reading.labels);
}

void lab_init(struct lab *lab, uint16_t service)
{
    *lab = (struct lab){.meter = meter_settings_left_open(), .service = service};
    lab->meter.set = *feature_sets();
    meter_settings_default(&lab->meter);
    read_capture(lab, CAPTURES "train.pcap.gz", NULL);
    read_capture(lab, CAPTURES "test.pcap.gz", CAPTURES "test.labels.csv");
    for (int i = 0; i < LAB_PARTS; i++)
        if (lab->part[i].n == 0)
            die(CAPTURES, "no flows of the new service's port, or of an attack");
}

void lab_clear(struct lab *lab)
{
    for (int i = 0; i < LAB_PARTS; i++) {
        free(lab->part[i].flows);
        free(lab->part[i].x);
    }
}
