#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    pthread_mutex_t lock; /* of all that follows but helper */
    pthread_cond_t work, done;
    void (*job)(void *ctx, size_t i);
    void *ctx;
    size_t n, next; /* jobs, and the first that nobody took */
    size_t left;    /* not done yet */
    bool ending;
    unsigned n_helpers;
    pthread_t helper[CREW_THREADS_MAX];
};

/* Takes jobs while there are any. The lock is held, but during a job. */
static void take_jobs(struct crew *crew)
{
    while (crew->next < crew->n) {
        size_t i = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        crew->job(crew->ctx, i);
        pthread_mutex_lock(&crew->lock);
        crew->left--;
    }
    if (crew->left == 0) {
        pthread_cond_signal(&crew->done);
    }
}

static void *help(void *ctx)
{
    struct crew *crew = ctx;
    pthread_mutex_lock(&crew->lock);
    while (!crew->ending) {
        take_jobs(crew);
        if (!crew->ending) {
            pthread_cond_wait(&crew->work, &crew->lock);
        }
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Returns 0, or -1 with errno; the crew then has the helpers that could be started. */
static int start_helpers(struct crew *crew, unsigned n)
{
    sigset_t all, held;
    int failed = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &held);
    while (failed == 0 && crew->n_helpers < n) {
        failed = pthread_create(&crew->helper[crew->n_helpers], NULL, help, crew);
        crew->n_helpers += failed == 0 ? 1 : 0;
    }
    pthread_sigmask(SIG_SETMASK, &held, NULL);
    errno = failed != 0 ? failed : errno;
    return failed != 0 ? -1 : 0;
}

struct crew *crew_new(unsigned threads)
{
    struct crew *crew = calloc(1, sizeof *crew);
    if (crew == NULL) {
        return NULL;
    }
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work, NULL);
    pthread_cond_init(&crew->done, NULL);
    if (start_helpers(crew, threads - 1) != 0) {
        crew_free(crew);
        return NULL;
    }
    return crew;
}

void crew_free(struct crew *crew)
{
    if (crew == NULL) {
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    pthread_cond_broadcast(&crew->work);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->n_helpers; i++) {
        pthread_join(crew->helper[i], NULL);
    }
    pthread_cond_destroy(&crew->work);
    pthread_cond_destroy(&crew->done);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

void crew_run(struct crew *crew, size_t n, void (*job)(void *ctx, size_t i), void *ctx)
{
    if (crew == NULL || n == 1) {
        for (size_t i = 0; i < n; i++) {
            job(ctx, i);
        }
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->job = job;
    crew->ctx = ctx;
    crew->n = crew->left = n;
    crew->next = 0;
    pthread_cond_broadcast(&crew->work);
    take_jobs(crew);
    while (crew->left > 0) {
        pthread_cond_wait(&crew->done, &crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
}

unsigned crew_processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > CREW_THREADS_MAX ? CREW_THREADS_MAX : (unsigned)n;
}
