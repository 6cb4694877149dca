/* Sessions of real clients with real servers, as tests/lab/run recorded them: in order of their
 * beginning, what each of them counts. */
#include "content_expect.h"
#include "daemon/capture.h"
#include "daemon/unpack.h"
#include "features/decode.h"
#include "features/flow.h"
#include "flow_rows.h"

static const struct {
    const char *name;
    uint16_t port;
    struct content_counts counts;
} sessions[] = {
    {"telnet ordinary", 23, {.logged_in = 1}},
    {"telnet failed logins", 23, {.num_failed_logins = 3}},
    {"telnet guest", 23, {.hot = 1, .logged_in = 1, .is_guest_login = 1}},
    {"telnet root",
     23,
     {.hot = 1, .logged_in = 1, .root_shell = 1, .num_root = 3, .is_host_login = 1}},
    {"telnet su",
     23,
     {.hot = 1,
      .num_failed_logins = 1,
      .logged_in = 1,
      .root_shell = 1,
      .su_attempted = 1,
      .num_root = 2,
      .num_access_files = 1}},
    {"telnet intruder",
     23,
     {.hot = 4,
      .logged_in = 1,
      .num_compromised = 1,
      .num_file_creations = 3,
      .num_shells = 1,
      .num_access_files = 1}},
    {"ftp ordinary", 21, {.logged_in = 1}},
    {"ftp guest", 21, {.hot = 1, .logged_in = 1, .is_guest_login = 1}},
    {"ftp failed logins", 21, {.num_failed_logins = 2}},
    {"ftp files: SIZE, RETR and MDTM /etc/passwd",
     21,
     {.hot = 3, .logged_in = 1, .num_file_creations = 2, .num_access_files = 3}},
    {"ftp other host", 21, {.logged_in = 1, .num_outbound_cmds = 1}},
    {"smtp ordinary", 25, {.logged_in = 1}},
    {"smtp failed login", 25, {.num_failed_logins = 1, .logged_in = 1}},
    {"pop3 ordinary", 110, {.logged_in = 1}},
    {"pop3 failed login", 110, {.num_failed_logins = 1}},
    {"imap ordinary", 143, {.logged_in = 1}},
    {"imap failed logins", 143, {.num_failed_logins = 2}},
    {"http ordinary", 80, {.logged_in = 1}},
    {"http upload", 80, {.logged_in = 1, .num_file_creations = 1}},
    {"http failed login", 80, {.num_failed_logins = 1}},
    {"http traversal", 80, {.hot = 1, .num_access_files = 1}},
};

enum { SESSIONS = sizeof sessions / sizeof sessions[0] };

static void read_capture(const char *path, struct flow_table *table)
{
    static const uint8_t key[16] = "not very secret";
    struct decoder *decoder = decoder_new(key);
    struct da3d_error error;
    struct unpack *source = unpack_open(path, &error);
    struct capture *capture;
    struct packet packet;
    struct frame frame;

    cr_assert_not_null(source, "%s", error.text);
    capture = capture_open(source, &error);
    cr_assert_not_null(capture, "%s", error.text);
    while (capture_next(capture, &frame, &error) > 0)
        if (decode_packet(decoder, capture_linktype(capture), &frame, &packet) == DECODE_OK)
            flow_update(table, &packet);
    flow_flush(table);
    capture_close(capture);
    decoder_free(decoder);
}

static int by_start(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;

    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

Test(content_lab, recorded_sessions)
{
    static const struct content_counts nothing;
    struct flow_config config = rows_config();
    struct rows rows = {0};
    struct flow_table *table = rows_table(&config, &rows);
    size_t session = 0;

    read_capture("tests/lab/captures/content.pcap", table);
    qsort(rows.at, rows.n, sizeof *rows.at, by_start);
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.at[i].id.dport > 1023) { /* FTP's data */
            expect_counts("data", &rows.at[i].content, &nothing);
            continue;
        }
        cr_assert_lt(session, SESSIONS);
        cr_expect_eq(rows.at[i].id.dport, sessions[session].port);
        expect_counts(sessions[session].name, &rows.at[i].content, &sessions[session].counts);
        session++;
    }
    cr_expect_eq(session, SESSIONS);
    flow_table_free(table);
    free(rows.at);
}
