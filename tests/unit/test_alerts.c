/* From verdicts to lines: every flow has its line, and what is withheld says so. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/alerts.h"
#include "verdict_sample.h"

static const char *const interfaces[] = {"eth0", "eth1"};
static char path[] = "/tmp/da3dd-unit-XXXXXX";
static struct config config;
static struct loop *loop;
static struct outputs *outputs;
static struct alerts *alerts;
static struct judge_model model;

static void setup(void)
{
    struct da3d_error error = {""};

    close(mkstemp(path));
    model = verdict_sample_model();
    config_init(&config);
    config_add_output(&config, "file")->path = strdup(path);
    loop = loop_new();
    outputs = outputs_open(&config, &(struct output_context){.loop = loop}, &error);
    cr_assert_not_null(outputs, "%s", error.text);
    alerts = alerts_new(&config, loop, outputs, interfaces, &error);
    cr_assert_not_null(alerts, "%s", error.text);
}

static void teardown(void)
{
    alerts_free(alerts);
    outputs_close(outputs);
    loop_free(loop);
    config_clear(&config);
    unlink(path);
}

TestSuite(alerts, .init = setup, .fini = teardown);

static void give(const char *src, float logit)
{
    struct verdict verdict = verdict_sample(&model, src, 80, logit);

    alerts_verdict(alerts, &verdict);
}

/* Checks that there are these lines and no others, each by parts of it that are divided by '|'. */
static void expect_lines(const char *const *expected)
{
    FILE *file = fopen(path, "r");
    char line[4096];

    while (fgets(line, sizeof line, file) && *expected) {
        char *parts = strdup(*expected++), *rest = parts, *part;

        while ((part = strsep(&rest, "|")) != NULL)
            cr_expect(strstr(line, part), "%s in %s", part, line);
        free(parts);
    }
    cr_expect(feof(file));
    cr_expect_null(*expected);
    fclose(file);
}

Test(alerts, like_alerts_are_scores_until_one_stands_for_them)
{
    struct alerts_stats stats;

    give("192.0.2.1", 1.0F);
    give("192.0.2.1", -1.0F);
    give("192.0.2.1", 2.0F);
    give("192.0.2.1", 3.0F);
    alerts_flush(alerts);
    expect_lines((const char *const[]){
        "\"alert\"|\"logit\":1,|\"suppressed\":0}|\"in_iface\":\"eth0\"",
        "\"score\"|\"logit\":-1,|\"feature_set\":\"flow-v1\"}",
        "\"score\"|\"logit\":2,|\"withheld\":\"folded\"}",
        "\"score\"|\"logit\":3,|\"withheld\":\"folded\"}",
        "\"alert\"|\"logit\":3,|\"suppressed\":2}",
        NULL,
    });
    alerts_stats(alerts, &stats);
    cr_expect_eq(stats.flows, 4);
    cr_expect_eq(stats.reached, 3);
    cr_expect_eq(stats.folded, 2);
    cr_expect_eq(stats.raised, 2);
    cr_expect_eq(stats.suppressed, 0);
}

Test(alerts, rules_act_at_once_and_the_scores_stay)
{
    struct suppress_rule rule = {.port = 80, .until_s = INT64_MAX};
    struct alerts_stats stats;
    uint32_t id;

    id = suppress_add(alerts_suppress(alerts), &rule);
    give("192.0.2.1", 1.0F);
    suppress_remove(alerts_suppress(alerts), id);
    give("192.0.2.1", 2.0F);
    expect_lines((const char *const[]){
        "\"score\"|\"logit\":1,|\"withheld\":\"suppressed\"}",
        "\"alert\"|\"logit\":2,",
        NULL,
    });
    alerts_stats(alerts, &stats);
    cr_expect_eq(stats.suppressed, 1);
    cr_expect_eq(stats.raised, 1);
}

Test(alerts, a_wrong_configuration_changes_nothing)
{
    struct da3d_error error = {""};

    config.alerts.fold_s = 0;
    config_add_suppress(&config)->port = 70000;
    cr_expect_eq(alerts_configure(alerts, &config, &error), -1);
    cr_expect(strstr(error.text, "port: 70000"), "%s", error.text);
    give("192.0.2.1", 1.0F);
    give("192.0.2.1", 1.0F);
    config.suppress[0].port = 81;
    cr_expect_eq(alerts_configure(alerts, &config, &error), 0);
    give("192.0.2.1", 1.0F);
    give("192.0.2.1", 1.0F);
    expect_lines((const char *const[]){
        "\"alert\"|\"suppressed\":0",
        "\"withheld\":\"folded\"",
        "\"alert\"|\"suppressed\":1",
        "\"alert\"|\"suppressed\":0",
        "\"alert\"|\"suppressed\":0",
        NULL,
    });
}
