#include "features/flow_index.h"

#include <criterion/criterion.h>

enum { LIMIT = 96, RECORDS = 97 };

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* How often the index gives this record for this hash. */
static int occurrences(const struct flow_index *index, uint32_t hash, uint32_t record)
{
    uint32_t position = hash, found;
    int n = 0;

    while ((found = flow_index_next(index, hash, &position)) != 0)
        n += found == record;
    return n;
}

/* Hashes that crowd at few places, the end of the array among them, so that entries stray far and
 * wrap around: at any time exactly the records that are in it are found, once. */
Test(flow_index, finds_what_is_in_it)
{
    uint32_t hashes[RECORDS], where[] = {0, 1, 60, 126, 127, 255, UINT32_MAX};
    bool present[RECORDS] = {false};
    struct flow_index index;
    uint64_t state = 41;

    cr_assert_eq(flow_index_init(&index), 0);
    for (uint32_t i = 0; i < RECORDS; i++)
        hashes[i] = where[random64(&state) % 7] + (uint32_t)random64(&state) % 3;
    for (int round = 0; round < 5000; round++) {
        uint32_t record = 1 + (uint32_t)(random64(&state) % LIMIT);

        if (present[record])
            flow_index_remove(&index, hashes[record], record);
        else if (flow_index_reserve(&index, 1))
            flow_index_insert(&index, hashes[record], record);
        present[record] = !present[record];
        for (uint32_t i = 1; i < RECORDS; i++)
            cr_assert_eq(occurrences(&index, hashes[i], i), present[i], "round %d", round);
    }
    flow_index_clear(&index);
}

Test(flow_index, doubles_within_its_bytes)
{
    struct flow_index index;

    cr_assert_eq(flow_index_init(&index), 0);
    for (uint32_t i = 1; i <= 100000; i++) {
        size_t before = index.mask, held;

        cr_assert(flow_index_reserve(&index, 1));
        flow_index_insert(&index, i * 2654435761u, i);
        held = (before < index.mask ? before + 1 : 0) + index.mask + 1;
        cr_assert_leq(held * sizeof(struct flow_slot),
                      FLOW_INDEX_BYTES_MIN + i * FLOW_INDEX_BYTES_MAX);
        cr_assert_lt(index.used, index.mask);
    }
    for (uint32_t i = 1; i <= 100000; i++)
        cr_assert_eq(occurrences(&index, i * 2654435761u, i), 1);
    flow_index_clear(&index);
}
