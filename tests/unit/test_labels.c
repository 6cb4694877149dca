/* Which flows belong to which attack. What is wrong in a file is tested from outside. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/labels.h"

static void load(struct labels *labels, const char *text)
{
    char path[] = "/tmp/da3dd-labels-XXXXXX";
    struct da3d_error error = {""};
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");

    fputs(text, file);
    fclose(file);
    cr_assert_eq(labels_load(labels, path, &error), 0, "%s", error.text);
    unlink(path);
}

static struct flow flow_between(uint8_t src, uint8_t dst, int64_t start_ns)
{
    return (struct flow){
        .id = {.src = {{10, 0, 0, src}}, .dst = {{10, 0, 0, dst}}, .ip_version = 4},
        .start_ns = start_ns,
    };
}

Test(labels, either_end_within_the_time)
{
    struct labels labels;
    struct flow flow;

    load(&labels, "label,address,start,end\n"
                  "scan,10.0.0.1,1.5,2.5\n"
                  "flood,10.0.0.2,,\n"
                  "scan,10.0.0.3,10,\n");
    cr_assert_eq(labels.n_kinds, 2);
    flow = flow_between(1, 9, 1500000000);
    cr_expect_str_eq(labels.kinds[labels_find(&labels, &flow)], "scan");
    flow = flow_between(9, 1, 2500000000);
    cr_expect_str_eq(labels.kinds[labels_find(&labels, &flow)], "scan");
    flow = flow_between(1, 9, 2500000001);
    cr_expect_eq(labels_find(&labels, &flow), -1);
    flow = flow_between(1, 9, 1499999999);
    cr_expect_eq(labels_find(&labels, &flow), -1);
    flow = flow_between(9, 2, -5);
    cr_expect_str_eq(labels.kinds[labels_find(&labels, &flow)], "flood");
    flow = flow_between(3, 2, 11000000000);
    cr_expect_str_eq(labels.kinds[labels_find(&labels, &flow)], "flood", "the first line decides");
    flow = flow_between(8, 9, 0);
    cr_expect_eq(labels_find(&labels, &flow), -1);
    labels_clear(&labels);
}

Test(labels, nothing_is_held_after_a_failure)
{
    char path[] = "/tmp/da3dd-labels-XXXXXX";
    struct da3d_error error;
    struct labels labels;
    FILE *file = fdopen(mkstemp(path), "w");

    fputs("label,address,start,end\nscan,10.0.0.1,,\nflood,10.0.0,,\n", file);
    fclose(file);
    cr_expect_eq(labels_load(&labels, path, &error), -1);
    cr_expect_null(labels.rules);
    cr_expect_null(labels.kinds);
    cr_expect_eq(labels.n_rules, 0);
    unlink(path);
}

Test(labels, versions_of_ip_do_not_mix)
{
    struct labels labels;
    struct flow flow = flow_between(1, 2, 0);

    load(&labels, "label,address,start,end\nodd,a00:1::,,\n");
    cr_expect_eq(labels_find(&labels, &flow), -1);
    flow.id.ip_version = 6;
    cr_expect_eq(labels_find(&labels, &flow), 0);
    labels_clear(&labels);
}
