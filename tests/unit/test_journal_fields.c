/* An event as fields of the journal: what is sent, without sending it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/journal_fields.h"
#include "verdict_sample.h"

static bool has(const struct journal_fields *fields, const char *field)
{
    for (size_t i = 0; i < fields->n; i++)
        if (fields->field[i].iov_len == strlen(field) &&
            memcmp(fields->field[i].iov_base, field, strlen(field)) == 0)
            return true;
    return false;
}

static void expect_fields(const char *line, const char *const *expected)
{
    struct journal_fields fields;

    cr_assert_eq(journal_fields_init(&fields, line), 0, "%s", line);
    for (; *expected; expected++)
        cr_expect(has(&fields, *expected), "%s of %s", *expected, line);
    journal_fields_clear(&fields);
    cr_expect_eq(fields.n, 0);
}

Test(journal_fields, an_alert)
{
    static const char *const expected[] = {
        "MESSAGE=alert: 192.0.2.1:40000 -> 198.51.100.7:80 TCP, score 0.75, p-value 0.01, "
        "like alerts: 12",
        "PRIORITY=4",
        "SYSLOG_IDENTIFIER=da3dd",
        "MESSAGE_ID=6ccd3e5d4f0b4b0f9b1d7a8e35c2f941",
        "DA3DD_EVENT_TYPE=alert",
        "DA3DD_HOST=sensor1",
        "DA3DD_IN_IFACE=eth1",
        "DA3DD_SRC_IP=192.0.2.1",
        "DA3DD_SRC_PORT=40000",
        "DA3DD_DEST_IP=198.51.100.7",
        "DA3DD_DEST_PORT=80",
        "DA3DD_PROTO=TCP",
        "DA3DD_VLAN=12",
        "DA3DD_VLAN=34",
        "DA3DD_FLOW_PKTS_TOSERVER=3",
        "DA3DD_FLOW_REASON=fin",
        "DA3DD_SCORE=0.75",
        "DA3DD_P_VALUE=0.01",
        "DA3DD_MODEL=sha256:ab12cd34",
        "DA3DD_SUPPRESSED=12",
        "DA3DD_ALERT_SIGNATURE_ID=9000001",
        NULL,
    };
    struct judge_model model = verdict_sample_model();
    struct verdict verdict = verdict_sample(&model, "192.0.2.1", 80, 1.0F);
    struct event_flow event = {
        .interface = "eth1",
        .flow = &verdict.flow,
        .score = &verdict.score,
        .suppressed = 12,
    };
    size_t length;
    char *line;

    verdict.flow.id.vlan[0] = 12;
    verdict.flow.id.vlan[1] = 34;
    line = event_line(&model.source, &event, &length);
    cr_assert_not_null(line);
    line[length - 1] = '\0'; /* its newline */
    expect_fields(line, expected);
    free(line);
}

Test(journal_fields, ipv6_and_events_without_a_flow)
{
    expect_fields("{\"event_type\":\"score\",\"src_ip\":\"2001:db8::1\",\"src_port\":5,"
                  "\"dest_ip\":\"2001:db8::7\",\"proto\":\"IPv6-ICMP\","
                  "\"da3d\":{\"score\":0.5,\"p_value\":1}}",
                  (const char *const[]){"MESSAGE=score: [2001:db8::1]:5 -> 2001:db8::7 IPv6-ICMP, "
                                        "score 0.5, p-value 1",
                                        "PRIORITY=6", NULL});
    expect_fields(
        "{\"event_type\":\"stats\",\"uptime\":5,\"memory\":{\"rss\":7,\"by-part\":{\"a\":1}}}",
        (const char *const[]){
            "MESSAGE=stats", "DA3DD_UPTIME=5", "DA3DD_MEMORY_RSS=7", "DA3DD_MEMORY_BY_PART_A=1",
            "DA3DD_EVENT={\"event_type\":\"stats\",\"uptime\":5,\"memory\":{\"rss\":7,"
            "\"by-part\":{\"a\":1}}}",
            NULL});
}

Test(journal_fields, what_is_no_event_gives_no_fields)
{
    static const char *const lines[] = {"", "[1]", "{\"event_type\":", "7"};
    struct journal_fields fields;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        cr_expect_eq(journal_fields_init(&fields, lines[i]), -1, "%zu", i);
        cr_expect_eq(errno, EINVAL);
        cr_expect_eq(fields.n, 0);
    }
}

Test(journal_fields, more_values_than_fields_are_left_out)
{
    char line[4096] = "{\"event_type\":\"stats\"";
    struct journal_fields fields;
    size_t n = strlen(line);

    for (unsigned i = 0; i < 2 * JOURNAL_FIELDS_MAX; i++)
        n += (size_t)snprintf(line + n, sizeof line - n, ",\"f%u\":%u", i, i);
    snprintf(line + n, sizeof line - n, "}");
    cr_expect_eq(journal_fields_init(&fields, line), 0);
    cr_expect_eq(fields.n, JOURNAL_FIELDS_MAX);
    journal_fields_clear(&fields);
}
