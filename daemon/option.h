/* option.h - an option of the command line: how it is written and explained. */
#ifndef DAEMON_OPTION_H
#define DAEMON_OPTION_H

#include <stdint.h>

struct option_text {
    char letter; /* that says the same; 0: none */
    const char *name;
    const char *argument; /* what its value is called; NULL: takes none */
    const char *help;     /* lines, without a line feed behind the last */
};

/* Prints the option's lines of --help. */
void option_print(const struct option_text *option);

/* Reads a whole number from 0 to max. Returns 0, or -1 (already reported). */
int option_uint(const char *name, const char *text, uint64_t max, uint64_t *out);

#endif
