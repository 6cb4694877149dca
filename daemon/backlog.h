/* backlog.h - the latest lines, numbered, for readers that are not all equally far. */
#ifndef DAEMON_BACKLOG_H
#define DAEMON_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

struct backlog_line {
    char *text; /* owned */
    size_t length, room;
};

struct backlog {
    struct backlog_line *lines; /* a ring: line i at i % capacity */
    size_t capacity;
    uint64_t end; /* number of the line to come; the first is 0 */
};

/* Returns 0, or -1 with errno ENOMEM. */
int backlog_init(struct backlog *backlog, size_t capacity);
void backlog_clear(struct backlog *backlog);

/* Number of the oldest line that is there. */
uint64_t backlog_begin(const struct backlog *backlog);

/* The line must be there. Valid until capacity more have been added. */
const struct backlog_line *backlog_at(const struct backlog *backlog, uint64_t number);

/* Copies the line over the oldest one if it is full. Returns 0, or -1 with errno ENOMEM: nothing
 * has changed. */
int backlog_add(struct backlog *backlog, const char *text, size_t length);

#endif
