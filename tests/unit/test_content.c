/* Sessions by hand: what is said goes in, the 13 counts come out. */
#include "features/content.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content_expect.h"
#include "features/content_rules.h"

enum { TURNS_MAX = 24, CLIENT = 0, SERVER = 1 };

static const struct ip_addr client = {{10, 0, 0, 1}};

/* A session: turns begin with "C:" or "S:". */
struct session_case {
    const char *name;
    enum content_service service;
    const char *turns[TURNS_MAX];
    struct content_counts counts;
};

static const struct session_case cases[] = {
    {"ftp, a failed login, then a good one, and a file",
     CONTENT_FTP,
     {"S:220-Welcome\r\n220 ready\r\n", "C:USER bob\r\n", "S:331 password\r\n", "C:PASS wrong\r\n",
      "S:530 Login incorrect.\r\n", "C:USER bob\r\nPASS rewt\r\n", "S:331 ?\r\n230 in\r\n",
      "C:STOR a.txt\r\n", "S:150 go\r\n", "S:226 done\r\n", "C:STOR b.txt\r\n",
      "S:553 Could not create file.\r\n", "C:QUIT\r\n", "S:221 bye\r\n"},
     {.num_failed_logins = 1, .logged_in = 1, .num_file_creations = 1}},
    {"ftp, a guest",
     CONTENT_FTP,
     {"C:user ANONYMOUS\r\n", "S:331 e-mail\r\n", "C:PASS x@y\r\n", "S:230-multi\r\n",
      "S:230 in\r\n", "C:RETR /etc/passwd\r\n", "S:550 no\r\n", "C:CWD ../../../bin\r\n"},
     {.hot = 3, .logged_in = 1, .num_access_files = 1, .is_guest_login = 1}},
    {"ftp, as root, to another host",
     CONTENT_FTP,
     {"C:USER root\r\n", "S:331 ?\r\n", "C:PASS x\r\n", "S:230 in\r\n", "C:PORT 10,0,0,1,4,1\r\n",
      "S:200 ok\r\n", "C:PORT 10,0,0,9,4,1\r\n", "S:200 ok\r\n", "C:EPRT |1|10.0.0.1|5|\r\n",
      "C:EPRT |1|10.0.0.7|5|\r\n", "C:EPRT |2|::1|5|\r\n", "C:PORT 1,2\r\n", "C:PWD\r\n"},
     {.hot = 1, .logged_in = 1, .num_root = 7, .num_outbound_cmds = 3, .is_host_login = 1}},
    {"ftp, taken over",
     CONTENT_FTP,
     {"S:220 old\r\n", "C:SITE EXEC %p%p\r\n", "S:200 x\r\n", "S:# ", "C:id\n",
      "S:uid=0(root) gid=0(root)\n# "},
     {.hot = 1, .num_shells = 1, .root_shell = 1}},
    {"ftp, TLS follows",
     CONTENT_FTP,
     {"C:AUTH TLS\r\n", "S:234 go\r\n", "C:\x16\x03\x01USER anonymous\r\n", "S:230 in\r\n"},
     {0}},
    {"telnet, character by character, with control sequences",
     CONTENT_TELNET,
     {"S:\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0login: ", "C:\xff\xfb\x18\xff\xfa\x18\0",
      "C:xterm\xff\xf0"
      "bog\x7f"
      "b\r\n",
      "S:bob\r\nPassword: ", "C:rewt\r\n",
      "S:\r\n\x1b[1mLogin incorrect\x1b[0m\r\nlogin: ", "C:bob\r\n",
      "S:bob\r\nPassword: ", "C:right\r\n", "S:\r\nLast login: today\r\n\x1b]0;bob\x07[bob@h ~]$ ",
      "C:ls -l\r\n", "S:ls -l\r\na\r\n[bob@h ~]$ ", "C:cat nothing\r\n",
      "S:cat nothing\r\ncat: nothing: No such file or directory\r\n[bob@h ~]$ ", "C:exit\r\n"},
     {.num_failed_logins = 1, .logged_in = 1, .num_compromised = 1}},
    {"telnet, to root by su",
     CONTENT_TELNET,
     {"S:login: ",
      "C:ann\r\n",
      "S:ann\r\nPassword: ",
      "C:x\r\n",
      "S:\r\nann$ ",
      "C:su -\r\n",
      "S:su -\r\nPassword: ",
      "C:y\r\n",
      "S:\r\nsu: Authentication failure\r\nann$ ",
      "C:su\r\n",
      "S:su\r\nPassword: ",
      "C:z\r\n",
      "S:\r\n# ",
      "C:cat /etc/shadow > /tmp/s; touch q\r\n",
      "S:\r\n# ",
      "C:\r\n",
      "S:\r\n# ",
      "C:/bin/sh\r\n",
      "S:\r\n# ",
      "C:chmod 4755 /tmp/s 2>/dev/null\r\n",
      "S:\r\n# "},
     {.hot = 2,
      .num_failed_logins = 1,
      .logged_in = 1,
      .root_shell = 1,
      .su_attempted = 1,
      .num_root = 3,
      .num_file_creations = 2,
      .num_shells = 1,
      .num_access_files = 1}},
    {"telnet, as root",
     CONTENT_TELNET,
     {"S:login: ", "C:root\r\n", "S:\r\nPassword: ", "C:x\r\n", "S:\r\nroot@h:~# ", "C:id\r\n",
      "S:id\r\nuid=0(root) gid=0(root)\r\nroot@h:~# "},
     {.hot = 1, .logged_in = 1, .root_shell = 1, .num_root = 1, .is_host_login = 1}},
    {"telnet, a name that no person has",
     CONTENT_TELNET,
     {"S:login: ", "C:rewt\r\n", "S:\r\nPassword: ", "C:x\r\n", "S:\r\nLogin incorrect\r\n"},
     {.hot = 1, .num_failed_logins = 1}},
    {"smtp",
     CONTENT_SMTP,
     {"S:220 h ESMTP\r\n", "C:EHLO c\r\n", "S:250-h\r\n250 OK\r\n", "C:MAIL FROM:<a@b>\r\n",
      "S:250 ok\r\n", "C:DATA\r\n", "S:354 go\r\n", "C:AUTH x\r\ncat /etc/passwd\r\n.\r\n",
      "S:535 no\r\n", "C:QUIT\r\n", "S:221 bye\r\n"},
     {.logged_in = 1}},
    {"smtp, a wrong password",
     CONTENT_SMTP,
     {"C:AUTH LOGIN\r\n", "S:334 VXNlcg==\r\n", "S:535 5.7.8 Error\r\n", "C:AUTH PLAIN AGEA\r\n",
      "S:535 5.7.8 Error\r\n"},
     {.num_failed_logins = 2}},
    {"pop3",
     CONTENT_POP3,
     {"S:+OK ready\r\n", "C:USER guest\r\n", "S:+OK\r\n", "C:PASS no\r\n", "S:-ERR no\r\n",
      "C:USER guest\r\nPASS yes\r\n", "S:+OK\r\n+OK in\r\n", "C:RETR 1\r\n",
      "S:+OK\r\n-ERR in a mail\r\n.\r\n"},
     {.hot = 1, .num_failed_logins = 1, .logged_in = 1, .is_guest_login = 1}},
    {"imap, quoted names and literals",
     CONTENT_IMAP,
     {"S:* OK ready\r\n", "C:a1 LOGIN \"root\" x\r\n", "S:a1 NO no\r\n", "C:a2 LOGIN {3}\r\n",
      "S:+ \r\n", "C:bob {1+}\r\nx\r\n", "S:a2 OK in\r\n", "C:a3 FETCH 1 BODY[]\r\n",
      "S:* 1 FETCH (BODY[] {17}\r\nx\r\nuid=0(root)\r\n)\r\n", "S:a3 OK\r\n"},
     {.num_failed_logins = 1, .logged_in = 1}},
    {"imap, logged in before it begins", CONTENT_IMAP, {"S:* PREAUTH ready\r\n"}, {.logged_in = 1}},
    {"http, pages",
     CONTENT_HTTP,
     {"C:GET / HTTP/1.1\r\nHost: a\r\n\r\n", "S:HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
      "C:HEAD / HTTP/1.1\r\n\r\n", "S:HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
      "C:GET /none HTTP/1.1\r\n\r\n", "S:HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
     {.logged_in = 1}},
    {"http, an upload and a password",
     CONTENT_HTTP,
     {"C:PUT /f HTTP/1.1\r\nContent-Length: 29\r\n\r\nPUT /etc/passwd HTTP/1.1\r\n\r\n",
      "S:HTTP/1.1 100 Continue\r\n\r\n", "C:\n", "S:HTTP/1.1 201 Created\r\n\r\n",
      "C:GET /a HTTP/1.1\r\n\r\n", "S:HTTP/1.1 401 Who\r\n\r\n",
      "C:GET /a HTTP/1.1\r\nAuthorization: Basic eA==\r\n\r\n", "S:HTTP/1.1 401 Who\r\n\r\n"},
     {.num_failed_logins = 1, .logged_in = 1, .num_file_creations = 1}},
    {"http, an exploit that worked",
     CONTENT_HTTP,
     {"C:GET /cgi-bin/phf?Q=/bin/cat%20/etc/passwd HTTP/1.0\r\n\r\n",
      "S:HTTP/1.0 200 OK\r\n\r\nroot:x:0:0\n"},
     {.hot = 1, .logged_in = 1, .num_compromised = 1, .num_access_files = 1}},
};

enum { CASES = sizeof cases / sizeof cases[0] };

struct conversation {
    struct content *content;
    struct content_counts counts;
    uint32_t seq[2];
};

static struct conversation start(enum content_service service)
{
    struct conversation talk = {.content = content_new(service, &client),
                                .seq = {UINT32_MAX - 20, 7}};

    cr_assert_not_null(talk.content);
    return talk;
}

/* captured: how much of the n bytes is. */
static bool segment(struct conversation *talk, int side, uint32_t seq, const void *data, size_t n,
                    size_t captured)
{
    /* A copy of its own size: a sanitizer sees what is read beyond it. */
    uint8_t *copy = malloc(captured > 0 ? captured : 1);
    struct packet packet = {.proto = IP_PROTO_TCP,
                            .tcp_flags = TCP_ACK,
                            .tcp_seq = seq,
                            .payload = copy,
                            .payload_len = (uint32_t)n,
                            .payload_cap = (uint32_t)captured};
    bool more;

    memcpy(copy, data, captured);
    more = content_add(talk->content, &packet, side == SERVER, &talk->counts);
    free(copy);
    return more;
}

static bool say(struct conversation *talk, int side, const void *data, size_t n)
{
    bool more = segment(talk, side, talk->seq[side], data, n, n);

    talk->seq[side] += (uint32_t)n;
    return more;
}

/* Each turn in pieces of at most piece bytes, the first of them of at most first. */
static struct content_counts play(const struct session_case *session, size_t first, size_t piece)
{
    struct conversation talk = start(session->service);
    bool more = true;

    for (int i = 0; i < TURNS_MAX && session->turns[i] != NULL && more; i++) {
        const char *text = session->turns[i] + 2;
        size_t left = strlen(text), n = first < left ? first : left;
        int side = session->turns[i][0] == 'S' ? SERVER : CLIENT;

        for (; left > 0 && more; left -= n, text += n, n = left < piece ? left : piece)
            more = say(&talk, side, text, n);
    }
    content_free(talk.content);
    return talk.counts;
}

Test(content, sessions)
{
    for (size_t i = 0; i < CASES; i++) {
        struct content_counts counts = play(&cases[i], SIZE_MAX, SIZE_MAX);

        expect_counts(cases[i].name, &counts, &cases[i].counts);
    }
}

Test(content, segmentation_does_not_count)
{
    for (size_t i = 0; i < CASES; i++) {
        for (size_t first = 1; first < 80; first++) {
            struct content_counts counts = play(&cases[i], first, SIZE_MAX);

            expect_counts(cases[i].name, &counts, &cases[i].counts);
        }
        for (size_t piece = 1; piece < 20; piece++) {
            struct content_counts counts = play(&cases[i], piece, piece);

            expect_counts(cases[i].name, &counts, &cases[i].counts);
        }
    }
}

#define LITERAL(text) (text), sizeof(text) - 1

static const char stor[] = "STOR a\r\nNOOP\r\n";

Test(content, a_retransmission_counts_once)
{
    struct conversation talk = start(CONTENT_FTP);
    uint32_t seq = talk.seq[CLIENT];

    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    segment(&talk, CLIENT, seq, LITERAL("USER rewt\r\n"), 11);
    segment(&talk, CLIENT, seq, LITERAL("USER rewt\r\nUSER rewt\r\n"), 22);
    segment(&talk, CLIENT, seq + 5, LITERAL("rewt\r\n"), 6);
    cr_expect_eq(talk.counts.hot, 2);
    segment(&talk, CLIENT, seq + 21, LITERAL("\n"), 1); /* a keep-alive */
    talk.seq[CLIENT] = seq + 22;
    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    cr_expect_eq(talk.counts.hot, 3);
    content_free(talk.content);
}

Test(content, a_gap_loses_its_line_alone)
{
    struct conversation talk = start(CONTENT_FTP);

    say(&talk, CLIENT, LITERAL("USER re"));
    talk.seq[CLIENT] += 4;
    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    cr_expect_eq(talk.counts.hot, 0);
    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    cr_expect_eq(talk.counts.hot, 1);
    content_free(talk.content);
}

Test(content, what_was_not_captured_is_a_gap)
{
    struct conversation talk = start(CONTENT_FTP);

    segment(&talk, CLIENT, talk.seq[CLIENT], LITERAL("USER rewt\r\n"), 4);
    talk.seq[CLIENT] += 11;
    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    cr_expect_eq(talk.counts.hot, 0);
    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    cr_expect_eq(talk.counts.hot, 1);
    content_free(talk.content);
}

Test(content, a_body_may_be_missing)
{
    struct conversation talk = start(CONTENT_HTTP);

    say(&talk, CLIENT, LITERAL("PUT /a HTTP/1.1\r\ncontent-length: 1000\r\n\r\n"));
    segment(&talk, CLIENT, talk.seq[CLIENT], stor, 600, 5);
    talk.seq[CLIENT] += 1000;
    say(&talk, CLIENT, LITERAL("GET /../etc/passwd HTTP/1.1\r\n"));
    cr_expect_eq(talk.counts.num_access_files, 1);
    content_free(talk.content);
}

Test(content, inspection_ends_at_64_kib)
{
    static char line[1000];

    for (int side = CLIENT; side <= SERVER; side++) {
        struct conversation talk = start(CONTENT_SMTP);
        int lines = 1;

        memset(line, 'x', sizeof line);
        while (say(&talk, side, line, sizeof line))
            lines++;
        cr_expect_eq(lines, 66);
        content_free(talk.content);
    }
}

Test(content, numbers_saturate)
{
    struct conversation talk = start(CONTENT_FTP);

    talk.counts.hot = UINT16_MAX;
    say(&talk, CLIENT, LITERAL("USER rewt\r\n"));
    cr_expect_eq(talk.counts.hot, UINT16_MAX);
    content_free(talk.content);
}

Test(content, a_row_that_continues_keeps_the_flags)
{
    struct content_counts counts = {1, 2, 1, 4, 1, 1, 7, 8, 9, 10, 11, 1, 1};
    struct content_counts expected = {.logged_in = 1,
                                      .root_shell = 1,
                                      .su_attempted = 1,
                                      .is_host_login = 1,
                                      .is_guest_login = 1};

    content_counts_continue(&counts);
    expect_counts("continued", &counts, &expected);
}

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Words that mean something to some protocol, and bytes that do not. Returns how many bytes. */
static size_t babble(uint8_t *data, size_t room, uint64_t *random)
{
    static const char words[][24] = {
        "\r\n",
        "\r\n",
        "\n.\r\n",
        "\r",
        "{4294967295}",
        "{9+}\r\n",
        "\xff\xfa",
        "\xff\xf0",
        "\x1b]",
        "\x1b[",
        "USER ",
        "PASS ",
        "root",
        "guest",
        "PORT 1,2,3,4,",
        "EPRT |2|::|",
        "AUTH ",
        "a1 ",
        "LOGIN ",
        "\"",
        "+OK ",
        "-ERR",
        "* PREAUTH",
        "a1 OK ",
        "HTTP/1.1 200 ",
        "GET /../ ",
        "354 ",
        "content-length:99",
        "999999999999999999",
        "login: ",
        "Password: ",
        "# ",
        "$ ",
        ">",
        ";|&",
        "\x16\x03",
        "530 ",
        "230 ",
        "su - ",
        "\x7f\x08",
        "DATA\r\n",
        "uid=0(",
    };
    size_t n = 0;

    while (n + sizeof words[0] < room) {
        uint64_t choice = random64(random);
        size_t word = (choice >> 8) % (sizeof words / sizeof words[0]), len = strlen(words[word]);

        if (choice % 64 == 0)
            break;
        if (choice % 8 == 1) {
            data[n++] = (uint8_t)(choice >> 32);
            continue;
        }
        memcpy(data + n, words[word], len);
        n += len;
    }
    return n;
}

/* Anything at all, at any sequence number: it must end, and stay within its memory. */
Test(content, hostile_input)
{
    uint64_t random = 88172645463325252u;
    uint8_t data[600];

    for (int round = 0; round < 3000; round++) {
        struct conversation talk =
            start((enum content_service)(1 + round % (CONTENT_SERVICES - 1)));
        bool more = true;

        for (int i = 0; i < 60 && more; i++) {
            size_t n = babble(data, sizeof data, &random);
            uint64_t choice = random64(&random);

            if (choice % 8 > 0)
                more = say(&talk, choice & 256 ? SERVER : CLIENT, data, n);
            else
                more = segment(&talk, CLIENT, (uint32_t)(choice >> 20), data, n + 9, n);
        }
        content_free(talk.content);
    }
}

Test(content, guesses)
{
    static const struct {
        uint16_t port;
        const char *words;
        enum content_service service;
    } openings[] = {
        {21, "220 ready", CONTENT_FTP},
        {23, "\xff\xfd\x18", CONTENT_TELNET},
        {25, "2", CONTENT_SMTP},
        {143, "", CONTENT_IMAP},
        {4444, "GET / HTTP", CONTENT_HTTP},
        {4444, "GET", CONTENT_NONE},
        {21, "GET / HTTP", CONTENT_HTTP},
        {2525, "EHLO a", CONTENT_SMTP},
        {1110, "+OK", CONTENT_POP3},
        {443, "\x16\x03\x01", CONTENT_NONE},
        {22, "SSH-2.0", CONTENT_NONE},
        {2121, "USER a", CONTENT_FTP},
    };

    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++)
        cr_expect_eq(content_guess(openings[i].port, (const uint8_t *)openings[i].words,
                                   strlen(openings[i].words)),
                     openings[i].service, "%s", openings[i].words);
}

Test(content, patterns)
{
    cr_expect(rule_match("*a*b", "xxaxxAB"));
    cr_expect(rule_match("", ""));
    cr_expect(rule_match("*", ""));
    cr_expect(rule_match("http/1.? *", "HTTP/1.1 200"));
    cr_expect_not(rule_match("a", "ab"));
    cr_expect_not(rule_match("ab", "a"));
    cr_expect_not(rule_match("*a", "ab"));
    cr_expect_not(rule_match("a?", "a"));
    cr_expect(rule_redirects("echo a >>b"));
    cr_expect_not(rule_redirects("ls 2> /dev/null"));
    cr_expect_not(rule_redirects("ls > /dev/null"));
    cr_expect_not(rule_redirects("ls >"));
}
