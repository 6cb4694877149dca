#include "event.h"

#include <errno.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "community_id.h"
#include "text.h"

enum { SIGNATURE_ID = 9000001, SIGNATURE_REV = 1, SEVERITY = 2 };

static const char schema_version[] = "1.0";

void event_source_init(struct event_source *source, const struct stored_model *stored)
{
    memset(source, 0, sizeof *source);
    gethostname(source->host, sizeof source->host - 1);
    strcpy(source->model, "sha256:");
    sodium_bin2hex(source->model + strlen("sha256:"), 2 * EVENT_DIGEST + 1, stored->digest,
                   EVENT_DIGEST);
    source->feature_set = da3d_model_schema(stored->model)->set;
    source->threshold = da3d_threshold_score(stored->model);
    source->threshold_logit = da3d_threshold_logit(stored->model);
    source->views = da3d_model_config(stored->model)->views;
}

static void add_string(struct json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, json_object_new_string(value));
}

static void add_int(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_number(struct json_object *object, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.9g", value);
    json_object_object_add(object, key, json_object_new_double_s(value, text));
}

static void add_time(struct json_object *object, const char *key, int64_t ns)
{
    char text[TEXT_TIME];

    text_time(ns, text);
    add_string(object, key, text);
}

static void add_ends(struct json_object *event, const struct flow_id *id)
{
    char src[TEXT_ADDR], dst[TEXT_ADDR], proto[TEXT_PROTO];
    bool icmp = id->proto == IP_PROTO_ICMP || id->proto == IP_PROTO_ICMPV6;
    bool ports = flow_has_ports(id);

    text_addr(&id->src, id->ip_version, src);
    text_addr(&id->dst, id->ip_version, dst);
    text_proto(id->proto, proto);
    add_string(event, "src_ip", src);
    if (ports)
        add_int(event, "src_port", id->sport);
    add_string(event, "dest_ip", dst);
    if (ports)
        add_int(event, "dest_port", id->dport);
    add_string(event, "proto", proto);
    if (icmp)
        add_int(event, "icmp_type", id->sport);
}

static void add_vlan(struct json_object *event, const struct flow_id *id)
{
    struct json_object *vlan;

    if (id->vlan[0] == 0 && id->vlan[1] == 0)
        return;
    vlan = json_object_new_array();
    for (unsigned i = 0; i < VLAN_MAX; i++)
        if (id->vlan[i] != 0) /* 0: none, or a tag that gives a priority alone */
            json_object_array_add(vlan, json_object_new_int(id->vlan[i]));
    json_object_object_add(event, "vlan", vlan);
}

static struct json_object *flow_object(const struct flow *flow)
{
    struct json_object *object = json_object_new_object();

    add_time(object, "start", flow->start_ns);
    add_time(object, "end", flow->end_ns);
    add_int(object, "age", (uint64_t)(flow->end_ns - flow->start_ns) / 1000000000);
    add_int(object, "pkts_toserver", flow->pkts[FLOW_TO_SERVER]);
    add_int(object, "pkts_toclient", flow->pkts[FLOW_TO_CLIENT]);
    add_int(object, "bytes_toserver", flow->bytes[FLOW_TO_SERVER]);
    add_int(object, "bytes_toclient", flow->bytes[FLOW_TO_CLIENT]);
    add_string(object, "state", flow_state_name(flow->state));
    add_string(object, "reason", flow_end_name(flow->end));
    return object;
}

static bool is_alert(const struct event_flow *event)
{
    return event->score->alert && event->withheld == EVENT_NOT_WITHHELD;
}

/* What each view finds against the flow being normal, where there are several. */
static struct json_object *views_object(uint32_t views, const struct da3d_score *score)
{
    struct json_object *object = json_object_new_object();

    for (int i = 0; i < DA3D_VIEW_COUNT; i++)
        if (views & 1U << i)
            add_number(object, da3d_view_names[i], (double)score->surprise[i]);
    return object;
}

static struct json_object *da3d_object(const struct event_source *source,
                                       const struct event_flow *event)
{
    static const char *const withheld[] = {
        [EVENT_FOLDED] = "folded",
        [EVENT_SUPPRESSED] = "suppressed",
    };
    struct json_object *object = json_object_new_object();

    add_number(object, "score", event->score->score);
    add_number(object, "logit", (double)event->score->logit);
    add_number(object, "p_value", event->score->p_value);
    add_number(object, "threshold", source->threshold);
    add_number(object, "threshold_logit", (double)source->threshold_logit);
    if (source->views & (source->views - 1))
        json_object_object_add(object, "views", views_object(source->views, event->score));
    add_string(object, "model", source->model);
    add_string(object, "feature_set", source->feature_set);
    if (is_alert(event))
        add_int(object, "suppressed", event->suppressed);
    if (event->withheld != EVENT_NOT_WITHHELD)
        add_string(object, "withheld", withheld[event->withheld]);
    return object;
}

static struct json_object *alert_object(void)
{
    struct json_object *object = json_object_new_object();

    add_string(object, "action", "allowed");
    add_int(object, "signature_id", SIGNATURE_ID);
    add_int(object, "rev", SIGNATURE_REV);
    add_string(object, "signature", "DA3D anomalous flow");
    add_string(object, "category", "Network anomaly");
    add_int(object, "severity", SEVERITY);
    return object;
}

static struct json_object *event_object(const struct event_source *source,
                                        const struct event_flow *event)
{
    struct json_object *object = json_object_new_object();
    const struct flow *flow = event->flow;
    char cid[COMMUNITY_ID_SIZE];

    community_id(&flow->id, cid);
    add_time(object, "timestamp", flow->end_ns);
    add_string(object, "event_type", is_alert(event) ? "alert" : "score");
    add_string(object, "schema", schema_version);
    add_string(object, "host", source->host);
    if (event->interface)
        add_string(object, "in_iface", event->interface);
    add_int(object, "flow_id", flow->flow_id);
    add_string(object, "community_id", cid);
    add_vlan(object, &flow->id);
    add_ends(object, &flow->id);
    json_object_object_add(object, "flow", flow_object(flow));
    json_object_object_add(object, "da3d", da3d_object(source, event));
    if (is_alert(event))
        json_object_object_add(object, "alert", alert_object());
    return object;
}

char *event_line(const struct event_source *source, const struct event_flow *event, size_t *length)
{
    struct json_object *object = event_object(source, event);
    const char *text = json_object_to_json_string_length(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, length);
    char *line = text ? malloc(*length + 2) : NULL;

    if (line) {
        memcpy(line, text, *length);
        memcpy(line + *length, "\n", 2);
        (*length)++;
    }
    json_object_put(object);
    return line;
}
