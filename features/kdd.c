#include "kdd.h"

#include <string.h>

#include "kdd_columns.h"
#include "kdd_traffic.h"
#include "nanos.h"

static enum kdd_protocol protocol(uint8_t proto)
{
    switch (proto) {
    case IP_PROTO_ICMP:
    case IP_PROTO_ICMPV6: return KDD_ICMP;
    case IP_PROTO_TCP: return KDD_TCP;
    case IP_PROTO_UDP: return KDD_UDP;
    default: return KDD_PROTOCOL_COUNT;
    }
}

static enum conn_state flag(const struct flow *flow)
{
    return flow->id.proto == IP_PROTO_TCP ? flow_conn_state(flow) : CONN_SF;
}

static bool land(const struct flow_id *id)
{
    return flow_has_ports(id) && id->sport == id->dport &&
           memcmp(&id->src, &id->dst, sizeof id->src) == 0;
}

static void put_content(const struct content_counts *content, double *x)
{
    x[KDD_HOT] = content->hot;
    x[KDD_NUM_FAILED_LOGINS] = content->num_failed_logins;
    x[KDD_LOGGED_IN] = content->logged_in;
    x[KDD_NUM_COMPROMISED] = content->num_compromised;
    x[KDD_ROOT_SHELL] = content->root_shell;
    x[KDD_SU_ATTEMPTED] = content->su_attempted;
    x[KDD_NUM_ROOT] = content->num_root;
    x[KDD_NUM_FILE_CREATIONS] = content->num_file_creations;
    x[KDD_NUM_SHELLS] = content->num_shells;
    x[KDD_NUM_ACCESS_FILES] = content->num_access_files;
    x[KDD_NUM_OUTBOUND_CMDS] = content->num_outbound_cmds;
    x[KDD_IS_HOST_LOGIN] = content->is_host_login;
    x[KDD_IS_GUEST_LOGIN] = content->is_guest_login;
}

static void extract(const struct flow *flow, int64_t *work, double *x)
{
    int64_t seconds = nanos_between(flow->start_ns, flow->end_ns) / NANOS_PER_SECOND;

    (void)work;
    x[KDD_DURATION] = (double)seconds;
    x[KDD_PROTOCOL_TYPE] = protocol(flow->id.proto);
    x[KDD_SERVICE] = service_of(flow);
    x[KDD_FLAG] = flag(flow);
    x[KDD_SRC_BYTES] = (double)flow->payload[FLOW_TO_SERVER];
    x[KDD_DST_BYTES] = (double)flow->payload[FLOW_TO_CLIENT];
    x[KDD_LAND] = land(&flow->id);
    x[KDD_WRONG_FRAGMENT] = flow->wrong_fragments;
    x[KDD_URGENT] = flow->urgent;
    put_content(&flow->content, x);
}

/* whole: not 0, since the row itself is counted. */
static double share(uint32_t part, uint32_t whole)
{
    return (double)part / (double)whole;
}

static void put_seconds(const struct window_count *counts, double *x)
{
    const struct window_count *host = &counts[WINDOW_DST], *srv = &counts[WINDOW_SERVICE];
    uint32_t same = counts[WINDOW_DST_SERVICE].rows;

    x[KDD_COUNT] = host->rows;
    x[KDD_SRV_COUNT] = srv->rows;
    x[KDD_SERROR_RATE] = share(host->failed, host->rows);
    x[KDD_SRV_SERROR_RATE] = share(srv->failed, srv->rows);
    x[KDD_RERROR_RATE] = share(host->refused, host->rows);
    x[KDD_SRV_RERROR_RATE] = share(srv->refused, srv->rows);
    x[KDD_SAME_SRV_RATE] = share(same, host->rows);
    x[KDD_DIFF_SRV_RATE] = share(host->rows - same, host->rows);
    x[KDD_SRV_DIFF_HOST_RATE] = share(srv->rows - same, srv->rows);
}

static void put_recent(const struct recent_count *count, double *x)
{
    const struct window_count *host = &count->host, *same = &count->host_service;

    x[KDD_DST_HOST_COUNT] = host->rows;
    x[KDD_DST_HOST_SRV_COUNT] = same->rows;
    x[KDD_DST_HOST_SAME_SRV_RATE] = share(same->rows, host->rows);
    x[KDD_DST_HOST_DIFF_SRV_RATE] = share(host->rows - same->rows, host->rows);
    x[KDD_DST_HOST_SAME_SRC_PORT_RATE] = share(count->host_sport, host->rows);
    x[KDD_DST_HOST_SRV_DIFF_HOST_RATE] = share(count->service_elsewhere, count->service);
    x[KDD_DST_HOST_SERROR_RATE] = share(host->failed, host->rows);
    x[KDD_DST_HOST_SRV_SERROR_RATE] = share(same->failed, same->rows);
    x[KDD_DST_HOST_RERROR_RATE] = share(host->refused, host->rows);
    x[KDD_DST_HOST_SRV_RERROR_RATE] = share(same->refused, same->rows);
}

static void *new_traffic(const uint8_t key[16])
{
    return kdd_traffic_new(key);
}

static void free_traffic(void *traffic)
{
    kdd_traffic_free(traffic);
}

static void extract_traffic(void *traffic, const struct flow *flow, double *x)
{
    struct kdd_traffic_counts counts;

    kdd_traffic_add(traffic, flow, (enum service)x[KDD_SERVICE], (enum conn_state)x[KDD_FLAG],
                    &counts);
    put_seconds(counts.seconds, x);
    put_recent(&counts.recent, x);
}

const struct feature_set kdd_set = {
    .name = "kdd",
    .version = "kdd-v1",
    .source = "KDD'99 and NSL-KDD (Lee and Stolfo; Bro), over da3dd's native rows",
    .columns = kdd_columns,
    .n_columns = KDD_N_COLUMNS,
    .content = true,
    .extract = extract,
    .new_traffic = new_traffic,
    .free_traffic = free_traffic,
    .extract_traffic = extract_traffic,
};
