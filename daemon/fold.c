#include "fold.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "features/flow_index.h"

struct window {
    struct verdict highest; /* of those counted; the one that was raised while there are none */
    struct reasons reasons; /* of the highest counted */
    uint64_t count;
    int64_t end_ns;
    uint32_t hash;
};

/* All windows are equally long, so that they end in the order in which they began: a ring. */
struct fold {
    struct window *windows;
    size_t max, first, n;
    struct flow_index index; /* record: 1 + place in windows */
    uint8_t secret[crypto_shorthash_KEYBYTES];
    int64_t window_ns;
    struct fold_owner owner;
};

struct fold *fold_new(size_t max, int64_t window_ns, const struct fold_owner *owner)
{
    struct fold *fold = calloc(1, sizeof *fold);

    if (!fold)
        return NULL;
    fold->windows = calloc(max, sizeof *fold->windows);
    if (!fold->windows || flow_index_init(&fold->index) < 0) {
        fold_free(fold);
        return NULL;
    }
    fold->max = max;
    fold->window_ns = window_ns;
    fold->owner = *owner;
    randombytes_buf(fold->secret, sizeof fold->secret);
    return fold;
}

void fold_free(struct fold *fold)
{
    if (!fold)
        return;
    flow_index_clear(&fold->index);
    free(fold->windows);
    free(fold);
}

/* What like alerts have in common. Without padding: hashed and compared as bytes. */
struct likeness {
    struct ip_addr src, dst;
    uint16_t dport;
    uint8_t ip_version, proto;
};

static struct likeness likeness_of(const struct flow_id *id)
{
    return (struct likeness){id->src, id->dst, id->dport, id->ip_version, id->proto};
}

static bool alike(const struct flow_id *a, const struct flow_id *b)
{
    const struct likeness of_a = likeness_of(a), of_b = likeness_of(b);

    return memcmp(&of_a, &of_b, sizeof of_a) == 0;
}

static uint32_t hash_of(const struct fold *fold, const struct flow_id *id)
{
    const struct likeness likeness = likeness_of(id);
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)&likeness, sizeof likeness, fold->secret);
    return (uint32_t)hash;
}

static struct window *find(const struct fold *fold, uint32_t hash, const struct flow_id *id)
{
    uint32_t position = hash, record;

    while ((record = flow_index_next(&fold->index, hash, &position)) != 0)
        if (alike(&fold->windows[record - 1].highest.flow.id, id))
            return &fold->windows[record - 1];
    return NULL;
}

static void push(struct fold *fold, const struct window *window)
{
    size_t place = (fold->first + fold->n) % fold->max;

    fold->windows[place] = *window;
    fold->n++;
    flow_index_insert(&fold->index, window->hash, (uint32_t)place + 1);
}

/* Ends the oldest window, which there must be. */
static struct window pop(struct fold *fold)
{
    struct window *oldest = &fold->windows[fold->first];

    flow_index_remove(&fold->index, oldest->hash, (uint32_t)fold->first + 1);
    fold->first = (fold->first + 1) % fold->max;
    fold->n--;
    if (oldest->count > 0)
        fold->owner.report(fold->owner.ctx, &oldest->highest, &oldest->reasons, oldest->count);
    return *oldest;
}

/* Kept for longer than its vector is there. */
static struct verdict without_vector(const struct verdict *verdict)
{
    struct verdict copy = *verdict;

    copy.x = NULL;
    return copy;
}

static void count(const struct fold *fold, struct window *window, const struct verdict *verdict)
{
    if (window->count == 0 || verdict->score.logit > window->highest.score.logit) {
        window->highest = without_vector(verdict);
        if (fold->owner.explain)
            fold->owner.explain(fold->owner.ctx, verdict, &window->reasons);
    }
    window->count++;
}

bool fold_alert(struct fold *fold, const struct verdict *verdict, int64_t now_ns)
{
    const uint32_t hash = hash_of(fold, &verdict->flow.id);
    struct window *window;

    if (fold->window_ns == 0)
        return true;
    fold_expire(fold, now_ns);
    window = find(fold, hash, &verdict->flow.id);
    if (window) {
        count(fold, window, verdict);
        return false;
    }
    if (fold->n == fold->max)
        pop(fold);
    if (!flow_index_reserve(&fold->index, 1))
        return true; /* no memory: the next like it is raised too */
    push(fold, &(struct window){.highest = without_vector(verdict),
                                .end_ns = now_ns + fold->window_ns,
                                .hash = hash});
    return true;
}

void fold_expire(struct fold *fold, int64_t now_ns)
{
    while (fold->n > 0 && fold->windows[fold->first].end_ns <= now_ns) {
        struct window ended = pop(fold);

        if (ended.count > 0) {
            ended.count = 0;
            ended.end_ns += fold->window_ns;
            push(fold, &ended);
        }
    }
}

void fold_flush(struct fold *fold)
{
    while (fold->n > 0)
        pop(fold);
}

void fold_set_window(struct fold *fold, int64_t window_ns)
{
    if (window_ns == fold->window_ns)
        return;
    fold_flush(fold);
    fold->window_ns = window_ns;
}
