/* privileges.h - what the service may do: while it starts, what that needs; from then on its work
 * alone. The only module that knows libcap-ng.
 *
 * Capabilities, no_new_privs and Landlock are each thread's own, and a new thread has its maker's.
 * So the process must have one thread while it drops them; BLAS's, which start before main(), are
 * kept from starting. */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include "config.h"

/* Runs the program again, with these words, where its libraries may have started threads. Returns 0
 * where they have not, or -1 with errno. */
int privileges_restart_alone(char **argv);

/* Started as root: becomes the user, with CAP_NET_RAW alone. name: NULL: nobody else. Else: stays
 * who it is. Returns 0, or -1 with *error. */
int privileges_become(const char *name, struct da3d_error *error);

/* One way in which the process is confined. */
struct confinement_measure {
    bool on;
    char detail[64]; /* what holds, or why it is off; may be "" */
};

struct confinement {
    struct confinement_measure user, capabilities, seccomp, landlock;
};

/* Once all is open, and before any thread is started: drops all capabilities but CAP_NET_RAW (and
 * that too unless config->privileges.reopen), for good, and applies the filters that config asks
 * for. What config names, and config_file (NULL: none) itself, can still be opened. out: what is in
 * force then. Returns 0, or -1 with *error: then some of it may have been done. */
int privileges_confine(const struct config *config, const char *config_file,
                       struct confinement *out, struct da3d_error *error);

/* All of it in one line: "user on (da3dd), ..., Landlock off (privileges.landlock is false)". */
enum { CONFINEMENT_TEXT = 384 };
void confinement_text(const struct confinement *confinement, char out[CONFINEMENT_TEXT]);

/* The same for a retraining: it keeps no capability, and nothing of what config names can be opened
 * but the live model's folder, that of models, and, to read, the spool and the marks. */
int privileges_confine_training(const struct config *config, const char *models,
                                struct da3d_error *error);

/* Takes CAP_NET_RAW from the calling thread, and from those that it starts from now on.
 * Returns 0, or -1 with *error. */
int privileges_drop_all(struct da3d_error *error);

#endif
