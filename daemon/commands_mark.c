#include "commands_mark.h"

#include <string.h>

#include "commands.h"
#include "event.h"
#include "json.h"

static struct marks_file *marks_of(const struct commands *commands, struct da3d_error *error)
{
    struct marks_file *file = archive_marks(commands->sources->archive);

    if (!file)
        da3d_fail(error, "the configuration has no file for marks");
    return file;
}

/* What is to be marked: one of the latest verdicts, or a flow that is marked already. Returns its
 * vector, or NULL with *error. */
static const double *find_flow(const struct commands *commands, const struct marks *marks,
                               uint64_t flow_id, struct spool_record *record,
                               struct da3d_error *error)
{
    const struct recent_verdict *verdict =
        recent_verdicts_find(archive_recent(commands->sources->archive), flow_id);
    const struct mark *mark = marks_find(marks, flow_id);

    if (verdict) {
        *record = spool_record_of(&verdict->flow, &verdict->score);
        return verdict->x;
    }
    if (mark) {
        *record = mark->record;
        return mark->x;
    }
    da3d_fail(error, "flow %llu is none of the latest ones", (unsigned long long)flow_id);
    return NULL;
}

int command_mark(void *ctx, const struct request *request, struct json_object *result,
                 struct da3d_error *error)
{
    const struct commands *commands = ctx;
    struct marks_file *file = marks_of(commands, error);
    const bool benign = strcmp(request->as, "benign") == 0;
    struct spool_record record;
    const double *x;

    if (!file)
        return -1;
    if (!(request->given & REQUEST_FLOW_ID) || (!benign && strcmp(request->as, "malicious") != 0))
        return da3d_fail(error, "a flow_id and 'benign' or 'malicious' are expected");
    x = find_flow(commands, marks_file_marks(file), request->flow_id, &record, error);
    if (!x)
        return -1;
    record.mark = benign ? SPOOL_MARK_BENIGN : SPOOL_MARK_MALICIOUS;
    json_add_int(result, "flow_id", request->flow_id);
    return marks_file_set(file, &record, x, error);
}

int command_mark_remove(void *ctx, const struct request *request, struct json_object *result,
                        struct da3d_error *error)
{
    struct marks_file *file = marks_of(ctx, error);
    const struct mark *mark;
    struct spool_record record;

    if (!file)
        return -1;
    if (!request->given)
        return da3d_fail(error, "the flow_id of a mark is expected");
    mark = marks_find(marks_file_marks(file), request->flow_id);
    if (!mark)
        return da3d_fail(error, "flow %llu is not marked", (unsigned long long)request->flow_id);
    record = mark->record;
    record.mark = SPOOL_MARK_REMOVED;
    json_add_int(result, "flow_id", request->flow_id);
    return marks_file_set(file, &record, mark->x, error);
}

static struct json_object *mark_object(const struct spool_record *record)
{
    struct json_object *object = json_object_new_object();

    json_add_int(object, "flow_id", record->flow_id);
    json_add_string(object, "as", record->mark == SPOOL_MARK_BENIGN ? "benign" : "malicious");
    json_add_time(object, "end", record->time_ns);
    event_add_ends(object, &record->ends);
    json_add_number(object, "logit", record->logit);
    json_add_number(object, "p_value", record->p_value);
    return object;
}

int command_mark_list(void *ctx, const struct request *request, struct json_object *result,
                      struct da3d_error *error)
{
    const struct marks_file *file = marks_of(ctx, error);
    struct json_object *list;

    (void)request;
    if (!file)
        return -1;
    list = json_object_new_array();
    for (size_t i = 0; i < marks_file_marks(file)->n; i++)
        json_object_array_add(list, mark_object(&marks_file_marks(file)->items[i].record));
    json_object_object_add(result, "marks", list);
    return 0;
}
