#include "page.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "human.h"

enum { CELL = 64, FEATURE_WIDTH = 38 };

/* path: "/event/flow/age". */
static struct json_object *at(struct json_object *object, const char *path)
{
    struct json_object *value = NULL;

    return json_pointer_get(object, path, &value) == 0 ? value : NULL;
}

static const char *text(struct json_object *object, const char *path)
{
    struct json_object *value = at(object, path);

    return value ? json_object_get_string(value) : "";
}

static double number(struct json_object *object, const char *path)
{
    return json_object_get_double(at(object, path));
}

/* Three digits of a number; a word; "missing". */
static void cell(struct json_object *value, char out[CELL])
{
    if (!value)
        snprintf(out, CELL, "missing");
    else if (json_object_is_type(value, json_type_string))
        snprintf(out, CELL, "%s", json_object_get_string(value));
    else
        snprintf(out, CELL, "%.3g", json_object_get_double(value));
}

/* A list's values with something in between. */
static void cells(struct json_object *list, const char *between, char out[CELL])
{
    const size_t n = list ? json_object_array_length(list) : 0;
    size_t length = 0;
    char value[CELL];

    *out = '\0';
    for (size_t i = 0; i < n && length < CELL; i++) {
        cell(json_object_array_get_idx(list, i), value);
        length +=
            (size_t)snprintf(out + length, CELL - length, "%s%s", i > 0 ? between : "", value);
    }
}

static void print_side(struct json_object *explanation, const char *what, const char *pkts,
                       const char *bytes, FILE *stream)
{
    char size[HUMAN_BYTES];

    human_bytes(number(explanation, bytes), size);
    fprintf(stream, "%s %s packets, %s; ", what, text(explanation, pkts), size);
}

static void print_flow(struct json_object *explanation, FILE *stream)
{
    char src[HUMAN_END], dest[HUMAN_END];

    human_end(text(explanation, "/event/src_ip"), text(explanation, "/event/src_port"), src);
    human_end(text(explanation, "/event/dest_ip"), text(explanation, "/event/dest_port"), dest);
    fprintf(stream, "Flow %s: %s from %s to %s\n", text(explanation, "/event/flow_id"),
            text(explanation, "/event/proto"), src, dest);
    fprintf(stream, "  %s, for %.3g s", text(explanation, "/event/flow/start"),
            number(explanation, "/duration"));
    if (at(explanation, "/event/in_iface"))
        fprintf(stream, ", on %s", text(explanation, "/event/in_iface"));
    fputs("\n  ", stream);
    print_side(explanation, "sent", "/event/flow/pkts_toserver", "/event/flow/bytes_toserver",
               stream);
    print_side(explanation, "received", "/event/flow/pkts_toclient", "/event/flow/bytes_toclient",
               stream);
    fprintf(stream, "%s, ended by %s\n  Community ID %s\n", text(explanation, "/event/flow/state"),
            text(explanation, "/event/flow/reason"), text(explanation, "/event/community_id"));
}

static void print_views(struct json_object *views, FILE *stream)
{
    static const char *const meaning[][2] = {
        {"alarm", "what the alarm network makes of it"},
        {"residual", "what the autoencoder cannot restore of it"},
        {"prototypes", "how far it is from any typical normal flow"},
        {"components", "how far its values do not go together as in normal flows"},
    };

    for (size_t i = 0; views && i < sizeof meaning / sizeof *meaning; i++) {
        struct json_object *surprise = NULL;

        if (json_object_object_get_ex(views, meaning[i][0], &surprise))
            fprintf(stream, "  %-10s  p %-9.2g %s\n", meaning[i][0],
                    exp(-json_object_get_double(surprise)), meaning[i][1]);
    }
}

static void print_score(struct json_object *explanation, FILE *stream)
{
    const double logit = number(explanation, "/event/da3d/logit");
    const double threshold = number(explanation, "/event/da3d/threshold_logit");

    fprintf(stream, "\nHow unusual: logit %.3f, %s the threshold of %.3f (score %.6f and %.6f)\n",
            logit, logit >= threshold ? "reaches" : "below", threshold,
            number(explanation, "/event/da3d/score"), number(explanation, "/event/da3d/threshold"));
    fprintf(stream, "  of normal flows a share of %.2g scores so high or higher (p-value)\n",
            number(explanation, "/event/da3d/p_value"));
    print_views(at(explanation, "/event/da3d/views"), stream);
    fprintf(stream, "  model %s, feature set %s\n", text(explanation, "/event/da3d/model"),
            text(explanation, "/event/da3d/feature_set"));
    if (at(explanation, "/explained_by"))
        fprintf(stream, "  which is no longer in use: what follows is by %s\n",
                text(explanation, "/explained_by"));
}

static void print_row(double contribution, const char *const cell_of[4], FILE *stream)
{
    fprintf(stream, "  %+6.2f  %-*s %12s  %-20s %s\n", contribution, FEATURE_WIDTH, cell_of[0],
            cell_of[1], cell_of[2], cell_of[3]);
}

static void print_feature(struct json_object *feature, FILE *stream)
{
    struct json_object *typical = at(feature, "/typical");
    const bool word = json_object_is_type(at(feature, "/typical/0"), json_type_string);
    char value[CELL], usual[CELL], nearest[CELL];

    cell(at(feature, "/value"), value);
    cells(typical, word ? ", " : " to ", usual);
    cells(at(feature, "/nearest"), ", ", nearest);
    print_row(number(feature, "/contrib"),
              (const char *const[]){text(feature, "/feature"), value, usual, nearest}, stream);
    fprintf(stream, "            %s (%s)\n", text(feature, "/definition"), text(feature, "/unit"));
}

static void print_features(struct json_object *explanation, FILE *stream)
{
    struct json_object *features = at(explanation, "/features");
    const size_t n = features ? json_object_array_length(features) : 0;

    fprintf(stream,
            "\nWhat made it: contributions to the logit, counted from the %.3f of a typical normal "
            "flow\n          %-*s %12s  %-20s %s\n",
            number(explanation, "/baseline"), FEATURE_WIDTH, "FEATURE", "HERE", "NORMAL (1-99 %)",
            "THE NORMAL FLOWS MOST LIKE IT");
    for (size_t i = 0; i < n; i++)
        print_feature(json_object_array_get_idx(features, i), stream);
    fprintf(stream, "  %+6.2f  %s other features\n", number(explanation, "/rest"),
            text(explanation, "/others"));
}

void page_print(struct json_object *explanation, FILE *stream)
{
    print_flow(explanation, stream);
    print_score(explanation, stream);
    print_features(explanation, stream);
}
