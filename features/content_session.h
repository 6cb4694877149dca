/* content_session.h - what is known of a session while its lines are read; within content*.c. */
#ifndef FEATURES_CONTENT_SESSION_H
#define FEATURES_CONTENT_SESSION_H

#include "content.h"

enum content_side { CONTENT_CLIENT, CONTENT_SERVER };

/* What the client's last command waits for. */
enum content_command {
    COMMAND_OTHER,
    COMMAND_NAME,     /* a user's name; the password follows */
    COMMAND_LOGIN,    /* credentials, whole or the last part */
    COMMAND_HELLO,    /* SMTP's greeting */
    COMMAND_CREATE,   /* a file */
    COMMAND_OUTBOUND, /* a connection to the host that is named */
    COMMAND_HEAD,     /* HTTP: an answer without a body */
};

enum content_user { USER_OTHER, USER_GUEST, USER_HOT, USER_ROOT };

struct session {
    struct ip_addr client;        /* the originator */
    enum content_service service; /* never CONTENT_NONE */
    enum content_command command;
    enum content_user user; /* whose name was given last */
    bool hot;               /* HTTP: the last request was */
    bool credentials;       /* HTTP: the last request carries them; Telnet: a password was sent */
    bool message;           /* SMTP, IMAP: the client's next line is no command */
    bool bodiless;          /* HTTP: the last answer has no body, whatever its length says */
    bool closed;            /* nothing more is to be seen */
    uint32_t length[2];     /* HTTP: as the headers of this message say, by side */
    uint32_t body[2];       /* bytes to skip before the next line, by side */
    const char *prompt;     /* with a client's line: what the server's last line has so far */
};

/* line: without its end; theirs to change. */
typedef void content_line(struct session *session, char *line, struct content_counts *counts);

content_line telnet_input, telnet_output;
content_line reply_command, reply_answer; /* FTP, SMTP, POP3, IMAP */
content_line http_request, http_response;

static inline void content_count(uint16_t *number)
{
    if (*number < UINT16_MAX)
        (*number)++;
}

/* A name was given, or the login with it succeeded or failed. */
void session_user(struct session *session, const char *name, struct content_counts *counts);
void session_login(struct session *session, struct content_counts *counts);
void session_failure(struct session *session, struct content_counts *counts);

#endif
