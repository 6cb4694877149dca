/* da3dd --score: tables and a model to one score per row, as CSV. */
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "modes.h"
#include "table_scoring.h"

struct counts {
    unsigned long long rows, alerts;
};

static int print_score(void *ctx, const char *label, const struct da3d_score *score)
{
    struct counts *counts = ctx;

    (void)label;
    if (counts->rows == 0)
        puts("logit,score,p_value,alert");
    counts->rows++;
    counts->alerts += score->alert;
    printf("%.9g,%.9g,%.6g,%d\n", (double)score->logit, score->score, score->p_value, score->alert);
    return ferror(stdout) ? -1 : 0;
}

int mode_table_score(const struct options *options, const struct stored_model *stored)
{
    struct counts counts = {0};

    if (table_scoring_run(options, stored->model, print_score, &counts) < 0)
        return EXIT_FAILURE;
    if (!options->quiet)
        log_info("%llu rows scored, %llu alerts", counts.rows, counts.alerts);
    return EXIT_SUCCESS;
}
