#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const int64_t second = 1000000000;

void text_addr(const struct ip_addr *addr, uint8_t ip_version, char out[TEXT_ADDR])
{
    inet_ntop(ip_version == 4 ? AF_INET : AF_INET6, addr->bytes, out, TEXT_ADDR);
}

void text_proto(uint8_t proto, char out[TEXT_PROTO])
{
    static const struct {
        uint8_t proto;
        const char *name;
    } names[] = {
        {IP_PROTO_ICMP, "ICMP"},        {IP_PROTO_TCP, "TCP"},   {IP_PROTO_UDP, "UDP"},
        {IP_PROTO_ICMPV6, "IPv6-ICMP"}, {IP_PROTO_SCTP, "SCTP"},
    };

    snprintf(out, TEXT_PROTO, "%u", proto);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].proto == proto)
            snprintf(out, TEXT_PROTO, "%s", names[i].name);
}

/* Splits into whole seconds and the nanoseconds after them, also before 1970. */
static int64_t split(int64_t ns, int64_t *rest)
{
    int64_t seconds = ns / second;

    *rest = ns % second;
    if (*rest < 0) {
        *rest += second;
        seconds--;
    }
    return seconds;
}

void text_time(int64_t ns, char out[TEXT_TIME])
{
    int64_t rest;
    time_t seconds = split(ns, &rest);
    struct tm tm;
    size_t n;

    gmtime_r(&seconds, &tm);
    n = strftime(out, TEXT_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, TEXT_TIME - n, ".%06" PRId64 "+0000", rest / 1000);
}

void text_epoch(int64_t ns, char out[TEXT_TIME])
{
    int64_t rest;
    int64_t seconds = split(ns, &rest);

    snprintf(out, TEXT_TIME, "%" PRId64 ".%09" PRId64, seconds, rest);
}
