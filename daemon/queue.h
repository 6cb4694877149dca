/* queue.h - a bounded queue of records of one size between threads: many that put, one that takes.
 *
 * A full queue refuses a record, and counts it: the wire does not wait. */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/* Room for capacity records of size bytes. Returns NULL with errno ENOMEM. */
struct queue *queue_new(size_t capacity, size_t size);
void queue_free(struct queue *queue);

/* Copies the record in. Returns false if there is no room, or if the queue is closed. */
bool queue_put(struct queue *queue, const void *record);

/* The same, but waits for room until then, by steady_ns(). */
bool queue_put_until(struct queue *queue, const void *record, int64_t until_ns);

/* Moves up to max records to out, once there are max or wait_ms have passed. Returns how many. */
size_t queue_take(struct queue *queue, void *out, size_t max, unsigned wait_ms);

/* Throws away what is there. Returns how many records that were. */
size_t queue_clear(struct queue *queue);

/* Nothing can be put any more; what is there can still be taken. */
void queue_close(struct queue *queue);

/* Is it closed and empty? */
bool queue_ended(struct queue *queue);

struct queue_stats {
    uint64_t put, refused;
    size_t waiting; /* records there now */
    size_t capacity;
};
void queue_stats(struct queue *queue, struct queue_stats *out);

#endif
