#include "flow.h"

#include "flow_key.h"
#include "flow_table.h"
#include "flow_victim.h"
#include "nanos.h"

/* Bits by enum flow_dir. */
enum { ORIGINATOR = 1, RESPONDER = 2, BOTH_SIDES = 3 };

static uint8_t side_bit(enum flow_dir dir)
{
    return dir == FLOW_TO_SERVER ? ORIGINATOR : RESPONDER;
}

/* The last time that does not end the flow yet. */
static int64_t last_time(const struct flow_table *table, const struct flow_record *record)
{
    int64_t from = record->flow.end_ns, wait = table->config.idle_ns;

    if (record->flow.state == FLOW_CLOSED) {
        from = record->closed_ns;
        wait = table->config.linger_ns;
    }
    return from > INT64_MAX - wait ? INT64_MAX : from + wait;
}

/* How long after the flow's end now_ns is; negative before. */
static int64_t overdue(const struct flow_table *table, const struct flow_record *record,
                       int64_t now_ns)
{
    return nanos_between(last_time(table, record), now_ns);
}

static void emit(struct flow_table *table, struct flow_record *record, enum flow_end end,
                 int64_t reported_ns)
{
    if (reported_ns > table->reported_ns)
        table->reported_ns = reported_ns;
    record->flow.end = end;
    record->flow.reported_ns = table->reported_ns;
    table->ends[end]++;
    table->sink(table->ctx, &record->flow);
}

/* When the flow ended by the rule: it may be told later than that, or, for end, before its time. */
static int64_t rule_time(const struct flow_table *table, const struct flow_record *record,
                         enum flow_end end)
{
    int64_t late = overdue(table, record, table->clock_ns);

    return late > 0 || end == FLOW_END_EOF ? nanos_between(late, table->clock_ns) : table->clock_ns;
}

/* Reports and removes a flow; end: why, unless it was closed already. */
static void report(struct flow_table *table, struct flow_record *record, enum flow_end end)
{
    emit(table, record, record->flow.state == FLOW_CLOSED ? record->flow.end : end,
         rule_time(table, record, end));
    flow_store_remove(&table->store, record);
}

/* The flow that ended, or is going to end, before all others; NULL if the table is empty. */
static struct flow_record *next_to_end(struct flow_table *table)
{
    struct flow_record *next = NULL;
    int64_t most = INT64_MIN;

    for (enum flow_list list = 0; list < FLOW_LIST_COUNT; list++) {
        struct flow_record *first = flow_store_first(&table->store, list, NULL);

        if (first != NULL && (next == NULL || overdue(table, first, table->clock_ns) > most)) {
            next = first;
            most = overdue(table, first, table->clock_ns);
        }
    }
    return next;
}

static void report_ended(struct flow_table *table)
{
    struct flow_record *next;

    if (table->clock_ns <= table->quiet_ns)
        return;
    while ((next = next_to_end(table)) != NULL && overdue(table, next, table->clock_ns) > 0)
        report(table, next, FLOW_END_IDLE);
    table->quiet_ns = next != NULL ? last_time(table, next) : INT64_MAX;
}

static void report_all(struct flow_table *table, enum flow_end end)
{
    struct flow_record *next;

    while ((next = next_to_end(table)) != NULL)
        report(table, next, end);
}

static void advance(struct flow_table *table, int64_t now_ns)
{
    if (nanos_between(now_ns, table->clock_ns) > table->config.idle_ns) {
        report_all(table, FLOW_END_CLOCK);
        table->clock_ns = now_ns;
        table->reported_ns = INT64_MIN;
    } else if (now_ns > table->clock_ns) {
        table->clock_ns = now_ns;
        report_ended(table);
    }
}

/* Reports a flow other than except (may be NULL) early. Returns false if there is none. */
static bool evict(struct flow_table *table, enum flow_need need, const struct flow_record *except)
{
    struct flow_record *victim = flow_victim(&table->store, need, except);

    if (victim == NULL)
        return false;
    table->evicted[victim->kind]++;
    report(table, victim, FLOW_END_EVICTED);
    return true;
}

/* Room for one sample more, at the expense of others. Returns false if there is none even so. */
static bool make_room(struct flow_table *table, struct flow_record *record)
{
    while (!flow_store_grow(&table->store, record))
        if (!evict(table, FLOW_NEED_SAMPLES, record))
            return false;
    return true;
}

static void start_row(struct flow *flow, int64_t ts_ns)
{
    flow->start_ns = flow->end_ns = ts_ns;
    flow->urgent = flow->wrong_fragments = 0;
    for (enum flow_dir dir = FLOW_TO_SERVER; dir <= FLOW_TO_CLIENT; dir++)
        flow->pkts[dir] = flow->bytes[dir] = flow->payload[dir] = 0;
}

static struct flow_record *open_flow(struct flow_table *table, const struct flow_key *key,
                                     int64_t ts_ns)
{
    const struct flow_id *id = key->from_responder ? &key->answer : &key->sent;
    struct flow_record *record = flow_store_open(&table->store, id, key->hash);

    if (record == NULL) { /* an evicted flow's record is free for the next */
        evict(table, FLOW_NEED_RECORD, NULL);
        record = flow_store_open(&table->store, id, key->hash);
    }
    record->flow.flow_id = flow_id_number(id, ts_ns);
    start_row(&record->flow, ts_ns);
    return record;
}

/* Reports the row and goes on with the same flow. */
static void next_row(struct flow_table *table, struct flow_record *record, int64_t ts_ns)
{
    enum flow_end closed_by = record->flow.end;

    emit(table, record, FLOW_END_ACTIVE, table->clock_ns);
    record->flow.end = closed_by;
    record->flow.row++;
    flow_store_restart(&table->store, record);
    start_row(&record->flow, ts_ns);
    content_counts_continue(&record->flow.content);
}

/* Does this packet come too late for the flow that it seems to belong to? */
static bool opens_another(const struct flow_table *table, const struct flow_record *record,
                          const struct packet *packet)
{
    bool new_syn = (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

    return overdue(table, record, packet->ts_ns) > 0 ||
           (record->flow.state == FLOW_CLOSED && new_syn);
}

static bool row_is_full(const struct flow_table *table, const struct flow_record *record,
                        int64_t ts_ns)
{
    const struct flow *flow = &record->flow;

    return flow->pkts[FLOW_TO_SERVER] + flow->pkts[FLOW_TO_CLIENT] >= FLOW_ROW_PACKETS_MAX ||
           (flow->state != FLOW_CLOSED &&
            nanos_between(flow->start_ns, ts_ns) > table->config.active_ns);
}

/* The flow that takes the packet, with room for it, and the packet's direction in it. */
static struct flow_record *flow_for(struct flow_table *table, const struct packet *packet,
                                    const struct flow_key *key, enum flow_dir *dir)
{
    struct flow_record *record = flow_store_find(&table->store, key, dir);

    if (record != NULL && opens_another(table, record, packet)) {
        report(table, record, FLOW_END_IDLE);
        record = NULL;
    }
    if (record != NULL && row_is_full(table, record, packet->ts_ns))
        next_row(table, record, packet->ts_ns);
    if (record != NULL && !make_room(table, record)) {
        table->evicted[record->kind]++;
        report(table, record, FLOW_END_EVICTED);
        record = NULL;
    }
    if (record != NULL)
        return record;
    *dir = key->from_responder ? FLOW_TO_CLIENT : FLOW_TO_SERVER;
    return open_flow(table, key, packet->ts_ns);
}

static void count_tcp(struct flow *flow, const struct packet *packet, enum flow_dir dir)
{
    flow->urgent += (packet->tcp_flags & TCP_URG) != 0;
    if (packet->tcp_flags != 0) /* not of a later fragment */
        conn_update(&flow->tcp, (enum conn_end)dir, packet->tcp_flags, packet->payload_len == 0);
}

static void count(struct flow *flow, const struct packet *packet, enum flow_dir dir)
{
    flow->pkts[dir]++;
    flow->bytes[dir] += packet->ip_len;
    flow->payload[dir] += packet->payload_len;
    flow->wrong_fragments += packet->wrong_fragment;
    if (packet->proto == IP_PROTO_TCP)
        count_tcp(flow, packet, dir);
    if (packet->ts_ns > flow->end_ns)
        flow->end_ns = packet->ts_ns;
}

static void close_flow(struct flow_record *record, enum flow_end end, int64_t ts_ns)
{
    record->kind = FLOW_KIND_CLOSED;
    record->flow.state = FLOW_CLOSED;
    record->flow.end = end;
    record->closed_ns = ts_ns;
}

/* Moves an open flow on to the state that the packet brings it to. */
static void advance_state(struct flow_record *record, const struct packet *packet,
                          enum flow_dir dir)
{
    if (dir == FLOW_TO_SERVER && (record->heard & RESPONDER))
        record->kind = FLOW_KIND_ESTABLISHED;
    record->heard |= side_bit(dir);
    if (packet->tcp_flags & TCP_FIN)
        record->fins |= side_bit(dir);
    if (record->heard == BOTH_SIDES)
        record->flow.state = FLOW_ESTABLISHED;
    if (packet->tcp_flags & TCP_RST)
        close_flow(record, FLOW_END_RST, packet->ts_ns);
    else if (record->fins == BOTH_SIDES)
        close_flow(record, FLOW_END_FIN, packet->ts_ns);
}

/* Whether the session's content is looked at; decided by what each side says first. */
static bool has_content(struct flow_table *table, struct flow_record *record,
                        const struct packet *packet, enum flow_dir dir)
{
    enum content_service service;

    if (record->content != NULL)
        return true;
    if ((record->content_over & side_bit(dir)) || record->flow.state != FLOW_ESTABLISHED)
        return false;
    service = content_guess(record->flow.id.dport, packet->payload, packet->payload_cap);
    if (service == CONTENT_NONE) { /* after the server, the client may still tell */
        record->content_over = dir == FLOW_TO_SERVER ? BOTH_SIDES : side_bit(dir);
        return false;
    }
    if (flow_store_open_content(&table->store, record, service))
        return true;
    table->uninspected++;
    record->content_over = BOTH_SIDES;
    return false;
}

static void add_content(struct flow_table *table, struct flow_record *record,
                        const struct packet *packet, enum flow_dir dir)
{
    if (!table->config.content || !content_possible(packet) ||
        !has_content(table, record, packet, dir))
        return;
    if (content_add(record->content, packet, dir == FLOW_TO_CLIENT, &record->flow.content))
        return;
    record->content_over = BOTH_SIDES;
    flow_store_close_content(&table->store, record);
}

static void append(struct flow_record *record, const struct packet *packet, enum flow_dir dir)
{
    struct flow_sample sample = {
        .ts_ns = packet->ts_ns, .len = packet->ip_len & INT32_MAX, .dir = dir == FLOW_TO_CLIENT};

    flow_store_append(record, &sample);
}

static void touch(struct flow_table *table, struct flow_record *record)
{
    int64_t last = last_time(table, record);

    flow_store_touch(&table->store, record);
    if (last < table->quiet_ns)
        table->quiet_ns = last;
}

static void update(struct flow_table *table, const struct packet *packet,
                   const struct flow_key *key)
{
    struct flow_record *record;
    enum flow_dir dir;

    table->packets++;
    advance(table, packet->ts_ns);
    record = flow_for(table, packet, key, &dir);
    count(&record->flow, packet, dir);
    append(record, packet, dir);
    if (record->flow.state != FLOW_CLOSED) {
        add_content(table, record, packet, dir);
        advance_state(record, packet, dir);
        if (record->flow.state == FLOW_CLOSED)
            flow_store_close_content(&table->store, record);
        touch(table, record);
    }
}

/* The packet that was held back, if there is one. */
static void catch_up(struct flow_table *table)
{
    if (!table->ahead.held)
        return;
    table->ahead.held = false;
    update(table, &table->ahead.packet, &table->ahead.key);
}

void flow_update(struct flow_table *table, const struct packet *packet)
{
    struct flow_key key;

    catch_up(table);
    flow_key_init(&key, packet, table->store.secret);
    update(table, packet, &key);
}

void flow_feed(struct flow_table *table, const struct packet *packet)
{
    struct flow_key key;

    flow_key_init(&key, packet, table->store.secret);
    flow_store_seek(&table->store, &key);
    catch_up(table);
    flow_store_fetch(&table->store, &key);
    flow_ahead_hold(&table->ahead, packet, &key, table->config.content);
}

void flow_advance(struct flow_table *table, int64_t now_ns)
{
    catch_up(table);
    advance(table, now_ns);
}

void flow_flush(struct flow_table *table)
{
    catch_up(table);
    report_all(table, FLOW_END_EOF);
}
