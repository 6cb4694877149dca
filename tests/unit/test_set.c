#include "features/set.h"

#include <criterion/criterion.h>
#include <string.h>

Test(set, found_by_name_and_by_version)
{
    cr_assert_not_null(feature_set_find("doh"));
    cr_expect_eq(feature_set_find("doh"), feature_set_find("doh-v1"));
    cr_expect_null(feature_set_find("DOH"));
    cr_expect_null(feature_set_find(""));
}

Test(set, columns_are_described)
{
    for (const struct feature_set *const *set = feature_sets(); *set != NULL; set++) {
        cr_expect_eq(feature_set_find((*set)->name), *set);
        cr_expect_leq((*set)->n_columns, FEATURE_COLUMNS_MAX);
        for (size_t i = 0; i < (*set)->n_columns; i++) {
            const struct feature_column *column = &(*set)->columns[i];

            cr_expect(strlen(column->name) > 0 && strlen(column->unit) > 0);
            cr_expect_eq(column->definition[strlen(column->definition) - 1], '.');
            for (size_t j = 0; j < i; j++)
                cr_expect_str_neq(column->name, (*set)->columns[j].name);
        }
    }
}
