/* text.h - addresses, protocols and times as text. */
#ifndef DAEMON_TEXT_H
#define DAEMON_TEXT_H

#include <arpa/inet.h>
#include <stdint.h>

#include "features/packet.h"

enum { TEXT_ADDR = INET6_ADDRSTRLEN, TEXT_PROTO = 16, TEXT_TIME = 40 };

void text_addr(const struct ip_addr *addr, uint8_t ip_version, char out[TEXT_ADDR]);

/* "TCP", "UDP", "ICMP", "IPv6-ICMP", "SCTP" as Suricata writes them, else the number. */
void text_proto(uint8_t proto, char out[TEXT_PROTO]);

/* "2026-11-23T23:48:52.123456+0000"; ns: within +-2^62, as captures' are. */
void text_time(int64_t ns, char out[TEXT_TIME]);

/* "1795477732.123456789", the number of seconds: "-0.5" is "-0.500000000". */
void text_epoch(int64_t ns, char out[TEXT_TIME]);

#endif
