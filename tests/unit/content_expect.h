/* content_expect.h - compares content counts and names those that differ. */
#ifndef TESTS_UNIT_CONTENT_EXPECT_H
#define TESTS_UNIT_CONTENT_EXPECT_H

#include <criterion/criterion.h>
#include <string.h>

#include "features/content.h"

static inline void expect_counts(const char *name, const struct content_counts *got,
                                 const struct content_counts *expected)
{
    static const char *const names[] = {
        "hot",
        "num_failed_logins",
        "logged_in",
        "num_compromised",
        "root_shell",
        "su_attempted",
        "num_root",
        "num_file_creations",
        "num_shells",
        "num_access_files",
        "num_outbound_cmds",
        "is_host_login",
        "is_guest_login",
    };
    uint16_t a[13], b[13];

    memcpy(a, got, sizeof a);
    memcpy(b, expected, sizeof b);
    for (size_t i = 0; i < 13; i++)
        cr_expect_eq(a[i], b[i], "%s: %s is %d, not %d", name, names[i], a[i], b[i]);
}

#endif
