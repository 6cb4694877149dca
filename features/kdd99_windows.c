#include "kdd99_windows.h"

#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "kdd_columns.h"

#define TIME_WINDOW_US INT64_C(2000000)
enum { COUNT_WINDOW = 100 };

struct tally {
    uint32_t rows;
    uint32_t errors;   /* flags S0 to S3: the tool counts whatever was not closed by both sides */
    uint32_t rejected; /* flag REJ */
};

/* What the time window holds of one host. */
struct host {
    uint32_t address; /* first: the tree compares hosts by it */
    struct tally all;
    uint32_t rows[SERVICE_COUNT];
};

struct remembered {
    struct kdd99_end end;
    struct host *host;
    STAILQ_ENTRY(remembered) link;
};

struct kdd99_windows {
    STAILQ_HEAD(, remembered) seconds; /* the time window, oldest first */
    void *hosts;                       /* of it, tsearch(3)'s */
    struct tally services[SERVICE_COUNT];
    struct kdd99_end last[COUNT_WINDOW]; /* the count window, a ring */
    uint64_t n;                          /* conversations that were ever added */
};

/* What a window has in common with a conversation. */
struct common {
    struct tally host, service;
    uint32_t host_service;  /* rows with both */
    uint32_t service_sport; /* rows with its service and its source port */
};

struct kdd99_windows *kdd99_windows_new(void)
{
    struct kdd99_windows *windows = calloc(1, sizeof *windows);

    if (windows != NULL)
        STAILQ_INIT(&windows->seconds);
    return windows;
}

static void tally_add(struct tally *tally, enum conn_state flag, uint32_t by)
{
    bool error = flag == CONN_S0 || flag == CONN_S1 || flag == CONN_S2 || flag == CONN_S3;

    tally->rows += by;
    tally->errors += error ? by : 0;
    tally->rejected += flag == CONN_REJ ? by : 0;
}

static int compare(const void *a, const void *b)
{
    const struct host *one = a, *other = b;

    return (one->address > other->address) - (one->address < other->address);
}

static struct host *find_host(struct kdd99_windows *windows, uint32_t address)
{
    struct host key = {.address = address};
    struct host *const *node = tfind(&key, &windows->hosts, compare);

    return node == NULL ? NULL : *node;
}

/* Returns NULL with errno ENOMEM. */
static struct host *find_or_add_host(struct kdd99_windows *windows, uint32_t address)
{
    struct host *host = find_host(windows, address);

    if (host != NULL)
        return host;
    host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    host->address = address;
    if (tsearch(host, &windows->hosts, compare) != NULL)
        return host;
    free(host);
    return NULL;
}

static void tally_all(struct kdd99_windows *windows, const struct remembered *row, uint32_t by)
{
    tally_add(&row->host->all, row->end.flag, by);
    tally_add(&windows->services[row->end.service], row->end.flag, by);
    row->host->rows[row->end.service] += by;
}

static void forget_oldest(struct kdd99_windows *windows)
{
    struct remembered *row = STAILQ_FIRST(&windows->seconds);

    tally_all(windows, row, (uint32_t)-1);
    if (row->host->all.rows == 0) {
        tdelete(row->host, &windows->hosts, compare);
        free(row->host);
    }
    STAILQ_REMOVE_HEAD(&windows->seconds, link);
    free(row);
}

void kdd99_windows_free(struct kdd99_windows *windows)
{
    if (windows == NULL)
        return;
    while (!STAILQ_EMPTY(&windows->seconds))
        forget_oldest(windows);
    free(windows);
}

static int remember(struct kdd99_windows *windows, const struct kdd99_end *end)
{
    struct remembered *row = calloc(1, sizeof *row);
    struct host *host = find_or_add_host(windows, end->dst);

    if (row == NULL || host == NULL) {
        free(row);
        return -1;
    }
    row->end = *end;
    row->host = host;
    STAILQ_INSERT_TAIL(&windows->seconds, row, link);
    tally_all(windows, row, 1);
    while (STAILQ_FIRST(&windows->seconds)->end.last_us <= end->last_us - TIME_WINDOW_US)
        forget_oldest(windows);
    return 0;
}

static void look_at_seconds(struct kdd99_windows *windows, const struct kdd99_end *end,
                            struct common *common)
{
    const struct host *host = find_host(windows, end->dst);

    *common = (struct common){.service = windows->services[end->service]};
    if (host == NULL)
        return;
    common->host = host->all;
    common->host_service = host->rows[end->service];
}

static void look_at_last(const struct kdd99_windows *windows, const struct kdd99_end *end,
                         struct common *common)
{
    uint64_t n = windows->n < COUNT_WINDOW ? windows->n : COUNT_WINDOW;

    *common = (struct common){0};
    for (const struct kdd99_end *row = windows->last; row < windows->last + n; row++) {
        if (row->dst == end->dst)
            tally_add(&common->host, row->flag, 1);
        if (row->service != end->service)
            continue;
        tally_add(&common->service, row->flag, 1);
        common->host_service += row->dst == end->dst;
        common->service_sport += row->sport == end->sport;
    }
}

/* As the tool prints it: 0.125 is 0.12, but 0.375 is 0.38. */
static double hundredths(double share)
{
    char text[32];

    snprintf(text, sizeof text, "%.2f", share);
    return strtod(text, NULL);
}

static double share(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 0 : hundredths((double)part / whole);
}

static double other_share(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 0 : hundredths(1 - (double)part / whole);
}

static void put_seconds(const struct common *common, double *x)
{
    const struct tally *host = &common->host, *service = &common->service;

    x[KDD_COUNT] = host->rows;
    x[KDD_SRV_COUNT] = service->rows;
    x[KDD_SERROR_RATE] = share(host->errors, host->rows);
    x[KDD_SRV_SERROR_RATE] = share(service->errors, service->rows);
    x[KDD_RERROR_RATE] = share(host->rejected, host->rows);
    x[KDD_SRV_RERROR_RATE] = share(service->rejected, service->rows);
    x[KDD_SAME_SRV_RATE] = share(common->host_service, host->rows);
    x[KDD_DIFF_SRV_RATE] = other_share(common->host_service, host->rows);
    x[KDD_SRV_DIFF_HOST_RATE] = share(service->rows - common->host_service, service->rows);
}

/* The share of the source port counts the conversation itself in its whole, but not in its part. */
static void put_last(const struct common *common, double *x)
{
    const struct tally *host = &common->host, *service = &common->service;

    x[KDD_DST_HOST_COUNT] = host->rows;
    x[KDD_DST_HOST_SRV_COUNT] = service->rows;
    x[KDD_DST_HOST_SAME_SRV_RATE] = share(common->host_service, host->rows);
    x[KDD_DST_HOST_DIFF_SRV_RATE] = other_share(common->host_service, host->rows);
    x[KDD_DST_HOST_SAME_SRC_PORT_RATE] = share(common->service_sport, service->rows + 1);
    x[KDD_DST_HOST_SRV_DIFF_HOST_RATE] = share(service->rows - common->host_service, service->rows);
    x[KDD_DST_HOST_SERROR_RATE] = share(host->errors, host->rows);
    x[KDD_DST_HOST_SRV_SERROR_RATE] = share(service->errors, service->rows);
    x[KDD_DST_HOST_RERROR_RATE] = share(host->rejected, host->rows);
    x[KDD_DST_HOST_SRV_RERROR_RATE] = share(service->rejected, service->rows);
}

int kdd99_windows_add(struct kdd99_windows *windows, const struct kdd99_end *end, double *x)
{
    struct common common;

    look_at_seconds(windows, end, &common);
    put_seconds(&common, x);
    look_at_last(windows, end, &common);
    put_last(&common, x);
    windows->last[windows->n++ % COUNT_WINDOW] = *end;
    return remember(windows, end);
}
