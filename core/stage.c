#include "stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"

struct buffers {
    size_t *order; /* n_rows row numbers, reshuffled every epoch */
    float *batch;  /* (batch, columns) */
};

static void gather(const struct stage *stage, const size_t *order, size_t n, float *batch)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(batch + i * stage->columns, stage->rows + order[i] * stage->columns,
               stage->columns * sizeof *batch);
    }
}

/* Returns the mean loss; not finite as soon as a batch's is not. */
static double run_epoch(const struct stage *stage, const struct buffers *buffers)
{
    double sum = 0;
    rng_shuffle(stage->shuffle, buffers->order, stage->n_rows);
    for (size_t done = 0; done < stage->n_rows && isfinite(sum); done += stage->batch) {
        size_t left = stage->n_rows - done;
        size_t n = left < stage->batch ? left : stage->batch;
        gather(stage, buffers->order + done, n, buffers->batch);
        sum += stage->train(stage->ctx, buffers->batch, n) * (double)n;
    }
    return sum / (double)stage->n_rows;
}

/* What stage_run() was given to answer with. */
struct answer {
    const struct da3d_watch *watch;
    double *loss;
    struct da3d_error *error;
};

static bool report(const struct stage *stage, uint32_t epoch, double loss,
                   const struct answer *answer)
{
    struct da3d_progress p = {
        .stage = stage->kind,
        .epoch = epoch,
        .epochs = stage->epochs,
        .fraction = stage->done + stage->share * epoch / stage->epochs,
    };
    *(stage->kind == DA3D_STAGE_AAE ? &p.reconstruction : &p.alarm) = loss;
    return answer->watch == NULL || answer->watch->progress(answer->watch->ctx, &p);
}

static int run_epochs(const struct stage *stage, const struct buffers *buffers,
                      const struct answer *answer)
{
    for (uint32_t epoch = 1; epoch <= stage->epochs; epoch++) {
        double loss = run_epoch(stage, buffers);
        if (!isfinite(loss)) {
            return da3d_fail(answer->error, "diverged in epoch %u of stage %d", epoch,
                             stage->kind == DA3D_STAGE_AAE ? 1 : 2);
        }
        *answer->loss = loss;
        if (!report(stage, epoch, loss, answer)) {
            return da3d_fail(answer->error, "stopped");
        }
    }
    return 0;
}

int stage_run(const struct stage *stage, const struct da3d_watch *watch, double *loss,
              struct da3d_error *error)
{
    struct buffers buffers = {
        .order = malloc(stage->n_rows * sizeof *buffers.order),
        .batch = matrix_alloc(stage->batch, stage->columns),
    };
    int result = 0;
    if (buffers.order == NULL || buffers.batch == NULL) {
        result = da3d_fail(error, "out of memory");
    } else {
        for (size_t i = 0; i < stage->n_rows; i++) {
            buffers.order[i] = i;
        }
        result = run_epochs(stage, &buffers, &(struct answer){watch, loss, error});
    }
    free(buffers.order);
    free(buffers.batch);
    return result;
}
