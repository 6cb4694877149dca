/* ctl_print.h - what the service answers, for people. */
#ifndef DAEMON_CTL_PRINT_H
#define DAEMON_CTL_PRINT_H

#include <json-c/json.h>
#include <stdio.h>

/* Each prints a command's result; fields that are missing are left empty. */
typedef void ctl_printer(struct json_object *result, FILE *stream);

ctl_printer ctl_print_status, ctl_print_stats, ctl_print_threshold, ctl_print_rules, ctl_print_rule,
    ctl_print_done, ctl_print_top, ctl_print_explanation, ctl_print_models, ctl_print_model,
    ctl_print_marks;

#endif
