/* Feature sets as schemas of models. */
#include "daemon/set_schema.h"

#include <criterion/criterion.h>
#include <string.h>

Test(set_schema, every_set)
{
    for (const struct feature_set *const *set = feature_sets(); *set; set++) {
        struct da3d_error error;
        struct schema schema;

        cr_assert_eq(set_schema_init(&schema, *set), 0);
        cr_expect_eq(schema_check(&schema, &error), 0, "%s: %s", (*set)->name, error.text);
        cr_expect_eq(set_schema_find(&schema, &error), *set);
        schema_clear(&schema);
    }
}

static void expect_refused(const struct schema *schema, const char *message)
{
    struct da3d_error error;

    cr_expect_null(set_schema_find(schema, &error));
    cr_expect_not_null(strstr(error.text, message), "%s", error.text);
}

Test(set_schema, refuses_another_shape)
{
    struct schema schema;

    cr_assert_eq(set_schema_init(&schema, feature_set_find("kdd")), 0);
    schema.columns[1].values[0][0] = 'I';
    expect_refused(&schema, "column 'protocol_type' has not this version's categories");
    schema.columns[0].name[0] = 'D';
    expect_refused(&schema, "column 1 is 'Duration', this version's is 'duration'");
    strcpy(schema.set, "kdd-v0");
    expect_refused(&schema, "trained on feature set 'kdd-v0', which this version does not have");
    strcpy(schema.set, "kdd");
    expect_refused(&schema, "trained on feature set 'kdd', which this version does not have");
    schema_clear(&schema);
}
