#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    unsigned char *records; /* a ring */
    size_t size, capacity;
    size_t first, n;
    size_t wanted; /* by a taker who waits; 0: nobody does */
    bool closed;
    uint64_t put, refused;
};

struct queue *queue_new(size_t capacity, size_t size)
{
    struct queue *queue = calloc(1, sizeof *queue);
    pthread_condattr_t attributes;

    if (!queue)
        return NULL;
    queue->records = calloc(capacity, size);
    if (!queue->records) {
        free(queue);
        return NULL;
    }
    queue->size = size;
    queue->capacity = capacity;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->filled, &attributes);
    pthread_condattr_destroy(&attributes);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    free(queue->records);
    free(queue);
}

/* i: less than twice the capacity. */
static size_t wrapped(const struct queue *queue, size_t i)
{
    return i < queue->capacity ? i : i - queue->capacity;
}

static unsigned char *record_at(const struct queue *queue, size_t i)
{
    return queue->records + wrapped(queue, queue->first + i) * queue->size;
}

enum put { PUT, FULL, CLOSED };

static enum put try_to_put(struct queue *queue, const void *record)
{
    enum put result = PUT;

    pthread_mutex_lock(&queue->lock);
    if (queue->closed) {
        result = CLOSED;
    } else if (queue->n == queue->capacity) {
        result = FULL;
    } else {
        memcpy(record_at(queue, queue->n), record, queue->size);
        queue->n++;
        queue->put++;
        if (queue->n == queue->wanted)
            pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return result;
}

bool queue_put(struct queue *queue, const void *record)
{
    return queue_put_until(queue, record, 0);
}

/* Looks every millisecond: who has to wait is in no hurry. */
bool queue_put_until(struct queue *queue, const void *record, int64_t until_ns)
{
    enum put result = try_to_put(queue, record);

    while (result == FULL && until_ns > 0 && steady_ns() < until_ns) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        result = try_to_put(queue, record);
    }
    if (result == PUT)
        return true;
    pthread_mutex_lock(&queue->lock);
    queue->refused++;
    pthread_mutex_unlock(&queue->lock);
    return false;
}

static struct timespec after(unsigned ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void wait_for_records(struct queue *queue, size_t wanted, unsigned wait_ms)
{
    struct timespec deadline = after(wait_ms);
    int rc = 0;

    queue->wanted = wanted;
    while (queue->n < wanted && !queue->closed && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&queue->filled, &queue->lock, &deadline);
    queue->wanted = 0;
}

size_t queue_take(struct queue *queue, void *out, size_t max, unsigned wait_ms)
{
    unsigned char *to = out;
    size_t n;

    pthread_mutex_lock(&queue->lock);
    if (wait_ms > 0)
        wait_for_records(queue, max < queue->capacity ? max : queue->capacity, wait_ms);
    n = queue->n < max ? queue->n : max;
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * queue->size, record_at(queue, i), queue->size);
    queue->first = wrapped(queue, queue->first + n);
    queue->n -= n;
    pthread_mutex_unlock(&queue->lock);
    return n;
}

size_t queue_clear(struct queue *queue)
{
    size_t n;

    pthread_mutex_lock(&queue->lock);
    n = queue->n;
    queue->n = 0;
    pthread_mutex_unlock(&queue->lock);
    return n;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

bool queue_ended(struct queue *queue)
{
    bool ended;

    pthread_mutex_lock(&queue->lock);
    ended = queue->closed && queue->n == 0;
    pthread_mutex_unlock(&queue->lock);
    return ended;
}

void queue_stats(struct queue *queue, struct queue_stats *out)
{
    pthread_mutex_lock(&queue->lock);
    *out = (struct queue_stats){queue->put, queue->refused, queue->n, queue->capacity};
    pthread_mutex_unlock(&queue->lock);
}
