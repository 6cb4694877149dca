#include "content_rules.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool rule_match(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL; /* the last '*', and what it has not yet taken */

    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern == '?' || *pattern == lower(*text)) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool rule_any(const char *const *patterns, const char *text)
{
    for (; *patterns != NULL; patterns++)
        if (rule_match(*patterns, text))
            return true;
    return false;
}

/* Lee and Stolfo: "guest" logins are those of anonymous, guest and visitor. */
rule_table rule_guests = {"anonymous", "ftp", "guest", "visitor", NULL};

/* After Bro 1.5, hot_ids and always_hot_ids of hot-ids.bro; adm is Lee and Stolfo's. */
rule_table rule_hot_users = {
    "root",     "toor", "adm",     "administrator", "system", "sys",  "sysadm",
    "operator", "diag", "sysdiag", "sundiag",       "sysop",  "smtp", "daemon",
    "uucp",     "lp",   "sync",    "demos",         NULL,
};
rule_table rule_absurd_users = {
    "rewt",     "r00t",   "ruut",       "4dgifts", "ezsetup",    "outofbox", "nuucp",
    "backdoor", "bionic", "check*mate", "warhead", "y0uar3ownd", "wank",     NULL,
};

/* Lee and Stolfo: access to system directories, ... */
static rule_table system_paths = {
    "* /etc",      "* /etc/*",           "* /dev/*",   "* /root*",    "* /boot*",
    "* /proc/*",   "* /sbin*",           "* /bin*",    "* /usr/bin*", "* /usr/sbin*",
    "* /var/log*", "* /var/spool/cron*", "*../../..*", NULL,
};

/* ... creation and execution of programs; ... */
static rule_table programs = {
    "cc *",       "gcc *",    "make",     "make *",     "./*",         "/tmp/*", "chmod *+x*",
    "chmod *+s*", "chmod 4*", "chmod 7*", "site exec*", "site chmod*", NULL,
};

/* ... and what Bro's login.bro calls trouble in the input: traces and tools of intruders. */
static rule_table trouble = {
    "*unset*hist*", "history -c*", "*rewt*",      "*eggdrop*", "*/bin/eject*",
    "*loadmodule*", "*shellcode*", "*execshell*", "rm -rf /*", "ncat *",
    "nc *",         "cd ...*",     "mkdir ...*",  NULL,
};

bool rule_hot_command(const char *text)
{
    return rule_any(system_paths, text) || rule_any(programs, text) || rule_any(trouble, text);
}

rule_table rule_access_files = {
    "*/etc/passwd*",     "*master.passwd*", "*/etc/shadow*", "*/etc/gshadow*",
    "*/etc/group*",      "*/etc/sudoers*",  "*hosts.equiv*", "*hosts.allow*",
    "*hosts.deny*",      "*.rhosts*",       "*.shosts*",     "*.netrc*",
    "*authorized_keys*", "*.htpasswd*",     "*.htaccess*",   NULL,
};

rule_table rule_su = {
    "su",         "su -",        "su -l",  "su -c*",   "su root*",
    "su - root*", "su -l root*", "sudo *", "*/bin/su", NULL,
};

rule_table rule_shells = {
    "sh",
    "bash",
    "dash",
    "csh",
    "tcsh",
    "ksh",
    "zsh",
    "sh -i",
    "bash -i",
    "/bin/*sh",
    "/bin/*sh -i",
    "/usr/bin/*sh",
    "/usr/bin/*sh -i",
    "*pty.spawn*",
    NULL,
};

rule_table rule_creations = {
    "touch *", "mkdir *", "mknod *", "cp *",  "ln *",      "tee *",      "install *", "tar *x*",
    "unzip *", "wget *",  "vi *",    "vim *", "nano *",    "ed *",       "emacs *",   "dd *of=*",
    "rcp *",   "scp *",   "gcc *",   "cc *",  "curl *-o*", "uudecode *", NULL,
};

/* Each asks for something that no page links to. A run of slashes is KDD'99's attack "back". */
rule_table rule_hot_requests = {
    "*/../*",         "*..%2f*",      "*..%5c*",     "*%00*",          "*////*",
    "*/cgi-bin/phf*", "*cmd.exe*",    "*/bin/sh*",   "*/bin/bash*",    "*/etc/passwd*",
    "*/etc/shadow*",  "*/etc/hosts*", "*/.ssh/*",    "*/.git/*",       "*/.env *",
    "*${jndi:*",      "*<script*",    "*%3cscript*", "*union*select*", NULL,
};

rule_table rule_name_prompts = {"*login:*", "*username:*", "*user:*", NULL};
rule_table rule_password_prompts = {"*password*:*", "*passcode*:*", NULL};
rule_table rule_login_failures = {
    "*incorrect*",           "*login failed*",       "*invalid*",
    "*authentication fail*", "*authorization fail*", "*sorry*",
    "*access denied*",       "*tries exceeded*",     NULL,
};
rule_table rule_login_successes = {"*last login*", "*last successful login*", NULL};

/* Lee and Stolfo: file or path "not found" errors, and "Jump to" instructions. */
rule_table rule_compromised = {
    "*not found*", "*no such file*", "*jumping to address*", "*jumping address*", NULL,
};
rule_table rule_root_words = {"*uid=0(*", NULL};

bool rule_prompt(const char *text, bool *root)
{
    const char *mark = strpbrk(text, "#$%>");

    while (mark != NULL && mark[1] != ' ' && mark[1] != '\0')
        mark = strpbrk(mark + 1, "#$%>");
    if (mark == NULL)
        return false;
    *root = *mark == '#';
    return true;
}

bool rule_redirects(const char *command)
{
    const char *to = strchr(command, '>');

    if (to == NULL || (to > command && to[-1] == '2'))
        return false;
    to += strspn(to, "> ");
    return *to != '\0' && strncmp(to, "/dev/", 5) != 0;
}
