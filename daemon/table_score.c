/* da3dd --score: tables and a model to one score per row, as CSV. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "modes.h"
#include "store.h"
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

static int score_with(const struct options *options, const struct stored_model *stored)
{
    struct counts counts = {0};
    int rc = table_scoring_run(options, stored->model, print_score, &counts);

    if (ferror(stdout) || fflush(stdout) == EOF) {
        log_error("standard output: %s", strerror(errno));
        rc = -1;
    }
    if (rc == 0 && !options->quiet)
        log_info("%llu rows scored, %llu alerts", counts.rows, counts.alerts);
    return rc;
}

int mode_table_score(const struct options *options)
{
    struct stored_model stored;
    struct da3d_error error;
    int rc;

    if (store_load(options->model, &stored, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return EXIT_FAILURE;
    }
    rc = score_with(options, &stored);
    store_clear(&stored);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
