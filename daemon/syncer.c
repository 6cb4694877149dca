#include "syncer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

struct syncer {
    int fd;
    pthread_t thread;
    bool started;
    bool failing; /* it has been said */
    atomic_bool written;
    pthread_mutex_t lock; /* of stop */
    pthread_cond_t stopping;
    bool stop;
};

struct syncer *syncer_new(int fd)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    pthread_condattr_t attributes;

    if (!syncer)
        return NULL;
    syncer->fd = fd;
    pthread_mutex_init(&syncer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&syncer->stopping, &attributes);
    pthread_condattr_destroy(&attributes);
    return syncer;
}

static void sync_if_written(struct syncer *syncer)
{
    int rc;

    if (!atomic_exchange(&syncer->written, false))
        return;
    rc = fdatasync(syncer->fd);
    if (rc < 0 && !syncer->failing)
        log_warning("spool: cannot be written to the disk: %s", strerror(errno));
    syncer->failing = rc < 0;
}

/* Returns whether it is to go on. */
static bool wait_a_second(struct syncer *syncer)
{
    struct timespec until;
    bool stop;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&syncer->lock);
    while (!syncer->stop && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&syncer->stopping, &syncer->lock, &until);
    stop = syncer->stop;
    pthread_mutex_unlock(&syncer->lock);
    return !stop;
}

static void *run(void *ctx)
{
    struct syncer *syncer = ctx;

    while (wait_a_second(syncer))
        sync_if_written(syncer);
    return NULL;
}

int syncer_start(struct syncer *syncer)
{
    errno = pthread_create(&syncer->thread, NULL, run, syncer);
    syncer->started = errno == 0;
    return syncer->started ? 0 : -1;
}

void syncer_free(struct syncer *syncer)
{
    if (!syncer)
        return;
    if (syncer->started) {
        pthread_mutex_lock(&syncer->lock);
        syncer->stop = true;
        pthread_cond_signal(&syncer->stopping);
        pthread_mutex_unlock(&syncer->lock);
        pthread_join(syncer->thread, NULL);
    }
    sync_if_written(syncer);
    pthread_cond_destroy(&syncer->stopping);
    pthread_mutex_destroy(&syncer->lock);
    free(syncer);
}

void syncer_written(struct syncer *syncer)
{
    atomic_store(&syncer->written, true);
}
