/* content.h - KDD'99's content features: what the clear text of a session says.
 *
 * Looks into FTP, Telnet, SMTP, POP3, IMAP and HTTP, recognised by their first bytes on any port,
 * else by the responder's port. Lines are put together in the order of TCP sequence numbers: a
 * retransmission counts once, a gap (also what the snapshot length cut off, and a segment out of
 * order) loses the line that it falls into. Inspection ends with the first 64 KiB of either
 * direction, and where TLS begins. It is no defence against evasion: nothing is buffered but a line
 * of each side, of which the first 255 bytes count.
 *
 * The rules give the words of the KDD'99 task description and of Lee and Stolfo ("A framework for
 * constructing features and models for intrusion detection systems", ACM TISSEC 3(4), 2000) a
 * meaning that fits how often a feature is set in the data set's own rows; user names and the
 * handling of Telnet follow Bro 1.5's hot-ids, login and ftp policies. The patterns are in
 * content_rules.c.
 *
 *   hot                 Commands and requests that touch system directories, create or run
 *                       programs, or carry an exploit's words; hot and guest logins (in KDD'99
 *                       nearly every guest login is hot); any attempt with a name that no person
 *                       has ("rewt").
 *   num_failed_logins   FTP 530 and 430 to a name or password, SMTP 535, POP3 -ERR and IMAP NO to
 *                       credentials, HTTP 401 to a request that carries some, a Telnet password
 *                       (also su's) that is answered by a message of failure.
 *   logged_in           FTP 230, POP3 +OK and IMAP OK to credentials, IMAP PREAUTH, Telnet's "Last
 *                       login" or first shell prompt. SMTP: HELO or EHLO is accepted; HTTP: a
 *                       request is answered by 2xx or 3xx; as in KDD'99, where 98 % and 92 % of
 *                       normal rows of these services have it.
 *   num_compromised     Telnet: "not found" errors and "Jumping to address" in the output of a
 *                       shell. HTTP: a hot request is answered by 2xx.
 *   root_shell          A root prompt ("#") at which something is entered, or "uid=0(root)".
 *   su_attempted        Telnet: su to root (su, su -, su root ...) or sudo.
 *   num_root            Commands as root: at a root prompt, or after a login as root.
 *   num_file_creations  Telnet: commands and redirections that create files. FTP STOR, APPE, STOU
 *                       and MKD, HTTP PUT and MKCOL: where the server confirms them.
 *   num_shells          Shells besides the login's own: started by a Telnet command, or prompting
 *                       in a protocol that has none.
 *   num_access_files    Commands and requests that name a file of access control (/etc/passwd,
 *                       .rhosts, authorized_keys ...).
 *   num_outbound_cmds   FTP PORT and EPRT to another host than the client (in KDD'99 all are 0).
 *   is_host_login       A login succeeded with a name of the hot list (root, system ...).
 *   is_guest_login      A login succeeded with a guest's name (anonymous, ftp, guest, visitor).
 *
 * A command counts at most once for each feature. Passwords are not looked at. */
#ifndef FEATURES_CONTENT_H
#define FEATURES_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

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

/* May the packet be a part of a session that says something? */
bool content_possible(const struct packet *packet);

/* For a session's next row: flags tell of the session so far and stay, numbers start anew. */
void content_counts_continue(struct content_counts *counts);

enum content_service {
    CONTENT_NONE,
    CONTENT_FTP,
    CONTENT_TELNET,
    CONTENT_SMTP,
    CONTENT_POP3,
    CONTENT_IMAP,
    CONTENT_HTTP,
    CONTENT_SERVICES
};

/* The service of a session, by the first bytes that one side sends, else by the responder's port.
 * CONTENT_NONE where it is none of these; what the server says first may leave it open. */
enum content_service content_guess(uint16_t port, const uint8_t *data, size_t n);

enum { CONTENT_BYTES = 64 * 1024 }; /* of either direction */

/* What is remembered of one session: fixed in size, whatever it says. */
struct content;

/* client: the originator's address, copied. Returns NULL with errno ENOMEM. */
struct content *content_new(enum content_service service, const struct ip_addr *client);
void content_free(struct content *content);
size_t content_size(void); /* bytes that each takes */

/* Adds what a TCP packet with payload says. Returns false where nothing more is to be seen in the
 * session: it may then be freed. Bounded time for each byte; no allocation. */
bool content_add(struct content *content, const struct packet *packet, bool from_server,
                 struct content_counts *counts);

#endif
