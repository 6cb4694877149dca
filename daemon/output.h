/* output.h - where events go. Each kind of output is one struct output_kind in a file of its own;
 * the service holds a list of open ones and gives each event to all. All run on the main thread. */
#ifndef DAEMON_OUTPUT_H
#define DAEMON_OUTPUT_H

#include "config.h"
#include "judge.h"
#include "loop.h"

enum output_event_kind { OUTPUT_SCORE, OUTPUT_ALERT, OUTPUT_STATS, OUTPUT_MODEL };

struct output_event {
    enum output_event_kind kind;
    const char *line; /* the JSON, with its newline; borrowed */
    size_t length;
    const struct verdict *verdict; /* NULL where no flow is meant; borrowed */
};

struct output_counts {
    uint64_t written;  /* lines, for sockets: to each reader */
    uint64_t dropped;  /* lines that found no room or could not be written, likewise */
    uint64_t withheld; /* lines beyond the rate */
    uint64_t readers;  /* of a socket, now */
};

/* What outputs find in the process that opens them. */
struct output_context {
    struct loop *loop;
    /* Gives a descriptor, the caller's, of the listening socket at path that the process was
     * started with, or -1 where it has none. NULL: it was started with none. */
    int (*inherited)(const char *path);
};

struct output_kind {
    const char *type; /* in the configuration */
    /* config: borrowed for the call. Returns the open output's own state, NULL with *error. */
    void *(*open)(const struct config_output *config, const struct output_context *context,
                  struct da3d_error *error);
    void (*emit)(void *state, const struct output_event *event);
    /* Says that so many lines were beyond the rate. NULL: this kind has no rate. */
    void (*tell_withheld)(void *state, uint64_t lines);
    void (*reopen)(void *state); /* after log rotation; NULL: nothing to do */
    /* Fills all but withheld; *out is zero. */
    void (*counts)(const void *state, struct output_counts *out);
    /* Writes what it still holds, for which it may wait until then by steady_ns(). */
    void (*close)(void *state, int64_t until_ns);
};

extern const struct output_kind output_stdout, output_socket, output_file, output_journal,
    output_syslog;

struct outputs;

/* Opens all of the configuration's outputs. Returns NULL with *error. */
struct outputs *outputs_open(const struct config *config, const struct output_context *context,
                             struct da3d_error *error);
void outputs_emit(struct outputs *outputs, const struct output_event *event);
void outputs_reopen(struct outputs *outputs);
void outputs_close(struct outputs *outputs); /* NULL-safe; what is left has a second to arrive */

struct output_stats {
    const char *type,
        *path; /* path: "" where the type has none; borrowed while the output is open */
    struct output_counts counts;
};

/* Returns how many there are. */
size_t outputs_stats(const struct outputs *outputs, struct output_stats out[CONFIG_OUTPUTS_MAX]);

#endif
