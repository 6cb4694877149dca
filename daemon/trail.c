#include "trail.h"

#include <stdio.h>
#include <string.h>

#include "whole_file.h"

void trail_add(struct trail *trail, const char *name)
{
    if (trail->n == TRAIL_MAX)
        memmove(trail->name[0], trail->name[1], --trail->n * sizeof trail->name[0]);
    strcpy(trail->name[trail->n++], name);
}

void trail_read(const char *path, struct trail *trail)
{
    char line[MODEL_NAME + 1];
    FILE *file;

    trail->n = 0;
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (model_name_valid(line))
            trail_add(trail, line);
    }
    if (file)
        fclose(file);
}

int trail_write(const char *path, const struct trail *trail, struct da3d_error *error)
{
    struct file_part parts[2 * TRAIL_MAX];

    for (size_t i = 0; i < trail->n; i++) {
        parts[2 * i] = (struct file_part){trail->name[i], MODEL_NAME - 1};
        parts[2 * i + 1] = (struct file_part){"\n", 1};
    }
    return whole_file_replace(path, parts, 2 * trail->n, error);
}

void trail_cut(struct trail *trail, const char live[MODEL_NAME_DIGEST])
{
    while (trail->n > 0 && !model_name_has(trail->name[trail->n - 1], live))
        trail->n--;
}
