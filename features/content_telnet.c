/* content_telnet.c - a login by Telnet, and the shell behind it. What is entered is told by the
 * server's prompt in front of it: a name, a password, a command. */
#include <string.h>

#include "content_rules.h"
#include "content_session.h"

/* One simple command of a shell. */
static void judge(const char *command, struct content_counts *counts)
{
    if (rule_hot_command(command))
        content_count(&counts->hot);
    if (rule_any(rule_access_files, command))
        content_count(&counts->num_access_files);
    if (rule_any(rule_shells, command))
        content_count(&counts->num_shells);
    if (rule_any(rule_creations, command) || rule_redirects(command))
        content_count(&counts->num_file_creations);
    if (rule_any(rule_su, command))
        counts->su_attempted = 1;
}

/* A line may join several simple commands. */
static void judge_each(char *line, struct content_counts *counts)
{
    char *rest = NULL;

    for (char *command = strtok_r(line, ";|&", &rest); command != NULL;
         command = strtok_r(NULL, ";|&", &rest)) {
        size_t blanks = strspn(command, " \t");
        size_t end = strlen(command);

        while (end > blanks && command[end - 1] == ' ')
            command[--end] = '\0';
        if (end > blanks)
            judge(command + blanks, counts);
    }
}

static void enter_command(struct session *session, char *line, struct content_counts *counts)
{
    bool root = false;

    if (rule_prompt(session->prompt, &root) && !counts->logged_in)
        session_login(session, counts);
    if (!counts->logged_in)
        return;
    session->credentials = false;
    if (root)
        counts->root_shell = 1;
    if (root && *line != '\0')
        content_count(&counts->num_root);
    judge_each(line, counts);
}

void telnet_input(struct session *session, char *line, struct content_counts *counts)
{
    if (rule_any(rule_password_prompts, session->prompt))
        session->credentials = true;
    else if (!counts->logged_in && rule_any(rule_name_prompts, session->prompt))
        session_user(session, line, counts);
    else
        enter_command(session, line, counts);
}

void telnet_output(struct session *session, char *line, struct content_counts *counts)
{
    if (session->credentials && rule_any(rule_login_successes, line) && !counts->logged_in)
        session_login(session, counts);
    else if (session->credentials && rule_any(rule_login_failures, line))
        session_failure(session, counts);
    if (counts->logged_in && rule_any(rule_compromised, line))
        content_count(&counts->num_compromised);
    if (rule_any(rule_root_words, line))
        counts->root_shell = 1;
}
