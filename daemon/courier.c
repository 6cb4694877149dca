#include "courier.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "queue.h"

enum { CAPACITY = 256, LOOK_MS = 1000, LAST_CHANCE_S = 1 };

struct courier {
    courier_deliver *deliver;
    struct queue *parcels;
    pthread_t thread;
    bool started;
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
    return courier;
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
    return NULL;
}

/* parcel: its line is taken over. */
static void send_parcel(struct courier *courier, const struct parcel *parcel)
{
    if (!courier->started)
        courier->started = pthread_create(&courier->thread, NULL, run, courier) == 0;
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

/* A thread that does not come back keeps what it holds: the process is about to end. */
static bool thread_ends(struct courier *courier)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LAST_CHANCE_S;
    return !courier->started || pthread_timedjoin_np(courier->thread, NULL, &until) == 0;
}

void courier_free(struct courier *courier)
{
    if (!courier)
        return;
    queue_close(courier->parcels);
    if (!thread_ends(courier)) {
        pthread_detach(courier->thread);
        return;
    }
    queue_free(courier->parcels);
    free(courier);
}

void courier_close(void *state)
{
    courier_free(state);
}
