#include "human.h"

#include <stdio.h>
#include <string.h>

void human_bytes(double bytes, char out[HUMAN_BYTES])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t i = 0;

    for (; bytes >= 1024 && i + 1 < sizeof units / sizeof *units; i++)
        bytes /= 1024;
    snprintf(out, HUMAN_BYTES, i == 0 ? "%.0f %s" : "%.1f %s", bytes, units[i]);
}

void human_end(const char *ip, const char *port, char out[HUMAN_END])
{
    if (!*port)
        snprintf(out, HUMAN_END, "%s", ip);
    else
        snprintf(out, HUMAN_END, strchr(ip, ':') ? "[%s]:%s" : "%s:%s", ip, port);
}
