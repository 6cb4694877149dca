/* log.h - messages for people, one line each, on standard error. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "what: reason" as an error. Returns -1. */
int log_fail(const char *what, const char *reason);
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
