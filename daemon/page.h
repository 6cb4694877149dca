/* page.h - an explanation as a page for people. */
#ifndef DAEMON_PAGE_H
#define DAEMON_PAGE_H

#include <json-c/json.h>
#include <stdio.h>

/* explanation: of explanation_object(); fields that are missing are left empty. */
void page_print(struct json_object *explanation, FILE *stream);

#endif
