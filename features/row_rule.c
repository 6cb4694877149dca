#include "row_rule.h"

#include <string.h>

#include "dohmeter.h"
#include "kdd99.h"

static const struct row_rule *const rules[] = {&dohmeter_rule, &kdd99_rule};

const struct row_rule *row_rule_find(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i]->name, name) == 0)
            return rules[i];
    return NULL;
}
