#include "log.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 0))) static void log_line(const char *level, const char *format,
                                                           va_list args)
{
    char text[1024];

    vsnprintf(text, sizeof text, format, args);
    fprintf(stderr, "da3dd: %s%s\n", level, text);
}

void log_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("error: ", format, args);
    va_end(args);
}

int log_fail(const char *what, const char *reason)
{
    log_error("%s: %s", what, reason);
    return -1;
}

void log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("warning: ", format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("", format, args);
    va_end(args);
}
