/* timing.h - how long pieces of work take, side by side. */
#ifndef TESTS_BENCH_TIMING_H
#define TESTS_BENCH_TIMING_H

#include <stddef.h>

enum { TIMING_REPEATS_MAX = 1000 };

struct task {
    const char *name;
    void (*work)(void *ctx);
    void *ctx;
    int blas_threads; /* that BLAS may use meanwhile */
    double flop;      /* of the products in it */
    double seconds[TIMING_REPEATS_MAX];
};

/* Runs the tasks in turn, each once to warm up, then for so many seconds and at least three times,
 * so that a disturbance hits all of them, and prints for each a line
 *
 *     NAME THREADS MEDIAN-MILLISECONDS GFLOP
 *
 * threads: 1: the calling thread's processor time is measured, which other programs' work does not
 * count in; else the time that passes. */
void timing_run(struct task *tasks, size_t n, unsigned threads, double seconds);

#endif
