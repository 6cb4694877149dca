#include "commands.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "commands_mark.h"
#include "commands_models.h"
#include "community_id.h"
#include "explanation.h"
#include "json.h"
#include "text.h"
#include "version.h"

enum { TOP_LIMIT = 20 };

static void add_measure(struct json_object *parent, const char *name,
                        const struct confinement_measure *measure)
{
    struct json_object *object = json_object_new_object();

    json_add_flag(object, "on", measure->on);
    json_add_string(object, "detail", measure->detail);
    json_object_object_add(parent, name, object);
}

static void add_confinement(struct json_object *result, const struct confinement *confinement)
{
    struct json_object *object = json_object_new_object();

    add_measure(object, "user", &confinement->user);
    add_measure(object, "capabilities", &confinement->capabilities);
    add_measure(object, "seccomp", &confinement->seccomp);
    add_measure(object, "landlock", &confinement->landlock);
    json_object_object_add(result, "confinement", object);
}

static int do_status(void *ctx, const struct request *request, struct json_object *result,
                     struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    (void)error;
    json_add_string(result, "version", DA3DD_VERSION);
    json_add_int(result, "pid", (uint64_t)getpid());
    json_add_string(result, "config", commands->config_file ? commands->config_file : "");
    json_add_int(result, "suppress_rules", alerts_suppress(commands->sources->alerts)->n);
    add_confinement(result, commands->confinement);
    json_object_object_add(result, "stats", stats_object(commands->stats));
    json_object_object_add(result, "retraining", models_retraining(commands->models));
    return 0;
}

static int do_stats(void *ctx, const struct request *request, struct json_object *result,
                    struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    (void)error;
    json_object_object_add(result, "event", stats_event(commands->stats));
    return 0;
}

static int do_reload(void *ctx, const struct request *request, struct json_object *result,
                     struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    (void)result;
    return commands->reload(commands->service, error);
}

static int do_reopen(void *ctx, const struct request *request, struct json_object *result,
                     struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    (void)result;
    (void)error;
    outputs_reopen(commands->sources->outputs);
    return 0;
}

static void tell_threshold(const struct commands *commands, struct json_object *result)
{
    struct judge_stats counts;

    judge_stats(commands->sources->judge, &counts);
    json_add_number(result, "threshold", counts.threshold.score);
    json_add_number(result, "threshold_logit", (double)counts.threshold.logit);
    json_add_flag(result, "overridden", counts.overridden);
}

static int do_threshold(void *ctx, const struct request *request, struct json_object *result,
                        struct da3d_error *error)
{
    (void)request;
    (void)error;
    tell_threshold(ctx, result);
    return 0;
}

static int do_threshold_set(void *ctx, const struct request *request, struct json_object *result,
                            struct da3d_error *error)
{
    const struct commands *commands = ctx;
    struct threshold threshold;

    if (request->given == REQUEST_SCORE)
        threshold = threshold_at_score(request->score);
    else if (request->given == REQUEST_LOGIT)
        threshold = threshold_at_logit(request->logit);
    else
        return da3d_fail(error, "either a score or a logit is expected");
    judge_set_threshold(commands->sources->judge, &threshold);
    tell_threshold(commands, result);
    return 0;
}

static int do_threshold_default(void *ctx, const struct request *request,
                                struct json_object *result, struct da3d_error *error)
{
    const struct commands *commands = ctx;

    (void)request;
    (void)error;
    judge_set_threshold(commands->sources->judge, NULL);
    tell_threshold(commands, result);
    return 0;
}

static char *text_or_null(char *text)
{
    return *text ? text : NULL;
}

static int do_suppress_add(void *ctx, const struct request *request, struct json_object *result,
                           struct da3d_error *error)
{
    const struct commands *commands = ctx;
    struct request copy = *request;
    const struct config_suppress config = {
        .host = text_or_null(copy.host),
        .network = text_or_null(copy.network),
        .port = copy.port,
        .until = text_or_null(copy.until),
    };
    struct suppress_rule rule;
    uint32_t id;

    if (suppress_parse(&config, &rule, error) < 0)
        return -1;
    if (rule.until_s <= time(NULL))
        return da3d_fail(error, "until: is in the past");
    id = suppress_add(alerts_suppress(commands->sources->alerts), &rule);
    if (id == 0)
        return da3d_fail(error, "there are %d rules already, as many as can be",
                         CONFIG_SUPPRESS_MAX);
    json_add_int(result, "id", id);
    return 0;
}

static int do_suppress_remove(void *ctx, const struct request *request, struct json_object *result,
                              struct da3d_error *error)
{
    const struct commands *commands = ctx;

    if (!request->given)
        return da3d_fail(error, "the id of a rule is expected");
    if (!suppress_remove(alerts_suppress(commands->sources->alerts), request->id))
        return da3d_fail(error, "there is no rule %u", (unsigned)request->id);
    json_add_int(result, "id", request->id);
    return 0;
}

/* As the configuration has it; a rule without end has none. */
static void add_until(struct json_object *object, int64_t until_s)
{
    const time_t t = (time_t)until_s;
    char text[TEXT_TIME];
    struct tm tm;

    if (until_s == INT64_MAX || !gmtime_r(&t, &tm))
        return;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    json_add_string(object, "until", text);
}

static struct json_object *rule_object(const struct suppress_rule *rule)
{
    struct json_object *object = json_object_new_object();
    char host[SUPPRESS_NETWORK_TEXT], network[SUPPRESS_NETWORK_TEXT];

    suppress_network_text(&rule->host, host);
    suppress_network_text(&rule->network, network);
    json_add_int(object, "id", rule->id);
    json_add_flag(object, "configured", rule->configured);
    if (*host)
        json_add_string(object, "host", host);
    if (*network)
        json_add_string(object, "network", network);
    if (rule->port)
        json_add_int(object, "port", rule->port);
    add_until(object, rule->until_s);
    json_add_int(object, "hits", rule->hits);
    return object;
}

static int do_suppress_list(void *ctx, const struct request *request, struct json_object *result,
                            struct da3d_error *error)
{
    const struct commands *commands = ctx;
    const struct suppress *suppress = alerts_suppress(commands->sources->alerts);
    struct json_object *rules = json_object_new_array();

    (void)request;
    (void)error;
    for (size_t i = 0; i < suppress->n; i++)
        json_object_array_add(rules, rule_object(&suppress->rule[i]));
    json_object_object_add(result, "rules", rules);
    return 0;
}

static struct json_object *flow_object(const struct commands *commands, const struct top_flow *flow)
{
    struct json_object *object = json_object_new_object();
    char cid[COMMUNITY_ID_SIZE];

    community_id(&flow->id, cid);
    json_add_time(object, "end", flow->end_ns);
    json_add_string(object, "in_iface", commands->sources->interfaces[flow->sensor]);
    json_add_int(object, "flow_id", flow->flow_id);
    json_add_string(object, "community_id", cid);
    event_add_ends(object, &flow->id);
    json_add_int(object, "pkts", flow->pkts);
    json_add_int(object, "bytes", flow->bytes);
    json_add_number(object, "score", flow->score.score);
    json_add_number(object, "logit", (double)flow->score.logit);
    json_add_number(object, "p_value", flow->score.p_value);
    json_add_flag(object, "reached", flow->score.alert);
    return object;
}

static struct json_object *host_object(const struct top_host *host)
{
    struct json_object *object = json_object_new_object();
    char addr[TEXT_ADDR];

    text_addr(&host->addr, host->ip_version, addr);
    json_add_string(object, "host", addr);
    json_add_int(object, "flows", host->flows);
    json_add_int(object, "reached", host->reached);
    json_add_int(object, "reached_error", host->error);
    json_add_number(object, "score", threshold_at_logit((double)host->logit).score);
    json_add_number(object, "logit", (double)host->logit);
    json_add_time(object, "end", host->end_ns);
    return object;
}

static int do_top(void *ctx, const struct request *request, struct json_object *result,
                  struct da3d_error *error)
{
    const struct commands *commands = ctx;
    const size_t limit = request->limit ? request->limit : TOP_LIMIT;
    const int64_t now_s = steady_ns() / NANOS_PER_SECOND;
    struct json_object *flows = json_object_new_array(), *hosts = json_object_new_array();
    struct top_flow flow[REQUEST_LIMIT_MAX];
    struct top_host host[REQUEST_LIMIT_MAX];
    const size_t n_flows = top_flows(commands->top, now_s, flow, limit);
    const size_t n_hosts = top_hosts(commands->top, now_s, host, limit);

    (void)error;
    for (size_t i = 0; i < n_flows; i++)
        json_object_array_add(flows, flow_object(commands, &flow[i]));
    for (size_t i = 0; i < n_hosts; i++)
        json_object_array_add(hosts, host_object(&host[i]));
    json_add_int(result, "minutes", TOP_SLOTS * TOP_SLOT_S / 60);
    json_object_object_add(result, "flows", flows);
    json_object_object_add(result, "hosts", hosts);
    return 0;
}

/* By the model in use, whichever scored it. */
static int explain(const struct commands *commands, const struct recent_verdict *verdict,
                   struct json_object *result)
{
    const struct judge_model *model = judge_model_in_use(commands->sources->judge);
    const struct explanation_input in = {
        .source = &model->source,
        .explainer = da3d_explainer_new(model->stored.model),
        .event = {.interface = commands->sources->interfaces[verdict->sensor],
                  .flow = &verdict->flow,
                  .score = &verdict->score,
                  .threshold = &verdict->threshold},
        .scored_by = verdict->model,
        .x = verdict->x,
    };

    if (!in.explainer)
        return -1;
    json_object_object_add(result, "explanation", explanation_object(&in));
    da3d_explainer_free(in.explainer);
    return 0;
}

static int do_explain(void *ctx, const struct request *request, struct json_object *result,
                      struct da3d_error *error)
{
    const struct commands *commands = ctx;
    const struct recent_verdict *verdict;

    if (!request->given)
        return da3d_fail(error, "the flow_id of an event is expected");
    verdict = recent_verdicts_find(archive_recent(commands->sources->archive), request->flow_id);
    if (!verdict)
        return da3d_fail(error, "flow %llu is none of the latest ones",
                         (unsigned long long)request->flow_id);
    return explain(commands, verdict, result) == 0 ? 0 : da3d_fail(error, "out of memory");
}

/* clang-format off */
const struct control_command service_commands[] = {
    {"status", 0, false, do_status},
    {"stats", 0, false, do_stats},
    {"reload", 0, true, do_reload},
    {"reopen", 0, true, do_reopen},
    {"threshold", 0, false, do_threshold},
    {"threshold set", REQUEST_SCORE | REQUEST_LOGIT, true, do_threshold_set},
    {"threshold default", 0, true, do_threshold_default},
    {"suppress list", 0, false, do_suppress_list},
    {"suppress add", REQUEST_HOST | REQUEST_NETWORK | REQUEST_PORT | REQUEST_UNTIL, true,
     do_suppress_add},
    {"suppress remove", REQUEST_ID, true, do_suppress_remove},
    {"mark", REQUEST_FLOW_ID | REQUEST_AS, true, command_mark},
    {"mark list", 0, false, command_mark_list},
    {"mark remove", REQUEST_FLOW_ID, true, command_mark_remove},
    {"top", REQUEST_LIMIT, false, do_top},
    {"explain", REQUEST_FLOW_ID, false, do_explain},
    {"models", 0, false, command_models},
    {"promote", REQUEST_NAME, true, command_promote},
    {"rollback", 0, true, command_rollback},
    {"retrain", 0, true, command_retrain},
};
/* clang-format on */
const size_t n_service_commands = sizeof service_commands / sizeof *service_commands;
