#include "courier.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "queue.h"

enum { CAPACITY = 256, LOOK_MS = 1000 };

struct courier {
    courier_deliver *deliver;
    struct queue *parcels;
    pthread_t thread;
    bool started;
    atomic_int holders; /* its owner and its thread: the last one frees it */
    atomic_ullong delivered, lost;
};

struct courier *courier_new(courier_deliver *deliver, struct da3d_error *error)
{
    struct courier *courier = calloc(1, sizeof *courier);

    if (courier)
        courier->parcels = queue_new(CAPACITY, sizeof(struct parcel));
    if (!courier || !courier->parcels) {
        da3d_fail(error, "%s", strerror(errno));
        free(courier);
        return NULL;
    }
    courier->deliver = deliver;
    courier->holders = 1;
    return courier;
}

static void release(struct courier *courier)
{
    if (atomic_fetch_sub(&courier->holders, 1) > 1)
        return;
    queue_free(courier->parcels);
    free(courier);
}

static void *run(void *ctx)
{
    struct courier *courier = ctx;
    struct parcel parcel;

    while (!queue_ended(courier->parcels)) {
        if (queue_take(courier->parcels, &parcel, 1, LOOK_MS) == 0)
            continue;
        if (!courier->deliver(&parcel))
            courier->lost++;
        else if (parcel.line)
            courier->delivered++;
        free(parcel.line);
    }
    release(courier);
    return NULL;
}

static void start(struct courier *courier)
{
    courier->holders++;
    courier->started = pthread_create(&courier->thread, NULL, run, courier) == 0;
    if (!courier->started)
        courier->holders--;
}

/* parcel: its line is taken over. */
static void send_parcel(struct courier *courier, const struct parcel *parcel)
{
    if (!courier->started)
        start(courier);
    if (!courier->started || !queue_put(courier->parcels, parcel)) {
        courier->lost++;
        free(parcel->line);
    }
}

void courier_emit(void *state, const struct output_event *event)
{
    struct courier *courier = state;
    struct parcel parcel = {
        .line = strndup(event->line, event->length - 1),
        .alert = event->kind == OUTPUT_ALERT,
    };

    if (parcel.line)
        send_parcel(courier, &parcel);
    else
        courier->lost++;
}

void courier_tell_withheld(void *state, uint64_t lines)
{
    send_parcel(state, &(struct parcel){.withheld = lines});
}

void courier_counts(const void *state, struct output_counts *out)
{
    const struct courier *courier = state;

    out->written = courier->delivered;
    out->dropped = courier->lost;
}

/* A thread that is stuck is left to itself. */
static void wait_for_thread(struct courier *courier, int64_t until_ns)
{
    const struct timespec until = {.tv_sec = until_ns / NANOS_PER_SECOND,
                                   .tv_nsec = until_ns % NANOS_PER_SECOND};

    if (pthread_clockjoin_np(courier->thread, NULL, CLOCK_MONOTONIC, &until) != 0)
        pthread_detach(courier->thread);
}

void courier_close(void *state, int64_t until_ns)
{
    struct courier *courier = state;

    queue_close(courier->parcels);
    if (courier->started)
        wait_for_thread(courier, until_ns);
    release(courier);
}
