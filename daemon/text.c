#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "features/nanos.h"

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

/* Seconds are rounded down, so that the rest counts forward before 1970 too. */
void text_time(int64_t ns, char out[TEXT_TIME])
{
    const int64_t rest = (ns % NANOS_PER_SECOND + NANOS_PER_SECOND) % NANOS_PER_SECOND;
    const time_t seconds = (ns - rest) / NANOS_PER_SECOND;
    struct tm tm;
    size_t n;

    gmtime_r(&seconds, &tm);
    n = strftime(out, TEXT_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, TEXT_TIME - n, ".%06" PRId64 "+0000", rest / 1000);
}

void text_epoch(int64_t ns, char out[TEXT_TIME])
{
    const uint64_t magnitude = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

    snprintf(out, TEXT_TIME, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
             magnitude / NANOS_PER_SECOND, magnitude % NANOS_PER_SECOND);
}
