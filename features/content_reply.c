/* content_reply.c - protocols of commands and replies: FTP, SMTP, POP3, IMAP. A command is kept
 * until its final reply tells what has become of it. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "content_rules.h"
#include "content_session.h"

struct verb {
    const char *pattern; /* of the command line; IMAP: behind the tag */
    enum content_command command;
};

static const struct verb ftp_verbs[] = {
    {"user *", COMMAND_LOGIN},  {"pass*", COMMAND_LOGIN},     {"stor *", COMMAND_CREATE},
    {"appe *", COMMAND_CREATE}, {"stou*", COMMAND_CREATE},    {"mkd *", COMMAND_CREATE},
    {"xmkd *", COMMAND_CREATE}, {"port *", COMMAND_OUTBOUND}, {"eprt *", COMMAND_OUTBOUND},
    {NULL, COMMAND_OTHER},
};
static const struct verb smtp_verbs[] = {
    {"helo *", COMMAND_HELLO},
    {"ehlo *", COMMAND_HELLO},
    {"auth *", COMMAND_LOGIN},
    {NULL, COMMAND_OTHER},
};
static const struct verb pop3_verbs[] = {
    {"user *", COMMAND_NAME},  {"pass *", COMMAND_LOGIN}, {"apop *", COMMAND_LOGIN},
    {"auth *", COMMAND_LOGIN}, {NULL, COMMAND_OTHER},
};
static const struct verb imap_verbs[] = {
    {"login *", COMMAND_LOGIN},
    {"authenticate *", COMMAND_LOGIN},
    {NULL, COMMAND_OTHER},
};

enum reply { REPLY_MORE, REPLY_OK, REPLY_FAILURE, REPLY_DENIED, REPLY_NONE };

/* RFC 959 and 5321: three digits and a blank; a hyphen where lines of the same reply follow. */
static enum reply numbered_reply(const char *line, const char *const *denials)
{
    if (strspn(line, "0123456789") != 3 || (line[3] != ' ' && line[3] != '\0'))
        return REPLY_NONE;
    if (rule_any(denials, line))
        return REPLY_DENIED;
    if (line[0] == '2')
        return REPLY_OK;
    return line[0] >= '4' ? REPLY_FAILURE : REPLY_MORE;
}

static enum reply ftp_reply(const char *line)
{
    static rule_table denials = {"530*", "430*", NULL};

    return numbered_reply(line, denials);
}

static enum reply smtp_reply(const char *line)
{
    static rule_table denials = {"535*", NULL};

    return numbered_reply(line, denials);
}

static enum reply pop3_reply(const char *line)
{
    if (rule_match("+ok*", line))
        return REPLY_OK;
    return rule_match("-err*", line) ? REPLY_DENIED : REPLY_NONE;
}

/* Tags are the client's and no '*' or '+'. */
static enum reply imap_reply(const char *line)
{
    const char *status = line + strcspn(line, " ");

    if (line[0] == '*' || line[0] == '+')
        return REPLY_NONE;
    if (rule_match(" ok*", status))
        return REPLY_OK;
    if (rule_match(" no*", status))
        return REPLY_DENIED;
    return rule_match(" bad*", status) ? REPLY_FAILURE : REPLY_NONE;
}

static const struct dialect {
    const struct verb *verbs;
    enum reply (*reply)(const char *line);
    const char *name; /* of the command whose first argument is the user's */
} dialects[CONTENT_SERVICES] = {
    [CONTENT_FTP] = {ftp_verbs, ftp_reply, "user *"},
    [CONTENT_SMTP] = {smtp_verbs, smtp_reply, NULL},
    [CONTENT_POP3] = {pop3_verbs, pop3_reply, "user *"},
    [CONTENT_IMAP] = {imap_verbs, imap_reply, "login *"},
};

static enum content_command command_of(const struct verb *verb, const char *line)
{
    while (verb->pattern != NULL && !rule_match(verb->pattern, line))
        verb++;
    return verb->command;
}

/* The first argument, without its quotation marks; cut off from the rest. */
static char *argument(char *line)
{
    char *word = line + strcspn(line, " ");
    const char *end = " ";

    word += strspn(word, " ");
    if (*word == '"') {
        word++;
        end = "\"";
    }
    word[strcspn(word, end)] = '\0';
    return word;
}

/* RFC 959: PORT h1,h2,h3,h4,p1,p2. */
static bool port_address(char *text, char *address)
{
    for (int i = 0; i < 3; i++) {
        char *comma = strchr(text, ',');

        if (comma == NULL)
            return false;
        *comma = '.';
    }
    text[strcspn(text, ",")] = '\0';
    return inet_pton(AF_INET, text, address) == 1;
}

/* RFC 2428: EPRT |1|132.235.1.2|6275| and EPRT |2|1080::8:800:200C:417A|5282|. */
static bool eprt_address(char *text, char *address)
{
    if (text[0] != '|' || (text[1] != '1' && text[1] != '2') || text[2] != '|')
        return false;
    text[3 + strcspn(text + 3, "|")] = '\0';
    return inet_pton(text[1] == '1' ? AF_INET : AF_INET6, text + 3, address) == 1;
}

static bool names_another(const struct session *session, char *line)
{
    bool extended = rule_match("eprt*", line);
    char *text = argument(line);
    struct ip_addr named = {{0}};
    char *address = (char *)named.bytes;

    return (extended ? eprt_address(text, address) : port_address(text, address)) &&
           memcmp(&named, &session->client, sizeof named) != 0;
}

/* A daemon that prompts as a shell does has been taken over. */
static void judge_prompt(const struct session *session, struct content_counts *counts)
{
    bool root = false;

    if (!rule_prompt(session->prompt, &root))
        return;
    content_count(&counts->num_shells);
    if (root)
        counts->root_shell = 1;
}

static void judge(const struct session *session, const char *line, struct content_counts *counts)
{
    if (counts->logged_in && session->user == USER_ROOT)
        content_count(&counts->num_root);
    if (session->service != CONTENT_FTP)
        return;
    if (rule_hot_command(line))
        content_count(&counts->hot);
    if (rule_any(rule_access_files, line))
        content_count(&counts->num_access_files);
}

/* RFC 3501: a literal of n bytes follows a line that ends in {n} or {n+}, and then the rest of the
 * line. Returns whether one does. */
static bool expect_literal(struct session *session, enum content_side side, const char *line)
{
    const char *brace = strrchr(line, '{');

    if (brace == NULL || strchr(brace, '}') == NULL)
        return false;
    session->body[side] = (uint32_t)strtoul(brace + 1, NULL, 10);
    return true;
}

/* Does the line belong to a message, or to the command before it? Tells it of the next one too. */
static bool continues(struct session *session, const char *line)
{
    bool continued = session->message;

    if (session->service == CONTENT_IMAP)
        session->message = expect_literal(session, CONTENT_CLIENT, line);
    else if (continued)
        session->message = strcmp(line, ".") != 0;
    return continued;
}

void reply_command(struct session *session, char *line, struct content_counts *counts)
{
    const struct dialect *dialect = &dialects[session->service];

    judge_prompt(session, counts);
    if (continues(session, line))
        return;
    if (session->service == CONTENT_IMAP) { /* behind the tag */
        line += strcspn(line, " ");
        line += strspn(line, " ");
    }
    if (*line == '\0')
        return;
    session->command = command_of(dialect->verbs, line);
    if (session->command != COMMAND_LOGIN)
        judge(session, line, counts);
    if (dialect->name != NULL && rule_match(dialect->name, line))
        session_user(session, argument(line), counts);
    else if (session->command == COMMAND_OUTBOUND && names_another(session, line))
        content_count(&counts->num_outbound_cmds);
}

static void confirm(struct session *session, struct content_counts *counts)
{
    if (session->command == COMMAND_LOGIN)
        session_login(session, counts);
    else if (session->command == COMMAND_HELLO)
        counts->logged_in = 1;
    else if (session->command == COMMAND_CREATE)
        content_count(&counts->num_file_creations);
}

void reply_answer(struct session *session, char *line, struct content_counts *counts)
{
    enum reply reply = dialects[session->service].reply(line);

    if (session->service == CONTENT_IMAP)
        expect_literal(session, CONTENT_SERVER, line);
    if (session->service == CONTENT_IMAP && rule_match("* preauth*", line))
        counts->logged_in = 1;
    if (rule_any(rule_root_words, line))
        counts->root_shell = 1;
    if (session->service == CONTENT_SMTP && rule_match("354*", line))
        session->message = true;
    if (reply == REPLY_NONE || reply == REPLY_MORE)
        return;
    if (reply == REPLY_OK)
        confirm(session, counts);
    else if (reply == REPLY_DENIED && session->command == COMMAND_LOGIN)
        session_failure(session, counts);
    session->command = COMMAND_OTHER;
}
