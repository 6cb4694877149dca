#include "recent_verdicts.h"

#include <stdlib.h>
#include <string.h>

struct ring {
    struct recent_verdict *verdicts; /* verdict i at i % capacity */
    double *vectors;                 /* (capacity, columns), each at its verdict's place */
    size_t capacity;
    uint64_t end; /* number of the verdict to come */
};

struct recent_verdicts {
    struct ring reached, others;
    size_t columns;
};

static int ring_init(struct ring *ring, size_t capacity, size_t columns)
{
    ring->capacity = capacity;
    ring->verdicts = calloc(capacity, sizeof *ring->verdicts);
    ring->vectors = calloc(capacity * columns, sizeof *ring->vectors);
    return ring->verdicts && ring->vectors ? 0 : -1;
}

static void ring_clear(struct ring *ring)
{
    free(ring->verdicts);
    free(ring->vectors);
}

struct recent_verdicts *recent_verdicts_new(size_t columns)
{
    struct recent_verdicts *recent = calloc(1, sizeof *recent);

    if (!recent)
        return NULL;
    recent->columns = columns;
    if (ring_init(&recent->reached, RECENT_REACHED, columns) < 0 ||
        ring_init(&recent->others, RECENT_OTHERS, columns) < 0) {
        recent_verdicts_free(recent);
        return NULL;
    }
    return recent;
}

void recent_verdicts_free(struct recent_verdicts *recent)
{
    if (!recent)
        return;
    ring_clear(&recent->reached);
    ring_clear(&recent->others);
    free(recent);
}

void recent_verdicts_add(struct recent_verdicts *recent, const struct verdict *verdict)
{
    struct ring *ring = verdict->score.alert ? &recent->reached : &recent->others;
    const size_t place = ring->end % ring->capacity;
    double *x = ring->vectors + place * recent->columns;
    struct recent_verdict *copy = &ring->verdicts[place];

    memcpy(x, verdict->x, recent->columns * sizeof *x);
    *copy = (struct recent_verdict){
        .flow = verdict->flow,
        .sensor = verdict->sensor,
        .score = verdict->score,
        .threshold = verdict->threshold,
        .x = x,
    };
    memcpy(copy->model, verdict->model->source.model, sizeof copy->model);
    ring->end++;
}

static const struct recent_verdict *ring_find(const struct ring *ring, uint64_t flow_id)
{
    const uint64_t n = ring->end < ring->capacity ? ring->end : ring->capacity;

    for (uint64_t i = 1; i <= n; i++) {
        const struct recent_verdict *verdict = &ring->verdicts[(ring->end - i) % ring->capacity];

        if (verdict->flow.flow_id == flow_id)
            return verdict;
    }
    return NULL;
}

const struct recent_verdict *recent_verdicts_find(const struct recent_verdicts *recent,
                                                  uint64_t flow_id)
{
    const struct recent_verdict *reached = ring_find(&recent->reached, flow_id);

    return reached ? reached : ring_find(&recent->others, flow_id);
}
