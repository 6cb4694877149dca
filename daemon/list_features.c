/* da3dd --list-features: what every column of a feature set means, as a table or a manual page. */
#include <stdio.h>
#include <stdlib.h>

#include "modes.h"

static const char *kind(const struct feature_column *column)
{
    if (column->identity)
        return "identity";
    return column->values ? "categorical" : "numeric";
}

static void print_values(const struct feature_column *column, const char *separator)
{
    for (size_t i = 0; i < column->n_values; i++)
        printf("%s%s", i > 0 ? separator : "", column->values[i]);
}

static void print_table(const struct feature_set *set)
{
    for (size_t i = 0; i < set->n_columns; i++) {
        const struct feature_column *column = &set->columns[i];

        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t", set->version, column->name, column->unit,
               kind(column), column->definition, column->missing ? column->missing : "",
               column->source);
        print_values(column, " ");
        putchar('\n');
    }
}

/* Text as mdoc(7) wants it: each sentence on its own line. */
static void print_text(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '^')
            fputs("\\(ha", stdout);
        else
            putchar(*p == ' ' && p > text && p[-1] == '.' ? '\n' : *p);
    }
}

static void print_line(const char *before, const char *text, const char *after)
{
    fputs(before, stdout);
    print_text(text);
    puts(after);
}

static void print_man_column(const struct feature_column *column)
{
    printf(".It Va %s Pq ", column->name);
    print_line("", column->unit, "");
    print_line("", column->definition, "");
    if (column->missing)
        print_line("Missing: ", column->missing, "");
    if (column->values) {
        fputs("Categories: ", stdout);
        print_values(column, ", ");
        puts("; other.");
    }
    print_line("Source: ", column->source, ".");
}

static void print_man_set(const struct feature_set *set)
{
    printf(".Ss %s\n%s: %zu columns.\n", set->name, set->version, set->n_columns);
    print_line("Source: ", set->source, ".");
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < set->n_columns; i++)
        print_man_column(&set->columns[i]);
    puts(".El");
}

static const char man_head[] =
    ".\\\" Written by da3dd --list-features --man.\n"
    ".Dd November 25, 2026\n"
    ".Dt DA3DD-FEATURES 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm da3dd-features\n"
    ".Nd columns of da3dd's feature sets\n"
    ".Sh DESCRIPTION\n"
    "Each row of a feature set is one flow, or a part of a long one, by the rule that\n"
    ".Xr da3dd 8\n"
    "describes under FLOWS.\n"
    "The originator is the side that began it.\n"
    "A value that is not defined for a row is missing: a model is told so, and a CSV shows the\n"
    "data set's own mark.\n"
    "A category is one of the names listed, or other; a model has an input for each.\n"
    "An identity is a whole number that stands for somebody, of which a model only knows whether\n"
    "it was among those that it was trained with.\n"
    ".Sh FEATURE SETS\n";

static const char man_tail[] = ".Sh SEE ALSO\n"
                               ".Xr da3dd 8\n"
                               ".Rs\n"
                               ".%A W. Lee\n"
                               ".%A S. J. Stolfo\n"
                               ".%T A Framework for Constructing Features and Models for Intrusion "
                               "Detection Systems\n"
                               ".%J ACM Transactions on Information and System Security\n"
                               ".%D 2000\n"
                               ".Re\n";

int mode_list_features(const struct options *options)
{
    fputs(options->man ? man_head
                       : "set\tcolumn\tunit\tkind\tdefinition\tmissing\tsource\tvalues\n",
          stdout);
    for (const struct feature_set *const *set = feature_sets(); *set; set++) {
        if (options->set && options->set != *set)
            continue;
        if (options->man)
            print_man_set(*set);
        else
            print_table(*set);
    }
    if (options->man)
        fputs(man_tail, stdout);
    return EXIT_SUCCESS;
}
