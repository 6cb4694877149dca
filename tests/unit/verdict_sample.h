/* verdict_sample.h - verdicts that the tests of alerts and outputs share. */
#ifndef TESTS_UNIT_VERDICT_SAMPLE_H
#define TESTS_UNIT_VERDICT_SAMPLE_H

#include <arpa/inet.h>
#include <string.h>

#include "daemon/judge.h"

/* A model by name alone: it cannot score. */
static inline struct judge_model verdict_sample_model(void)
{
    return (struct judge_model){
        .source = {.host = "sensor1",
                   .model = "sha256:ab12cd34",
                   .feature_set = "flow-v1",
                   .threshold = {0.5, 0.0F}},
    };
}

/* TCP from src, port 40000, to 198.51.100.7 (of src's family: 2001:db8::7), port dport. */
static inline struct verdict verdict_sample(struct judge_model *model, const char *src,
                                            uint16_t dport, float logit)
{
    struct verdict verdict = {
        .flow = {.id = {.sport = 40000, .dport = dport, .ip_version = 4, .proto = IP_PROTO_TCP},
                 .flow_id = 42,
                 .start_ns = 1000000000,
                 .end_ns = 3000000000,
                 .pkts = {3, 2},
                 .bytes = {300, 200},
                 .state = FLOW_CLOSED,
                 .end = FLOW_END_FIN},
        .score = {.logit = logit, .score = 0.75, .p_value = 0.01, .alert = logit >= 0},
        .model = model,
    };
    struct flow_id *id = &verdict.flow.id;

    if (strchr(src, ':')) {
        id->ip_version = 6;
        inet_pton(AF_INET6, src, id->src.bytes);
        inet_pton(AF_INET6, "2001:db8::7", id->dst.bytes);
    } else {
        inet_pton(AF_INET, src, id->src.bytes);
        inet_pton(AF_INET, "198.51.100.7", id->dst.bytes);
    }
    return verdict;
}

#endif
