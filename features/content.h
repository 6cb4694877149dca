/* content.h - KDD'99's content features: what the clear text of a session says. */
#ifndef FEATURES_CONTENT_H
#define FEATURES_CONTENT_H

#include <stdint.h>

/* KDD'99's columns 10 to 22, in its order and under its names ("is_host_login" is the data set's
 * own spelling of the hot login). Flags are 0 or 1; numbers stop at UINT16_MAX. All 0 where nothing
 * could be seen. */
struct content_counts {
    uint16_t hot;
    uint16_t num_failed_logins;
    uint16_t logged_in; /* flag */
    uint16_t num_compromised;
    uint16_t root_shell;   /* flag */
    uint16_t su_attempted; /* flag */
    uint16_t num_root;
    uint16_t num_file_creations;
    uint16_t num_shells;
    uint16_t num_access_files;
    uint16_t num_outbound_cmds;
    uint16_t is_host_login;  /* flag */
    uint16_t is_guest_login; /* flag */
};

#endif
