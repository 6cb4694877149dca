#include "flow_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

int flow_rows_add(struct flow_rows *rows, const double *x)
{
    if (rows->n == rows->capacity) {
        size_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        double *values =
            reallocarray(rows->values, capacity, rows->n_columns * sizeof *rows->values);

        if (!values)
            return -1;
        rows->values = values;
        rows->capacity = capacity;
    }
    memcpy(rows->values + rows->n * rows->n_columns, x, rows->n_columns * sizeof *x);
    rows->n++;
    return 0;
}

int flow_rows_take(void *ctx, const struct flow *flow, const double *x)
{
    struct flow_rows *rows = ctx;
    const bool first = rows->n == 0;

    rows->start_ns = first || flow->start_ns < rows->start_ns ? flow->start_ns : rows->start_ns;
    rows->end_ns = first || flow->end_ns > rows->end_ns ? flow->end_ns : rows->end_ns;
    if (flow_rows_add(rows, x) == 0)
        return 0;
    log_error("%s", strerror(errno));
    return -1;
}

void flow_rows_clear(struct flow_rows *rows)
{
    free(rows->values);
    *rows = (struct flow_rows){.n_columns = rows->n_columns};
}
