/* conn_state.h - how a TCP connection went, in the terms of KDD'99 and Zeek's conn_state.
 *
 * Each side goes through a few states of its own, moved by the flags that it sends and, where it
 * answers the handshake, by the other side's state; how the connection went is what both have come
 * to. Source: the documented meaning of Zeek's conn_state and, where that leaves room, how Zeek
 * behaves, whose forerunner Bro labelled KDD'99: a FIN out of nowhere is SH, as in a FIN scan; what
 * was under way when the capture began is judged by how it ends. Sequence numbers do not count. */
#ifndef FEATURES_CONN_STATE_H
#define FEATURES_CONN_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* In ascending order of their names by strcmp(), as a schema's categories are. */
enum conn_state {
    CONN_OTH,    /* under way all the time, or only parts of a handshake */
    CONN_REJ,    /* the originator's SYN was answered by RST */
    CONN_RSTO,   /* established, the originator sent RST */
    CONN_RSTOS0, /* the originator sent SYN, then RST; no SYN+ACK seen */
    CONN_RSTR,   /* established, the responder sent RST */
    CONN_RSTRH,  /* the responder sent RST, perhaps after SYN+ACK; no SYN seen */
    CONN_S0,     /* SYN, no answer */
    CONN_S1,     /* established, not closed */
    CONN_S2,     /* established, the originator alone sent FIN */
    CONN_S3,     /* established, the responder alone sent FIN */
    CONN_SF,     /* both sides sent FIN */
    CONN_SH,     /* the originator sent FIN, perhaps after SYN; no SYN+ACK seen */
    CONN_SHR,    /* the responder sent FIN, perhaps after SYN+ACK; no SYN seen */
    CONN_STATE_COUNT
};

extern const char *const conn_state_names[CONN_STATE_COUNT];

enum conn_end { CONN_ORIGINATOR, CONN_RESPONDER };

/* Where one side of a connection stands. */
enum conn_side {
    CONN_SILENT,      /* nothing that counts was heard of it */
    CONN_SYN_SENT,    /* asked, but was not answered yet */
    CONN_MIDSTREAM,   /* heard without a SYN before */
    CONN_ESTABLISHED, /* its SYN was answered, or it answered one */
    CONN_CLOSED,      /* sent FIN */
    CONN_RESET        /* sent RST */
};

/* Both sides, by enum conn_end: each an enum conn_side. Starts zeroed. */
struct conn_sides {
    uint8_t now[2];
    uint8_t before_reset[2]; /* what a side was when it sent RST */
};

/* Moves the sides on by one packet. flags: its enum tcp_flag; empty: it has no payload. O(1). */
void conn_update(struct conn_sides *sides, enum conn_end sender, uint8_t flags, bool empty);

/* How it went so far. empty: neither side sent any payload. */
enum conn_state conn_state(const struct conn_sides *sides, bool empty);

#endif
