#include "cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/schema.h"
#include "features/public_hash.h"

static const char blanks[] = " \t";

/* Length of text without the blanks behind it. */
static size_t trimmed(const char *text, size_t n)
{
    while (n > 0 && strchr(blanks, text[n - 1]))
        n--;
    return n;
}

static bool is_missing(const char *text, size_t n)
{
    static const char *const words[] = {"", "nan", "na", "n/a", "null", "none", "?", "-"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncasecmp(text, words[i], n) == 0)
            return true;
    return false;
}

static bool is_infinity(const char *text, size_t n, double *number)
{
    size_t sign = n > 0 && (*text == '+' || *text == '-');
    bool is;

    is = (n - sign == 3 && strncasecmp(text + sign, "inf", 3) == 0) ||
         (n - sign == 8 && strncasecmp(text + sign, "infinity", 8) == 0);
    if (is)
        *number = *text == '-' ? -HUGE_VAL : HUGE_VAL;
    return is;
}

enum cell cell_parse(const char *text, double *number)
{
    size_t n;
    char *end;
    double value;

    text += strspn(text, blanks);
    n = trimmed(text, strlen(text));
    if (n > 0 && strspn(text, "0123456789+-.eE") == n && strpbrk(text, "0123456789")) {
        value = strtod(text, &end);
        if (end == text + n) {
            *number = value;
            return isfinite(value) ? CELL_NUMBER : CELL_INFINITE;
        }
    }
    if (is_missing(text, n))
        return CELL_MISSING;
    return is_infinity(text, n, number) ? CELL_INFINITE : CELL_TEXT;
}

double cell_identity(const char *text)
{
    static const uint8_t public_key[crypto_shorthash_KEYBYTES] = "da3dd cell id v1";
    double number;
    size_t n;

    text += strspn(text, blanks);
    n = trimmed(text, strlen(text));
    if (cell_parse(text, &number) == CELL_NUMBER && schema_is_identity(number))
        return number;
    return (double)public_hash((const uint8_t *)text, n, public_key);
}

bool cell_is_empty(const char *text)
{
    return text[strspn(text, blanks)] == '\0';
}
