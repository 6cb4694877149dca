#include "content.h"

#include <stdlib.h>
#include <string.h>

#include "content_session.h"

enum { LINE_MAX_BYTES = 255, TLS_HANDSHAKE = 0x16 };

/* Where in Telnet's and a terminal's control sequences a side is (RFC 854, ECMA-48). */
enum escape { TEXT, COMMAND, OPTION, PARAMETERS, PARAMETERS_COMMAND, ESCAPE, CSI, OSC };

struct side {
    uint32_t next; /* sequence number of the next byte; only if started */
    uint32_t seen; /* bytes */
    bool started;
    bool lost;                     /* part of the present line was not seen: it does not count */
    bool after_cr;                 /* Telnet: the last character ended a line */
    uint8_t escape;                /* Telnet: enum escape */
    uint8_t len;                   /* of line */
    char line[LINE_MAX_BYTES + 1]; /* the present line's first bytes, NUL-terminated */
};

struct content {
    struct session session;
    struct side side[2];
};

static const struct {
    content_line *input, *output;
} protocols[CONTENT_SERVICES] = {
    [CONTENT_FTP] = {reply_command, reply_answer},
    [CONTENT_TELNET] = {telnet_input, telnet_output},
    [CONTENT_SMTP] = {reply_command, reply_answer},
    [CONTENT_POP3] = {reply_command, reply_answer},
    [CONTENT_IMAP] = {reply_command, reply_answer},
    [CONTENT_HTTP] = {http_request, http_response},
};

bool content_possible(const struct packet *packet)
{
    return packet->proto == IP_PROTO_TCP && packet->payload_cap > 0 && !packet->fragment;
}

void content_counts_continue(struct content_counts *counts)
{
    *counts = (struct content_counts){
        .logged_in = counts->logged_in,
        .root_shell = counts->root_shell,
        .su_attempted = counts->su_attempted,
        .is_host_login = counts->is_host_login,
        .is_guest_login = counts->is_guest_login,
    };
}

static enum content_service guess_by_words(const uint8_t *data, size_t n)
{
    static const struct {
        char words[10];
        enum content_service service;
    } openings[] = {
        {"GET ", CONTENT_HTTP},     {"POST ", CONTENT_HTTP},      {"HEAD ", CONTENT_HTTP},
        {"PUT ", CONTENT_HTTP},     {"OPTIONS ", CONTENT_HTTP},   {"DELETE ", CONTENT_HTTP},
        {"CONNECT ", CONTENT_HTTP}, {"PROPFIND ", CONTENT_HTTP},  {"PATCH ", CONTENT_HTTP},
        {"HTTP/1.", CONTENT_HTTP},  {"* OK", CONTENT_IMAP},       {"* PREAUTH", CONTENT_IMAP},
        {"+OK", CONTENT_POP3},      {"EHLO ", CONTENT_SMTP},      {"HELO ", CONTENT_SMTP},
        {"USER ", CONTENT_FTP},     {"\xff\xfb", CONTENT_TELNET}, {"\xff\xfd", CONTENT_TELNET},
    };

    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        size_t len = strnlen(openings[i].words, sizeof openings[i].words);

        if (n >= len && memcmp(data, openings[i].words, len) == 0)
            return openings[i].service;
    }
    return CONTENT_NONE;
}

static enum content_service guess_by_port(uint16_t port)
{
    switch (port) {
    case 21: return CONTENT_FTP;
    case 23: return CONTENT_TELNET;
    case 25:
    case 587: return CONTENT_SMTP;
    case 80:
    case 3128:
    case 8000:
    case 8080: return CONTENT_HTTP;
    case 110: return CONTENT_POP3;
    case 143: return CONTENT_IMAP;
    default: return CONTENT_NONE;
    }
}

enum content_service content_guess(uint16_t port, const uint8_t *data, size_t n)
{
    enum content_service service = guess_by_words(data, n);

    return service != CONTENT_NONE ? service : guess_by_port(port);
}

struct content *content_new(enum content_service service, const struct ip_addr *client)
{
    struct content *content = calloc(1, sizeof *content);

    if (content == NULL)
        return NULL;
    content->session.service = service;
    content->session.client = *client;
    content->session.prompt = content->side[CONTENT_SERVER].line;
    return content;
}

void content_free(struct content *content)
{
    free(content);
}

size_t content_size(void)
{
    return sizeof(struct content);
}

static void clear_line(struct side *side)
{
    side->len = 0;
    side->line[0] = '\0';
}

static void append(struct side *side, const void *text, size_t n)
{
    size_t room = LINE_MAX_BYTES - side->len;

    if (n > room)
        n = room;
    memcpy(side->line + side->len, text, n);
    side->len = (uint8_t)(side->len + n);
    side->line[side->len] = '\0';
}

static void end_line(struct content *content, enum content_side which,
                     struct content_counts *counts)
{
    struct side *side = &content->side[which];
    enum content_service service = content->session.service;
    content_line *line =
        which == CONTENT_SERVER ? protocols[service].output : protocols[service].input;

    if (side->len > 0 && side->line[side->len - 1] == '\r')
        side->line[side->len - 1] = '\0';
    if (!side->lost)
        line(&content->session, side->line, counts);
    side->lost = false;
    clear_line(side);
}

/* n bytes of a side were not seen. */
static void lose(struct content *content, enum content_side which, uint32_t n)
{
    uint32_t *body = &content->session.body[which];

    if (n <= *body) {
        *body -= n;
        return;
    }
    *body = 0;
    content->side[which].lost = true;
    content->side[which].escape = TEXT;
    clear_line(&content->side[which]);
}

/* Returns how many bytes, at least one, were taken: a body's or a line's, or a part of it. */
static size_t take_line(struct content *content, enum content_side which, const uint8_t *data,
                        size_t n, struct content_counts *counts)
{
    struct side *side = &content->side[which];
    uint32_t *body = &content->session.body[which];
    const uint8_t *end;
    size_t len;

    if (*body > 0) {
        len = n < *body ? n : *body;
        *body -= (uint32_t)len;
        return len;
    }
    if (which == CONTENT_CLIENT && side->len == 0 && !side->lost && data[0] == TLS_HANDSHAKE) {
        content->session.closed = true;
        return n;
    }
    end = memchr(data, '\n', n);
    len = end != NULL ? (size_t)(end - data) : n;
    append(side, data, len);
    if (end == NULL)
        return n;
    end_line(content, which, counts);
    return len + 1;
}

/* Follows control sequences. Is the byte a character outside of them? */
static bool is_text(struct side *side, uint8_t byte)
{
    enum { SE = 240, SB = 250, WILL = 251, DONT = 254, IAC = 255, ESC = 27, BELL = 7 };

    switch ((enum escape)side->escape) {
    case TEXT: side->escape = byte == IAC ? COMMAND : byte == ESC ? ESCAPE : TEXT; break;
    case COMMAND:
        side->escape = byte == SB ? PARAMETERS : byte >= WILL && byte <= DONT ? OPTION : TEXT;
        return false;
    case OPTION: side->escape = TEXT; return false;
    case PARAMETERS: side->escape = byte == IAC ? PARAMETERS_COMMAND : PARAMETERS; return false;
    case PARAMETERS_COMMAND: side->escape = byte == SE ? TEXT : PARAMETERS; return false;
    case ESCAPE:
        side->escape = byte == '[' ? CSI : byte == ']' ? OSC : byte == 'O' ? OPTION : TEXT;
        return false;
    case CSI: side->escape = byte >= '@' && byte <= '~' ? TEXT : CSI; return false;
    case OSC: side->escape = byte == BELL ? TEXT : byte == ESC ? OPTION : OSC; return false;
    }
    return side->escape == TEXT;
}

static void edit(struct side *side, char c)
{
    enum { BACKSPACE = 8, DELETE = 127, CTRL_C = 3, CTRL_U = 21 };

    if (c == BACKSPACE || c == DELETE) {
        if (side->len > 0)
            side->line[--side->len] = '\0';
    } else if (c == CTRL_C || c == CTRL_U) {
        clear_line(side);
    } else if (c >= ' ' || c == '\t' || c < 0) {
        append(side, &c, 1);
    }
}

/* A client ends a line by CR NUL or CR LF (RFC 854), a server by CR LF. */
static size_t take_character(struct content *content, enum content_side which, const uint8_t *data,
                             struct content_counts *counts)
{
    struct side *side = &content->side[which];
    bool after_cr = side->after_cr;

    if (!is_text(side, data[0]))
        return 1;
    side->after_cr = which == CONTENT_CLIENT && data[0] == '\r';
    if (side->after_cr || (data[0] == '\n' && !after_cr))
        end_line(content, which, counts);
    else
        edit(side, (char)data[0]);
    return 1;
}

static void take(struct content *content, enum content_side which, const uint8_t *data, size_t n,
                 struct content_counts *counts)
{
    while (n > 0 && !content->session.closed) {
        size_t taken = content->session.service == CONTENT_TELNET
                           ? take_character(content, which, data, counts)
                           : take_line(content, which, data, n, counts);

        data += taken;
        n -= taken;
    }
}

bool content_add(struct content *content, const struct packet *packet, bool from_server,
                 struct content_counts *counts)
{
    enum content_side which = from_server ? CONTENT_SERVER : CONTENT_CLIENT;
    struct side *side = &content->side[which];
    uint32_t seq = packet->tcp_seq + (packet->tcp_flags & TCP_SYN ? 1 : 0);
    uint32_t known = side->started ? side->next - seq : 0; /* modulo 2^32: "negative" after a gap */
    uint32_t seen;

    if (known > INT32_MAX) {
        lose(content, which, -known);
        known = 0;
    }
    if (known >= packet->payload_len)
        return true;
    side->started = true;
    side->next = seq + packet->payload_len;
    if (known < packet->payload_cap) {
        side->seen += packet->payload_cap - known;
        take(content, which, packet->payload + known, packet->payload_cap - known, counts);
    }
    seen = known > packet->payload_cap ? known : packet->payload_cap;
    if (seen < packet->payload_len)
        lose(content, which, packet->payload_len - seen);
    return !content->session.closed && side->seen < CONTENT_BYTES;
}
