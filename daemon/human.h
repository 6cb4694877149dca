/* human.h - sizes and ends of flows as people read them. */
#ifndef DAEMON_HUMAN_H
#define DAEMON_HUMAN_H

enum { HUMAN_BYTES = 16, HUMAN_END = 64 };

/* "1.2 GiB": a text that is many of one unit. */
void human_bytes(double bytes, char out[HUMAN_BYTES]);

/* "192.0.2.7:443", "[2001:db8::7]:443"; where port is "", the address alone. */
void human_end(const char *ip, const char *port, char out[HUMAN_END]);

#endif
