#include "table_options.h"

static const struct table_option {
    struct option_text text;
    size_t field; /* its place in struct table_options */
} table_options[] = {
    {{0, "label-column", "NAME", "column that says what a row is; never an input"},
     offsetof(struct table_options, label)},
    {{0, "normal-label", "A,...",
      "its values for normal rows (default: 0, normal, benign); also images'"},
     offsetof(struct table_options, normal)},
    {{0, "numeric", "A,...", "--train: columns that hold numbers (default: by their cells)"},
     offsetof(struct table_options, numeric)},
    {{0, "categorical", "A,...", "--train: columns that hold words"},
     offsetof(struct table_options, categorical)},
    {{0, "identity", "A,...", "--train: columns that say who, of which new ones are odd"},
     offsetof(struct table_options, identity)},
    {{0, "drop", "A,...", "--train: columns that are no inputs"},
     offsetof(struct table_options, drop)},
};

const struct option_text *table_option_text(size_t i)
{
    return i < sizeof table_options / sizeof *table_options ? &table_options[i].text : NULL;
}

bool table_options_of_inputs(const struct table_options *table)
{
    return table->numeric || table->categorical || table->identity || table->drop;
}

void table_option_set(struct table_options *table, size_t i, const char *value)
{
    const char **out = (void *)((char *)table + table_options[i].field);

    *out = value;
}
