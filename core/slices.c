#include "slices.h"

size_t slices_rows_max(size_t batch)
{
    const size_t whole = batch < 2 * SLICE_ROWS_MIN ? batch : 2 * SLICE_ROWS_MIN - 1;
    const size_t part = (batch + SLICES_MAX - 1) / SLICES_MAX;
    return whole > part ? whole : part;
}

/* One loss of all slices. */
struct losses {
    const struct slices *slices;
    double (*loss)(void *ctx, size_t slice, size_t first, size_t n);
    void *ctx;
    double of[SLICES_MAX];
};

static void loss_of_slice(void *ctx, size_t i)
{
    struct losses *l = ctx;
    l->of[i] = l->loss(l->ctx, i, slices_first(l->slices, i), slices_rows(l->slices, i));
}

double slices_mean(const struct slices *slices,
                   double (*loss)(void *ctx, size_t slice, size_t first, size_t n), void *ctx)
{
    struct losses losses = {.slices = slices, .loss = loss, .ctx = ctx};
    double mean = 0;
    crew_run(slices->crew, slices->n, loss_of_slice, &losses);
    for (size_t i = 0; i < slices->n; i++) {
        mean += slices_share(slices, i) * losses.of[i];
    }
    return mean;
}
