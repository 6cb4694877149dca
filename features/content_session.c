#include "content_session.h"

#include "content_rules.h"

void session_user(struct session *session, const char *name, struct content_counts *counts)
{
    session->user = USER_OTHER;
    if (rule_any(rule_guests, name))
        session->user = USER_GUEST;
    else if (rule_match("root", name))
        session->user = USER_ROOT;
    else if (rule_any(rule_hot_users, name))
        session->user = USER_HOT;
    if (rule_any(rule_absurd_users, name))
        content_count(&counts->hot);
}

void session_login(struct session *session, struct content_counts *counts)
{
    session->credentials = false;
    counts->logged_in = 1;
    if (session->user == USER_OTHER)
        return;
    content_count(&counts->hot);
    if (session->user == USER_GUEST)
        counts->is_guest_login = 1;
    else
        counts->is_host_login = 1;
}

void session_failure(struct session *session, struct content_counts *counts)
{
    session->credentials = false;
    content_count(&counts->num_failed_logins);
}
