#include "timing.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void print(struct task *task, unsigned threads, size_t repeats)
{
    qsort(task->seconds, repeats, sizeof task->seconds[0], by_value);
    printf("%s %u %.6f %.6f\n", task->name, threads, 1e3 * task->seconds[repeats / 2],
           1e-9 * task->flop);
}

void timing_run(struct task *tasks, size_t n, unsigned threads, double seconds)
{
    const clockid_t clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    size_t repeats = 0;
    for (size_t i = 0; i < n; i++) {
        openblas_set_num_threads(tasks[i].blas_threads);
        tasks[i].work(tasks[i].ctx);
    }
    const double end = now(CLOCK_MONOTONIC) + seconds;
    while (repeats < 3 || (repeats < TIMING_REPEATS_MAX && now(CLOCK_MONOTONIC) < end)) {
        for (size_t i = 0; i < n; i++) {
            openblas_set_num_threads(tasks[i].blas_threads);
            double start = now(clock);
            tasks[i].work(tasks[i].ctx);
            tasks[i].seconds[repeats] = now(clock) - start;
        }
        repeats++;
    }
    for (size_t i = 0; i < n; i++) {
        print(&tasks[i], threads, repeats);
    }
}
