#include "option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

void option_print(const struct option_text *option)
{
    enum { COLUMN = 23 }; /* where help begins */
    const char letter[] = {'-', option->letter, ',', ' ', '\0'};
    int width = printf("  %s--%s%s%s", option->letter ? letter : "", option->name,
                       option->argument ? " " : "", option->argument ? option->argument : "");

    if (width >= COLUMN) {
        putchar('\n');
        width = 0;
    }
    for (const char *line = option->help; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        printf("%*s%.*s\n", COLUMN - width, "", (int)strcspn(line, "\n"), line);
        width = 0;
    }
}

int option_uint(const char *name, const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || *out > max) {
        log_error("--%s: '%s' is not a whole number from 0 to %llu", name, text,
                  (unsigned long long)max);
        return -1;
    }
    return 0;
}
