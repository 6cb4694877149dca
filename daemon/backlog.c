#include "backlog.h"

#include <stdlib.h>
#include <string.h>

int backlog_init(struct backlog *backlog, size_t capacity)
{
    *backlog = (struct backlog){.capacity = capacity};
    backlog->lines = calloc(capacity, sizeof *backlog->lines);
    return backlog->lines ? 0 : -1;
}

void backlog_clear(struct backlog *backlog)
{
    for (size_t i = 0; backlog->lines && i < backlog->capacity; i++)
        free(backlog->lines[i].text);
    free(backlog->lines);
}

uint64_t backlog_begin(const struct backlog *backlog)
{
    return backlog->end > backlog->capacity ? backlog->end - backlog->capacity : 0;
}

const struct backlog_line *backlog_at(const struct backlog *backlog, uint64_t number)
{
    return &backlog->lines[number % backlog->capacity];
}

int backlog_add(struct backlog *backlog, const char *text, size_t length)
{
    struct backlog_line *line = &backlog->lines[backlog->end % backlog->capacity];

    if (length > line->room) {
        char *larger = malloc(length);

        if (!larger)
            return -1;
        free(line->text);
        line->text = larger;
        line->room = length;
    }
    memcpy(line->text, text, length);
    line->length = length;
    backlog->end++;
    return 0;
}
