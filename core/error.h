/* error.h - why something failed, in words for a person. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

struct da3d_error {
    char text[256]; /* one line, no full stop, without the file's name: the caller knows it */
};

/* Formats the reason; always returns -1, so that callers can `return da3d_fail(...)`. */
int da3d_fail(struct da3d_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
