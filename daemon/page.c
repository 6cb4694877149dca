#include "page.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "human.h"
#include "json_read.h"

enum { CELL = 64, FEATURE_WIDTH = 38 };

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

    human_bytes(json_number(explanation, bytes), size);
    fprintf(stream, "%s %s packets, %s; ", what, json_text(explanation, pkts), size);
}

static void print_flow(struct json_object *explanation, FILE *stream)
{
    char src[HUMAN_END], dest[HUMAN_END];

    human_end(json_text(explanation, "event.src_ip"), json_text(explanation, "event.src_port"),
              src);
    human_end(json_text(explanation, "event.dest_ip"), json_text(explanation, "event.dest_port"),
              dest);
    fprintf(stream, "Flow %s: %s from %s to %s\n", json_text(explanation, "event.flow_id"),
            json_text(explanation, "event.proto"), src, dest);
    fprintf(stream, "  %s, for %.3g s", json_text(explanation, "event.flow.start"),
            json_number(explanation, "duration"));
    if (json_at(explanation, "event.in_iface"))
        fprintf(stream, ", on %s", json_text(explanation, "event.in_iface"));
    fputs("\n  ", stream);
    print_side(explanation, "sent", "event.flow.pkts_toserver", "event.flow.bytes_toserver",
               stream);
    print_side(explanation, "received", "event.flow.pkts_toclient", "event.flow.bytes_toclient",
               stream);
    fprintf(stream, "%s, ended by %s\n  Community ID %s\n",
            json_text(explanation, "event.flow.state"), json_text(explanation, "event.flow.reason"),
            json_text(explanation, "event.community_id"));
}

static void print_views(struct json_object *views, FILE *stream)
{
    static const char *const meaning[][2] = {
        {"alarm", "what the alarm network makes of it"},
        {"residual", "what the autoencoder cannot restore of it"},
        {"prototypes", "how far it is from any typical normal flow"},
        {"components", "how far its values do not go together as in normal flows"},
        {"novelty", "who talks to whom without having been seen to"},
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
    const double logit = json_number(explanation, "event.da3d.logit");
    const double threshold = json_number(explanation, "event.da3d.threshold_logit");

    fprintf(stream, "\nHow unusual: logit %.3f, %s the threshold of %.3f (score %.6f and %.6f)\n",
            logit, logit >= threshold ? "reaches" : "below", threshold,
            json_number(explanation, "event.da3d.score"),
            json_number(explanation, "event.da3d.threshold"));
    fprintf(stream, "  of normal flows a share of %.2g scores so high or higher (p-value)\n",
            json_number(explanation, "event.da3d.p_value"));
    print_views(json_at(explanation, "event.da3d.views"), stream);
    fprintf(stream, "  model %s, feature set %s\n", json_text(explanation, "event.da3d.model"),
            json_text(explanation, "event.da3d.feature_set"));
    if (json_at(explanation, "explained_by"))
        fprintf(stream, "  which is no longer in use: what follows is by %s\n",
                json_text(explanation, "explained_by"));
}

static void print_row(double contribution, const char *const cell_of[4], FILE *stream)
{
    fprintf(stream, "  %+6.2f  %-*s %12s  %-20s %s\n", contribution, FEATURE_WIDTH, cell_of[0],
            cell_of[1], cell_of[2], cell_of[3]);
}

static void print_feature(struct json_object *feature, FILE *stream)
{
    struct json_object *typical = json_at(feature, "typical");
    const bool word =
        typical && json_object_is_type(json_object_array_get_idx(typical, 0), json_type_string);
    char value[CELL], usual[CELL], nearest[CELL];

    cell(json_at(feature, "value"), value);
    cells(typical, word ? ", " : " to ", usual);
    cells(json_at(feature, "nearest"), ", ", nearest);
    print_row(json_number(feature, "contrib"),
              (const char *const[]){json_text(feature, "feature"), value, usual, nearest}, stream);
    fprintf(stream, "            %s (%s)\n", json_text(feature, "definition"),
            json_text(feature, "unit"));
}

static void print_features(struct json_object *explanation, FILE *stream)
{
    struct json_object *features = json_at(explanation, "features");
    const size_t n = features ? json_object_array_length(features) : 0;

    fprintf(stream,
            "\nWhat made it: contributions to the logit, counted from the %.3f of a typical normal "
            "flow\n          %-*s %12s  %-20s %s\n",
            json_number(explanation, "baseline"), FEATURE_WIDTH, "FEATURE", "HERE",
            "NORMAL (1-99 %)", "THE NORMAL FLOWS MOST LIKE IT");
    for (size_t i = 0; i < n; i++)
        print_feature(json_object_array_get_idx(features, i), stream);
    fprintf(stream, "  %+6.2f  %s other features\n", json_number(explanation, "rest"),
            json_text(explanation, "others"));
}

void page_print(struct json_object *explanation, FILE *stream)
{
    print_flow(explanation, stream);
    print_score(explanation, stream);
    print_features(explanation, stream);
}
