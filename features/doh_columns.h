/* doh_columns.h - the columns of the `doh` set as initialisers, for each set that begins so. */
#ifndef FEATURES_DOH_COLUMNS_H
#define FEATURES_DOH_COLUMNS_H

#include "set.h"

/* Columns that are missing together. */
enum missing_group {
    NO_DURATION = 1,
    NO_LENGTH_SPREAD,
    NO_TIME_MEAN,
    NO_RESPONSE,
    NO_RESPONSE_SPREAD,
    NO_RESPONSE_MEAN
};

#define NEVER                    .missing = NULL
#define MISSING(group, why, csv) .missing_group = (group), .missing = (why), .sentinel = (csv)
#define MISSING_RESPONSE(group, why, csv, csv_no_response)                                         \
    MISSING(group, why, csv), .no_response = (csv_no_response)
#define COLUMN(a_source, a_name, a_unit, a_definition, ...)                                        \
    {                                                                                              \
        .name = (a_name), .unit = (a_unit), .definition = a_definition, .source = (a_source),      \
        __VA_ARGS__                                                                                \
    }

#define DOHMETER        "CIRA-CIC-DoHBrw-2020 (DoHLyzer)"
#define DOH_COLUMN(...) COLUMN(DOHMETER, __VA_ARGS__)

/* The columns of struct stats, in its order. square: the unit's square; basic: when the first five
 * are missing; the median, the skews and the variation say so for themselves. */
#define STATISTICS(prefix, of, unit, square, basic, middle, to_middle, to_mode, relative)          \
    DOH_COLUMN(prefix "Variance", square, "Population variance of " of ".", basic),                \
        DOH_COLUMN(prefix "StandardDeviation", unit, "Square root of the variance of " of ".",     \
                   basic),                                                                         \
        DOH_COLUMN(prefix "Mean", unit, "Arithmetic mean of " of ".", basic),                      \
        DOH_COLUMN(prefix "Median", unit, "Middle value (mean of the middle two) of " of ".",      \
                   middle),                                                                        \
        DOH_COLUMN(prefix "Mode", unit,                                                            \
                   "Most frequent value, the smallest of several, of " of ".", basic),             \
        DOH_COLUMN(prefix "SkewFromMedian", "1", "3 (mean - median) / deviation of " of ".",       \
                   to_middle),                                                                     \
        DOH_COLUMN(prefix "SkewFromMode", "1", "(mean - mode) / deviation of " of ".", to_mode),   \
        DOH_COLUMN(prefix "CoefficientofVariation", "1", "Deviation / mean of " of ".", relative)

#define ALL_AT_ONCE       "All packets have the same time."
#define EQUAL_LENGTHS     "All packets have the same length."
#define NO_ANSWER         "No packet of the responder directly follows one of the originator."
#define EQUAL_RESPONSES   NO_ANSWER " Or all response times are equal."
#define RESPONSES_AT_ONCE NO_ANSWER " Or the response times' mean is 0."

#define DOH_COLUMNS                                                                                \
    DOH_COLUMN("Duration", "s", "Time from the earliest to the latest packet of the row.", NEVER), \
        DOH_COLUMN("FlowBytesSent", "bytes",                                                       \
                   "IP datagram lengths sent by the originator, summed.", NEVER),                  \
        DOH_COLUMN("FlowSentRate", "bytes/s", "FlowBytesSent / Duration.",                         \
                   MISSING(NO_DURATION, ALL_AT_ONCE, "-1")),                                       \
        DOH_COLUMN("FlowBytesReceived", "bytes",                                                   \
                   "IP datagram lengths sent by the responder, summed.", NEVER),                   \
        DOH_COLUMN("FlowReceivedRate", "bytes/s", "FlowBytesReceived / Duration.",                 \
                   MISSING(NO_DURATION, ALL_AT_ONCE, "-1")),                                       \
        STATISTICS("PacketLength", "the packets' IP datagram lengths", "bytes", "bytes^2", NEVER,  \
                   NEVER, MISSING(NO_LENGTH_SPREAD, EQUAL_LENGTHS, "-10"),                         \
                   MISSING(NO_LENGTH_SPREAD, EQUAL_LENGTHS, "-10"), NEVER),                        \
        STATISTICS("PacketTime", "the packets' times since the row's first packet", "s", "s^2",    \
                   NEVER, NEVER, MISSING(NO_DURATION, ALL_AT_ONCE, "-10"),                         \
                   MISSING(NO_DURATION, ALL_AT_ONCE, "-10"),                                       \
                   MISSING(NO_TIME_MEAN, "The mean of the packets' times is 0.", "-1")),           \
        STATISTICS(                                                                                \
            "ResponseTimeTime",                                                                    \
            "the times from a packet of the originator to the next one, if the responder's", "s",  \
            "s^2", MISSING(NO_RESPONSE, NO_ANSWER, "-1"), MISSING(NO_RESPONSE, NO_ANSWER, ""),     \
            MISSING_RESPONSE(NO_RESPONSE_SPREAD, EQUAL_RESPONSES, "-10", ""),                      \
            MISSING_RESPONSE(NO_RESPONSE_SPREAD, EQUAL_RESPONSES, "-10", "-0.0"),                  \
            MISSING_RESPONSE(NO_RESPONSE_MEAN, RESPONSES_AT_ONCE, "-1", "1.0"))

enum { DOH_N_COLUMNS = 29 };

/* A set's extract() and no_response() for these columns, the first of x. */
void doh_extract(const struct flow *flow, int64_t *work, double *x);
bool doh_no_response(const double *x);

#endif
