#include "flow_victim.h"

/* Half-open flows give way first where more than one flow in so many is half-open. */
enum { HALF_OPEN_SHARE = 8 };

/* The flow of this kind, other than except, that has been silent longest; among those that may hold
 * more than a few samples, if those are needed. NULL if there is none. */
static struct flow_record *oldest(struct flow_store *store, enum flow_kind kind,
                                  enum flow_need need, const struct flow_record *except)
{
    bool half_open = kind == FLOW_KIND_HALF_OPEN;
    enum flow_list few = half_open ? FLOW_LIST_HALF_OPEN_FEW : FLOW_LIST_ESTABLISHED_FEW;
    enum flow_list many = half_open ? FLOW_LIST_HALF_OPEN_MANY : FLOW_LIST_ESTABLISHED_MANY;
    struct flow_record *a, *b;

    if (kind == FLOW_KIND_CLOSED)
        return flow_store_first(store, FLOW_LIST_CLOSED, except);
    a = flow_store_first(store, many, except);
    b = need == FLOW_NEED_RECORD ? flow_store_first(store, few, except) : NULL;
    if (a == NULL || b == NULL)
        return a != NULL ? a : b;
    return a->flow.end_ns < b->flow.end_ns ? a : b;
}

/* The kinds in the order in which they give way. */
static const enum flow_kind *eviction_order(const struct flow_store *store)
{
    static const enum flow_kind flooded[] = {FLOW_KIND_HALF_OPEN, FLOW_KIND_CLOSED,
                                             FLOW_KIND_ESTABLISHED};
    static const enum flow_kind usual[] = {FLOW_KIND_CLOSED, FLOW_KIND_ESTABLISHED,
                                           FLOW_KIND_HALF_OPEN};
    const size_t *listed = store->listed;
    size_t half_open = listed[FLOW_LIST_HALF_OPEN_FEW] + listed[FLOW_LIST_HALF_OPEN_MANY];

    return half_open > store->active / HALF_OPEN_SHARE ? flooded : usual;
}

struct flow_record *flow_victim(struct flow_store *store, enum flow_need need,
                                const struct flow_record *except)
{
    const enum flow_kind *order = eviction_order(store);
    struct flow_record *victim = NULL;

    for (size_t i = 0; victim == NULL && i < FLOW_KIND_COUNT; i++)
        victim = oldest(store, order[i], need, except);
    return victim;
}
