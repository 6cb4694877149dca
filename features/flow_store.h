/* flow_store.h - where unfinished flows live: a hash index, lists by age, samples and sketches; all
 * within fixed limits. Knows memory and order, not the rules by which flows end. */
#ifndef FEATURES_FLOW_STORE_H
#define FEATURES_FLOW_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"
#include "flow_index.h"
#include "flow_key.h"

/* A list holds flows in the order in which they were last put at its tail. */
enum flow_list {
    FLOW_LIST_HALF_OPEN_FEW,  /* samples within the record */
    FLOW_LIST_HALF_OPEN_MANY, /* samples in an array of their own, or a sketch */
    FLOW_LIST_ESTABLISHED_FEW,
    FLOW_LIST_ESTABLISHED_MANY,
    FLOW_LIST_CLOSED, /* lingering */
    FLOW_LIST_COUNT
};

/* Most flows of a scan or a flood never need an array. */
enum { FLOW_FEW_SAMPLES = 4 };

/* Neighbours in a list; circular through its end. Apart from the records, so that moving a flow to
 * the tail touches little memory. */
struct flow_link {
    uint32_t before, after; /* after: also the next in the list of free records; 0 ends that */
};

/* With its link and its share of the index a flow takes at most 352 bytes; each packet more than a
 * few takes 16 to 32. */
struct flow_record {
    uint32_t hash;
    uint32_t capacity;       /* samples that fit */
    uint8_t heard;           /* a bit by enum flow_dir: that side has sent something */
    uint8_t fins;            /* a bit by enum flow_dir: that side has sent FIN */
    uint8_t kind;            /* enum flow_kind */
    uint8_t list;            /* enum flow_list */
    uint8_t content_over;    /* a bit by enum flow_dir: nothing (more) is to be seen there */
    int64_t closed_ns;       /* time of the closing packet; only if flow.state is FLOW_CLOSED */
    struct flow flow;        /* flow.samples: few, or many */
    struct content *content; /* owned; NULL where nothing is looked at */
    union {                  /* owned */
        struct flow_sample *many;   /* if flow.sketch is NULL; NULL while few suffice */
        struct flow_sketch *sketch; /* if it is not: what flow.sketch shows */
    };
    struct flow_sample few[FLOW_FEW_SAMPLES];
};
_Static_assert(sizeof(struct flow_record) <= 312, "so says the comment above");

struct flow_store {
    uint8_t secret[16];          /* keys the hash */
    struct flow_record *records; /* allocated once, touched as needed */
    struct flow_link *links;     /* of the records; the first FLOW_LIST_COUNT are the lists' ends */
    struct flow_index index;
    uint32_t end;   /* records there are */
    uint32_t fresh; /* first record that has never been used */
    uint32_t free;  /* first record that is free again; 0: none */
    uint32_t max_samples;
    size_t content_memory;          /* bytes held by contents, besides */
    size_t content_memcap;          /* upper bound of content_memory */
    size_t active;                  /* flows */
    size_t listed[FLOW_LIST_COUNT]; /* of them in each list */
    size_t memory; /* bytes held: index at its largest, records ever used, arrays, sketches */
    size_t memcap; /* upper bound of memory */
};

/* Returns 0, or -1 with errno EINVAL (limits without room for a flow) or ENOMEM. */
int flow_store_init(struct flow_store *store, const struct flow_config *config,
                    const uint8_t secret[16]);
void flow_store_clear(struct flow_store *store);

/* The packet's flow and the packet's direction in it; NULL, *dir untouched, if there is none. */
struct flow_record *flow_store_find(struct flow_store *store, const struct flow_key *key,
                                    enum flow_dir *dir);

/* Asks for the memory that flow_store_find() is going to read, so that it need not wait: first
 * seek, then, when that has had time to arrive, fetch. They are hints, and change nothing. */
void flow_store_seek(const struct flow_store *store, const struct flow_key *key);
void flow_store_fetch(const struct flow_store *store, const struct flow_key *key);

/* Adds a flow, zeroed but for its id, to the list of open flows.
 * Returns NULL if no more fits: another has to be removed first. */
struct flow_record *flow_store_open(struct flow_store *store, const struct flow_id *id,
                                    uint32_t hash);
void flow_store_remove(struct flow_store *store, struct flow_record *record);

/* Makes room for one packet more. Returns false if memory is short: another flow's has to be freed
 * first. */
bool flow_store_grow(struct flow_store *store, struct flow_record *record);

/* There must be room. */
void flow_store_append(struct flow_record *record, const struct flow_sample *sample);

/* Starts to look into what the session says. Returns false if memory is short. */
bool flow_store_open_content(struct flow_store *store, struct flow_record *record,
                             enum content_service service);
void flow_store_close_content(struct flow_store *store, struct flow_record *record);

/* Forgets the packets of the row. */
void flow_store_restart(struct flow_store *store, struct flow_record *record);

/* Puts the flow at the tail of the list that its kind asks for. */
void flow_store_touch(struct flow_store *store, struct flow_record *record);

/* The first flow of the list other than except (may be NULL); NULL if there is none. */
struct flow_record *flow_store_first(struct flow_store *store, enum flow_list list,
                                     const struct flow_record *except);

#endif
