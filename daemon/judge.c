#include "judge.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "scoring.h"

/* What travels to the scoring thread. */
struct submission {
    struct flow flow;
    unsigned sensor;
    int64_t at_ns; /* steady_ns() */
    double x[];    /* the set's columns */
};

struct judge {
    struct judge_config config;
    struct queue *flows, *verdicts;
    size_t submission_size;
    pthread_t thread;
    bool started;
    atomic_bool ended;
    atomic_bool turned;
    atomic_llong stop_by_ns; /* steady_ns(); until then who submits waits for room; 0: never */
    atomic_ullong abandoned;
    pthread_mutex_t lock;     /* of the following five, which the thread reads between batches */
    struct judge_model *next; /* to be used from the next batch on; NULL: the same */
    struct judge_model *model;
    struct threshold override;
    bool overridden;
    double target;              /* p-value; 0: where the model says */
    struct threshold threshold; /* of the batch */
    struct da3d_scorer *scorer;
    unsigned char *batch; /* config.batch submissions */
    double *rows;         /* (config.batch, columns) */
    struct da3d_score *scores;
    double *vectors; /* (n_vectors, columns): a ring; those of verdicts that wait, and that the
                      * owner has taken last */
    size_t n_vectors, next_vector;
};

struct judge_model *judge_model_load(const char *path, const struct feature_set *set,
                                     struct da3d_error *error)
{
    struct judge_model *model = calloc(1, sizeof *model);
    const struct feature_set *has;

    if (!model) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    if (store_load(path, &model->stored, error) < 0) {
        free(model);
        return NULL;
    }
    has = scoring_set_of(model->stored.model, error);
    if (has && set && has != set)
        da3d_fail(error, "trained on feature set '%s', not '%s'", has->version, set->version);
    if (!has || (set && has != set)) {
        judge_model_free(model);
        return NULL;
    }
    event_source_init(&model->source, &model->stored);
    return model;
}

void judge_model_free(struct judge_model *model)
{
    if (!model)
        return;
    store_clear(&model->stored);
    free(model);
}

void judge_model_set_threshold(struct judge_model *model, double score)
{
    model->source.threshold = threshold_at_score(score);
}

const struct feature_set *judge_model_set(const struct judge_model *model)
{
    struct da3d_error error;

    return scoring_set_of(model->stored.model, &error);
}

static struct submission *submission_at(const struct judge *judge, size_t i)
{
    return (struct submission *)(void *)(judge->batch + i * judge->submission_size);
}

/* There is room for it sooner or later: the owner takes verdicts until the end. */
static void put_verdict(struct judge *judge, const struct verdict *verdict)
{
    while (!queue_put(judge->verdicts, verdict)) {
        judge->config.ready(judge->config.ctx);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

/* Returns the model that is out of use now: the old one, or, where memory for a new one is short,
 * that one; NULL: none. */
static struct judge_model *change_model(struct judge *judge)
{
    struct judge_model *unused = judge->next;
    struct da3d_scorer *scorer;

    judge->next = NULL;
    scorer = unused ? da3d_scorer_new(unused->stored.model, SCORING_ROWS) : NULL;
    if (scorer) {
        struct judge_model *next = unused;

        da3d_scorer_free(judge->scorer);
        judge->scorer = scorer;
        unused = judge->model;
        judge->model = next;
    }
    return unused;
}

/* The lock is held. */
static struct threshold threshold_of(const struct judge *judge, const struct judge_model *model)
{
    if (judge->overridden)
        return judge->override;
    if (judge->target > 0)
        return threshold_at_logit((double)da3d_logit_at(model->stored.model, judge->target));
    return model->source.threshold;
}

static void take_changes(struct judge *judge)
{
    struct judge_model *unused;

    pthread_mutex_lock(&judge->lock);
    unused = change_model(judge);
    judge->threshold = threshold_of(judge, judge->model);
    pthread_mutex_unlock(&judge->lock);
    if (unused)
        put_verdict(judge, &(struct verdict){.model = unused, .retired = true});
}

/* A copy of the i-th row of the batch. It is written over when as many more have been told of as
 * can wait and be in the owner's hands. */
static const double *keep_vector(struct judge *judge, size_t i)
{
    const size_t columns = judge->config.set->n_columns;
    double *x = judge->vectors + judge->next_vector * columns;

    judge->next_vector = (judge->next_vector + 1) % judge->n_vectors;
    return memcpy(x, submission_at(judge, i)->x, columns * sizeof *x);
}

static void tell_verdict(struct judge *judge, size_t i, int64_t now_ns)
{
    const struct submission *submission = submission_at(judge, i);
    struct verdict verdict = {
        .flow = submission->flow,
        .x = keep_vector(judge, i),
        .sensor = submission->sensor,
        .waited_ns = now_ns - submission->at_ns,
        .score = judge->scores[i],
        .threshold = judge->threshold,
        .model = judge->model,
    };

    verdict.score.alert = verdict.score.logit >= judge->threshold.logit;
    put_verdict(judge, &verdict);
}

/* From the batch's row first on, up to end. */
static void score_rows(struct judge *judge, size_t first, size_t end)
{
    const size_t columns = judge->config.set->n_columns;
    const int64_t now_ns = steady_ns();

    for (size_t i = first; i < end; i++)
        memcpy(judge->rows + i * columns, submission_at(judge, i)->x,
               columns * sizeof *judge->rows);
    da3d_score(judge->scorer, judge->rows + first * columns, end - first, judge->scores + first);
    for (size_t i = first; i < end; i++)
        tell_verdict(judge, i, now_ns);
}

/* In as many products as the scorer would make of it, between which it may become late. */
static void score_batch(struct judge *judge, size_t n)
{
    size_t first = 0;

    while (first < n && !judge_is_late(judge)) {
        const size_t end = n - first < SCORING_ROWS ? n : first + SCORING_ROWS;

        score_rows(judge, first, end);
        first = end;
    }
    if (first < n)
        judge->abandoned += n - first + queue_clear(judge->flows);
}

static void *run(void *ctx)
{
    struct judge *judge = ctx;

    while (!queue_ended(judge->flows)) {
        size_t n =
            queue_take(judge->flows, judge->batch, judge->config.batch, judge->config.wait_ms);

        atomic_store_explicit(&judge->turned, true, memory_order_relaxed);
        take_changes(judge);
        if (n > 0) {
            score_batch(judge, n);
            judge->config.ready(judge->config.ctx);
        }
    }
    atomic_store(&judge->ended, true);
    return NULL;
}

static int judge_init(struct judge *judge, const struct judge_config *config)
{
    const size_t columns = config->set->n_columns;

    judge->submission_size = sizeof(struct submission) + columns * sizeof(double);
    judge->flows = queue_new(config->queue, judge->submission_size);
    judge->verdicts = queue_new(config->queue, sizeof(struct verdict));
    judge->batch = calloc(config->batch, judge->submission_size);
    judge->rows = calloc(config->batch * columns, sizeof *judge->rows);
    judge->scores = calloc(config->batch, sizeof *judge->scores);
    judge->n_vectors = config->queue + JUDGE_TAKE_MAX + 1;
    judge->vectors = calloc(judge->n_vectors * columns, sizeof *judge->vectors);
    judge->scorer = da3d_scorer_new(judge->model->stored.model, SCORING_ROWS);
    return judge->flows && judge->verdicts && judge->batch && judge->rows && judge->scores &&
                   judge->vectors && judge->scorer
               ? 0
               : -1;
}

struct judge *judge_new(const struct judge_config *config, struct judge_model *model)
{
    struct judge *judge = calloc(1, sizeof *judge);

    if (!judge)
        return NULL;
    judge->config = *config;
    judge->model = model;
    pthread_mutex_init(&judge->lock, NULL);
    if (judge_init(judge, config) < 0) {
        judge->model = NULL;
        judge_free(judge);
        return NULL;
    }
    return judge;
}

int judge_start(struct judge *judge)
{
    errno = pthread_create(&judge->thread, NULL, run, judge);
    judge->started = errno == 0;
    return judge->started ? 0 : -1;
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    if (judge->started)
        pthread_join(judge->thread, NULL);
    queue_free(judge->flows);
    queue_free(judge->verdicts);
    da3d_scorer_free(judge->scorer);
    judge_model_free(judge->model);
    judge_model_free(judge->next);
    free(judge->batch);
    free(judge->rows);
    free(judge->scores);
    free(judge->vectors);
    pthread_mutex_destroy(&judge->lock);
    free(judge);
}

/* The vector stands behind the flow: one copy on the stack makes it one record. */
bool judge_submit(struct judge *judge, unsigned sensor, const struct flow *flow, const double *x)
{
    union {
        struct submission submission;
        unsigned char bytes[sizeof(struct submission) + FEATURE_COLUMNS_MAX * sizeof(double)];
    } record;

    record.submission.flow = *flow;
    record.submission.flow.samples = NULL;
    record.submission.flow.sketch = NULL;
    record.submission.sensor = sensor;
    record.submission.at_ns = steady_ns();
    memcpy(record.bytes + sizeof(struct submission), x, judge->config.set->n_columns * sizeof *x);
    return queue_put_until(judge->flows, &record, atomic_load(&judge->stop_by_ns));
}

void judge_change_model(struct judge *judge, struct judge_model *model)
{
    struct judge_model *unused;

    pthread_mutex_lock(&judge->lock);
    unused = judge->next;
    judge->next = model;
    pthread_mutex_unlock(&judge->lock);
    judge_model_free(unused);
}

/* Models that are out of use stay. Returns how many verdicts that are. */
static size_t leave_out_flows(struct judge *judge, struct verdict *verdicts, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (verdicts[i].retired)
            verdicts[kept++] = verdicts[i];
    judge->abandoned += n - kept;
    return kept;
}

size_t judge_take(struct judge *judge, struct verdict *out, size_t max)
{
    const size_t most = max < JUDGE_TAKE_MAX ? max : JUDGE_TAKE_MAX;
    size_t n;

    do
        n = queue_take(judge->verdicts, out, most, 0);
    while (n > 0 && judge_is_late(judge) && (n = leave_out_flows(judge, out, n)) == 0);
    return n;
}

void judge_set_threshold(struct judge *judge, const struct threshold *threshold)
{
    pthread_mutex_lock(&judge->lock);
    judge->overridden = threshold != NULL;
    if (threshold)
        judge->override = *threshold;
    pthread_mutex_unlock(&judge->lock);
}

void judge_set_target(struct judge *judge, double p)
{
    pthread_mutex_lock(&judge->lock);
    judge->target = p;
    pthread_mutex_unlock(&judge->lock);
}

void judge_stop_by(struct judge *judge, int64_t until_ns)
{
    atomic_store(&judge->stop_by_ns, until_ns);
}

bool judge_is_late(const struct judge *judge)
{
    const int64_t stop_by_ns = atomic_load_explicit(&judge->stop_by_ns, memory_order_relaxed);

    return stop_by_ns > 0 && steady_ns() > stop_by_ns;
}

void judge_close(struct judge *judge)
{
    queue_close(judge->flows);
}

bool judge_ended(const struct judge *judge)
{
    return !judge->started || atomic_load(&judge->ended);
}

bool judge_turned(struct judge *judge)
{
    return atomic_exchange_explicit(&judge->turned, false, memory_order_relaxed);
}

const struct judge_model *judge_model_in_use(struct judge *judge)
{
    const struct judge_model *model;

    pthread_mutex_lock(&judge->lock);
    model = judge->model;
    pthread_mutex_unlock(&judge->lock);
    return model;
}

void judge_stats(struct judge *judge, struct judge_stats *out)
{
    const struct judge_model *model;

    queue_stats(judge->flows, &out->flows);
    out->abandoned = judge->abandoned;
    pthread_mutex_lock(&judge->lock);
    model = judge->next ? judge->next : judge->model;
    out->source = model->source;
    out->threshold = threshold_of(judge, model);
    out->promised = da3d_p_value(model->stored.model, out->threshold.logit);
    out->overridden = judge->overridden;
    pthread_mutex_unlock(&judge->lock);
}
