/* content_rules.h - the words that content features count, as tables, and how text is compared with
 * them. */
#ifndef FEATURES_CONTENT_RULES_H
#define FEATURES_CONTENT_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* A pattern matches a whole text; '*' stands for any characters, also none, '?' for one. Patterns
 * are in lower case; the case of the text's ASCII letters does not matter. Time: the product of
 * both lengths. */
bool rule_match(const char *pattern, const char *text);

/* Tables end in NULL. */
typedef const char *const rule_table[];

bool rule_any(const char *const *patterns, const char *text);

/* Names of users. */
extern rule_table rule_guests;       /* guest accounts */
extern rule_table rule_hot_users;    /* hot where the login succeeds */
extern rule_table rule_absurd_users; /* hot whenever tried */

/* Command lines of shells; the first two, FTP commands too. */
bool rule_hot_command(const char *text);
extern rule_table rule_access_files; /* HTTP requests too */
extern rule_table rule_su;
extern rule_table rule_shells;
extern rule_table rule_creations;

/* HTTP request lines. */
extern rule_table rule_hot_requests;

/* What a Telnet server prints. */
extern rule_table rule_name_prompts;
extern rule_table rule_password_prompts;
extern rule_table rule_login_failures;
extern rule_table rule_login_successes;
extern rule_table rule_compromised;
extern rule_table rule_root_words;

/* Is it a shell's prompt, perhaps with what has been entered at it so far? Then *root tells whether
 * it is that of root. */
bool rule_prompt(const char *text, bool *root);

/* Does a shell command write its output to a file? */
bool rule_redirects(const char *command);

#endif
