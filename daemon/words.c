#include "words.h"

#include <string.h>

#include "csv.h"

const char *words_next(const char *list, char *word, size_t size)
{
    char raw[SCHEMA_VALUE_MAX];
    size_t length = strcspn(list, ",");
    size_t kept = length < sizeof raw ? length : sizeof raw - 1;

    memcpy(raw, list, kept);
    raw[kept] = '\0';
    csv_escape(raw, word, size);
    return list[length] ? list + length + 1 : NULL;
}

bool words_hold(const char *list, const char *word)
{
    char item[SCHEMA_VALUE_MAX];

    while (list) {
        list = words_next(list, item, sizeof item);
        if (strcmp(item, word) == 0)
            return true;
    }
    return false;
}
