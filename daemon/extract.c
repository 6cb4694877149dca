/* da3dd --extract: captures to CSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "modes.h"
#include "pipeline.h"
#include "text.h"

static void print_header(const struct feature_set *set)
{
    fputs("src_ip,src_port,dest_ip,dest_port,proto,start", stdout);
    for (size_t i = 0; i < set->n_columns; i++)
        printf(",%s", set->columns[i].name);
    putchar('\n');
}

static void print_identity(const struct flow *flow)
{
    char src[TEXT_ADDR], dst[TEXT_ADDR], proto[TEXT_PROTO], start[TEXT_TIME];

    text_addr(&flow->id.src, flow->id.ip_version, src);
    text_addr(&flow->id.dst, flow->id.ip_version, dst);
    text_proto(flow->id.proto, proto);
    text_epoch(flow->start_ns, start);
    printf("%s,%u,%s,%u,%s,%s", src, flow->id.sport, dst, flow->id.dport, proto, start);
}

static int print_row(void *ctx, const struct flow *flow, const double *x)
{
    const struct feature_set *set = ctx;

    print_identity(flow);
    for (size_t i = 0; i < set->n_columns; i++) {
        if (isnan(x[i]))
            printf(",%s", feature_sentinel(set, x, i));
        else if (set->columns[i].values != NULL)
            printf(",%s", feature_category(&set->columns[i], x[i]));
        else
            printf(",%.17g", x[i]);
    }
    putchar('\n');
    return ferror(stdout) ? -1 : 0;
}

int mode_extract(const struct options *options)
{
    const struct feature_set *set = options->meter.rule ? options->meter.rule->set
                                    : options->set      ? options->set
                                                        : *feature_sets();
    struct meter_config config = options->meter;
    struct pipeline_stats stats;
    union {
        const struct feature_set *set;
        void *ctx;
    } ctx = {.set = set};
    int rc;

    config.set = set;
    print_header(set);
    rc = pipeline_run(&options->inputs, options->filter, &config, print_row, ctx.ctx, &stats);
    if (rc < 0)
        return EXIT_FAILURE;
    if (!options->quiet)
        pipeline_log_stats(&stats);
    return EXIT_SUCCESS;
}
