/* content_http.c - HTTP/1: requests and the answers to them; bodies are skipped. */
#include <stdlib.h>
#include <string.h>

#include "content_rules.h"
#include "content_session.h"

/* Keeps what a header says of the body; at the empty line behind the headers, skips it. Chunks
 * are lines among lines, of which none looks like a request or an answer. */
static void header(struct session *session, enum content_side side, const char *line)
{
    if (*line == '\0') {
        bool none = side == CONTENT_SERVER && session->bodiless;

        session->body[side] = none ? 0 : session->length[side];
        session->length[side] = 0;
    } else if (rule_match("content-length:*", line)) {
        session->length[side] = (uint32_t)strtoul(strchr(line, ':') + 1, NULL, 10);
    }
}

/* A method and what it asks for; the line may be cut off behind. */
static bool is_request(const char *line)
{
    size_t method = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return method >= 3 && line[method] == ' ' && strchr("/h*", line[method + 1]) != NULL;
}

static enum content_command command_of(const char *line)
{
    if (rule_match("put *", line) || rule_match("mkcol *", line))
        return COMMAND_CREATE;
    return rule_match("head *", line) ? COMMAND_HEAD : COMMAND_OTHER;
}

void http_request(struct session *session, char *line, struct content_counts *counts)
{
    if (rule_match("authorization:*", line))
        session->credentials = true;
    if (!is_request(line)) {
        header(session, CONTENT_CLIENT, line);
        return;
    }
    session->length[CONTENT_CLIENT] = 0;
    session->command = command_of(line);
    session->credentials = false;
    session->hot = rule_any(rule_hot_requests, line);
    if (session->hot)
        content_count(&counts->hot);
    if (rule_any(rule_access_files, line))
        content_count(&counts->num_access_files);
}

static void confirm(struct session *session, bool success, struct content_counts *counts)
{
    counts->logged_in = 1;
    if (!success)
        return;
    if (session->hot)
        content_count(&counts->num_compromised);
    if (session->command == COMMAND_CREATE)
        content_count(&counts->num_file_creations);
    session->hot = false;
}

void http_response(struct session *session, char *line, struct content_counts *counts)
{
    long code;

    if (!rule_match("http/1.? *", line)) {
        header(session, CONTENT_SERVER, line);
        return;
    }
    code = strtol(strchr(line, ' '), NULL, 10);
    session->length[CONTENT_SERVER] = 0;
    session->bodiless = code < 200 || code == 204 || code == 304 || //
                        session->command == COMMAND_HEAD;
    if (code >= 200 && code < 400)
        confirm(session, code < 300, counts);
    else if (code == 401 && session->credentials)
        session_failure(session, counts);
}
