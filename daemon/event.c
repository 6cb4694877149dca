#include "event.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "community_id.h"
#include "json.h"
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
    source->threshold.score = da3d_threshold_score(stored->model);
    source->threshold.logit = da3d_threshold_logit(stored->model);
    source->views = da3d_model_config(stored->model)->views;
    source->trained = stored->model;
}

void event_add_ends(struct json_object *event, const struct flow_id *id)
{
    char src[TEXT_ADDR], dst[TEXT_ADDR], proto[TEXT_PROTO];
    bool icmp = id->proto == IP_PROTO_ICMP || id->proto == IP_PROTO_ICMPV6;
    bool ports = flow_has_ports(id);

    text_addr(&id->src, id->ip_version, src);
    text_addr(&id->dst, id->ip_version, dst);
    text_proto(id->proto, proto);
    json_add_string(event, "src_ip", src);
    if (ports)
        json_add_int(event, "src_port", id->sport);
    json_add_string(event, "dest_ip", dst);
    if (ports)
        json_add_int(event, "dest_port", id->dport);
    json_add_string(event, "proto", proto);
    if (icmp)
        json_add_int(event, "icmp_type", id->sport);
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

    json_add_time(object, "start", flow->start_ns);
    json_add_time(object, "end", flow->end_ns);
    json_add_int(object, "age", (uint64_t)(flow->end_ns - flow->start_ns) / 1000000000);
    json_add_int(object, "pkts_toserver", flow->pkts[FLOW_TO_SERVER]);
    json_add_int(object, "pkts_toclient", flow->pkts[FLOW_TO_CLIENT]);
    json_add_int(object, "bytes_toserver", flow->bytes[FLOW_TO_SERVER]);
    json_add_int(object, "bytes_toclient", flow->bytes[FLOW_TO_CLIENT]);
    json_add_string(object, "state", flow_state_name(flow->state));
    json_add_string(object, "reason", flow_end_name(flow->end));
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
            json_add_number(object, da3d_view_names[i], (double)score->surprise[i]);
    return object;
}

static struct json_object *da3d_object(const struct event_source *source,
                                       const struct event_flow *event)
{
    static const char *const withheld[] = {
        [EVENT_FOLDED] = "folded",
        [EVENT_SUPPRESSED] = "suppressed",
    };
    const struct threshold *threshold = event->threshold ? event->threshold : &source->threshold;
    struct json_object *object = json_object_new_object();

    json_add_number(object, "score", event->score->score);
    json_add_number(object, "logit", (double)event->score->logit);
    json_add_number(object, "p_value", event->score->p_value);
    json_add_number(object, "threshold", threshold->score);
    json_add_number(object, "threshold_logit", (double)threshold->logit);
    if (source->views & (source->views - 1))
        json_object_object_add(object, "views", views_object(source->views, event->score));
    json_add_string(object, "model", source->model);
    json_add_string(object, "feature_set", source->feature_set);
    if (is_alert(event) && event->reasons && event->reasons->n > 0)
        json_object_object_add(object, "top", reasons_array(event->reasons, source->trained));
    if (is_alert(event))
        json_add_int(object, "suppressed", event->suppressed);
    if (event->withheld != EVENT_NOT_WITHHELD)
        json_add_string(object, "withheld", withheld[event->withheld]);
    return object;
}

static struct json_object *alert_object(void)
{
    struct json_object *object = json_object_new_object();

    json_add_string(object, "action", "allowed");
    json_add_int(object, "signature_id", SIGNATURE_ID);
    json_add_int(object, "rev", SIGNATURE_REV);
    json_add_string(object, "signature", "DA3D anomalous flow");
    json_add_string(object, "category", "Network anomaly");
    json_add_int(object, "severity", SEVERITY);
    return object;
}

struct json_object *event_begin(const char *type, const char *host, int64_t time_ns)
{
    struct json_object *object = json_object_new_object();

    json_add_time(object, "timestamp", time_ns);
    json_add_string(object, "event_type", type);
    json_add_string(object, "schema", schema_version);
    json_add_string(object, "host", host);
    return object;
}

struct json_object *event_object(const struct event_source *source, const struct event_flow *event)
{
    const struct flow *flow = event->flow;
    struct json_object *object =
        event_begin(is_alert(event) ? "alert" : "score", source->host, flow->end_ns);
    char cid[COMMUNITY_ID_SIZE];

    community_id(&flow->id, cid);
    if (event->interface)
        json_add_string(object, "in_iface", event->interface);
    json_add_int(object, "flow_id", flow->flow_id);
    json_add_string(object, "community_id", cid);
    add_vlan(object, &flow->id);
    event_add_ends(object, &flow->id);
    json_object_object_add(object, "flow", flow_object(flow));
    json_object_object_add(object, "da3d", da3d_object(source, event));
    if (is_alert(event))
        json_object_object_add(object, "alert", alert_object());
    return object;
}

char *event_line(const struct event_source *source, const struct event_flow *event, size_t *length)
{
    struct json_object *object = event_object(source, event);
    char *line = json_line(object, length);

    json_object_put(object);
    return line;
}
