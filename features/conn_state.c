#include "conn_state.h"

#include "packet.h"

const char *const conn_state_names[CONN_STATE_COUNT] = {
    [CONN_OTH] = "OTH",   [CONN_REJ] = "REJ",     [CONN_RSTO] = "RSTO", [CONN_RSTOS0] = "RSTOS0",
    [CONN_RSTR] = "RSTR", [CONN_RSTRH] = "RSTRH", [CONN_S0] = "S0",     [CONN_S1] = "S1",
    [CONN_S2] = "S2",     [CONN_S3] = "S3",       [CONN_SF] = "SF",     [CONN_SH] = "SH",
    [CONN_SHR] = "SHR",
};

/* The first that is heard of a side, if it opens or joins a connection. */
static void open_side(struct conn_sides *sides, enum conn_end sender, uint8_t flags, bool empty)
{
    uint8_t *own = &sides->now[sender], *peer = &sides->now[!sender];

    if (flags & TCP_SYN && sender == CONN_ORIGINATOR) {
        *own = CONN_SYN_SENT;
    } else if (flags & TCP_SYN) {
        *own = CONN_ESTABLISHED;
        if (*peer == CONN_SYN_SENT)
            *peer = CONN_ESTABLISHED;
    } else if (flags & TCP_ACK && *peer == CONN_ESTABLISHED) {
        *own = CONN_ESTABLISHED;                   /* its SYN was missed */
    } else if (!empty || *peer != CONN_SYN_SENT) { /* some acknowledge a SYN before they answer */
        *own = CONN_MIDSTREAM;
    }
}

static void close_side(struct conn_sides *sides, enum conn_end sender)
{
    uint8_t *peer = &sides->now[!sender];

    sides->now[sender] = CONN_CLOSED;
    if (*peer == CONN_RESET && sides->before_reset[!sender] == CONN_CLOSED)
        *peer = CONN_CLOSED; /* it sent FIN, then RST: as good as closed */
}

static void reset_side(struct conn_sides *sides, enum conn_end sender)
{
    uint8_t *own = &sides->now[sender];

    if (*own == CONN_CLOSED && sides->now[!sender] == CONN_CLOSED)
        return; /* nothing is left to reset */
    sides->before_reset[sender] = *own;
    *own = CONN_RESET;
}

void conn_update(struct conn_sides *sides, enum conn_end sender, uint8_t flags, bool empty)
{
    uint8_t *own = &sides->now[sender];
    bool ends = flags & (TCP_FIN | TCP_RST);

    if (*own == CONN_SILENT && (flags & TCP_SYN || !ends))
        open_side(sides, sender, flags, empty);
    else if (*own == CONN_MIDSTREAM && sides->now[!sender] == CONN_SILENT &&
             (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
        *own = CONN_SYN_SENT;
    if (*own == CONN_RESET)
        return;
    if (flags & TCP_RST)
        reset_side(sides, sender);
    else if (flags & TCP_FIN)
        close_side(sides, sender);
}

static bool unopened(uint8_t side)
{
    return side == CONN_SILENT || side == CONN_MIDSTREAM;
}

static enum conn_state reset_by_responder(uint8_t originator, bool empty)
{
    if (originator == CONN_SYN_SENT || (originator == CONN_RESET && empty))
        return CONN_REJ;
    return unopened(originator) ? CONN_RSTRH : CONN_RSTR;
}

static enum conn_state reset_by_originator(uint8_t before, uint8_t responder)
{
    if (!unopened(responder))
        return CONN_RSTO;
    return before == CONN_SYN_SENT ? CONN_RSTOS0 : CONN_OTH;
}

enum conn_state conn_state(const struct conn_sides *sides, bool empty)
{
    uint8_t originator = sides->now[CONN_ORIGINATOR], responder = sides->now[CONN_RESPONDER];

    if (responder == CONN_RESET)
        return reset_by_responder(originator, empty);
    if (originator == CONN_RESET)
        return reset_by_originator(sides->before_reset[CONN_ORIGINATOR], responder);
    if (originator == CONN_CLOSED && responder == CONN_CLOSED)
        return CONN_SF;
    if (originator == CONN_CLOSED)
        return unopened(responder) ? CONN_SH : CONN_S2;
    if (responder == CONN_CLOSED)
        return unopened(originator) ? CONN_SHR : CONN_S3;
    if (originator == CONN_SYN_SENT && responder == CONN_SILENT)
        return CONN_S0;
    if (originator == CONN_ESTABLISHED && responder == CONN_ESTABLISHED)
        return CONN_S1;
    return CONN_OTH;
}
