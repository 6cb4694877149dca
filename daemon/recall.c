#include "recall.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct recall {
    pthread_mutex_t lock;   /* of all that follows */
    struct recalled *flows; /* max: a ring */
    double *vectors;        /* (max, columns) */
    size_t max, columns, n, next;
};

struct recall *recall_new(size_t max, size_t columns)
{
    struct recall *recall = calloc(1, sizeof *recall);

    if (!recall)
        return NULL;
    pthread_mutex_init(&recall->lock, NULL);
    recall->max = max;
    recall->columns = columns;
    recall->flows = calloc(max, sizeof *recall->flows);
    recall->vectors = calloc(max, columns * sizeof *recall->vectors);
    if (max > 0 && (!recall->flows || !recall->vectors)) {
        recall_free(recall);
        return NULL;
    }
    return recall;
}

void recall_free(struct recall *recall)
{
    if (!recall)
        return;
    pthread_mutex_destroy(&recall->lock);
    free(recall->flows);
    free(recall->vectors);
    free(recall);
}

void recall_add(struct recall *recall, const struct recalled *flow, const double *x)
{
    if (recall->max == 0)
        return;
    pthread_mutex_lock(&recall->lock);
    recall->flows[recall->next] = *flow;
    memcpy(recall->vectors + recall->next * recall->columns, x, recall->columns * sizeof *x);
    recall->next = (recall->next + 1) % recall->max;
    recall->n += recall->n < recall->max;
    pthread_mutex_unlock(&recall->lock);
}

bool recall_find(struct recall *recall, uint64_t flow_id, struct recalled *out, double *x)
{
    bool found = false;

    pthread_mutex_lock(&recall->lock);
    for (size_t back = 1; back <= recall->n && !found; back++) {
        const size_t i = (recall->next + recall->max - back) % recall->max;

        found = recall->flows[i].flow.flow_id == flow_id;
        if (found) {
            *out = recall->flows[i];
            memcpy(x, recall->vectors + i * recall->columns, recall->columns * sizeof *x);
        }
    }
    pthread_mutex_unlock(&recall->lock);
    return found;
}
