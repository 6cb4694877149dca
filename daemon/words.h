/* words.h - comma-separated lists of an option: names of columns, or labels.
 *
 * A word is taken as csv_escape() writes it, as the names and labels that it is compared with are:
 * so it may be given as the table has it, or as messages show it. */
#ifndef DAEMON_WORDS_H
#define DAEMON_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Takes the first word, cut where it does not fit. Returns the rest, NULL behind the last word. */
const char *words_next(const char *list, char *word, size_t size);

/* Is word, as csv_escape() writes it, one of the list? */
bool words_hold(const char *list, const char *word);

#endif
