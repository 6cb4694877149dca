#include "kdd99_state.h"

#include <stddef.h>

#include "packet.h"

struct transition {
    enum kdd99_state from;
    bool from_originator;
    uint8_t flags; /* all of these are set */
    enum kdd99_state to;
};

/* The first that fits counts; where none does, the state remains. */
static const struct transition transitions[] = {
    {KDD99_INIT, true, TCP_SYN | TCP_ACK, KDD99_OTH},
    {KDD99_INIT, true, TCP_SYN, KDD99_S0},
    {KDD99_INIT, true, 0, KDD99_OTH},
    {KDD99_S0, true, TCP_RST, KDD99_RSTOS0},
    {KDD99_S0, true, TCP_FIN, KDD99_SH},
    {KDD99_S0, false, TCP_RST, KDD99_REJ},
    {KDD99_S0, false, TCP_SYN | TCP_ACK, KDD99_S1},
    {KDD99_S1, true, TCP_RST, KDD99_RSTO},
    {KDD99_S1, true, TCP_ACK, KDD99_ESTABLISHED},
    {KDD99_S1, false, TCP_RST, KDD99_RSTR},
    {KDD99_ESTABLISHED, true, TCP_RST, KDD99_RSTO},
    {KDD99_ESTABLISHED, true, TCP_FIN, KDD99_S2},
    {KDD99_ESTABLISHED, false, TCP_RST, KDD99_RSTR},
    {KDD99_ESTABLISHED, false, TCP_FIN, KDD99_S3},
    {KDD99_S2, true, TCP_RST, KDD99_RSTO},
    {KDD99_S2, false, TCP_RST, KDD99_RSTR},
    {KDD99_S2, false, TCP_FIN, KDD99_S2_FIN},
    {KDD99_S3, true, TCP_RST, KDD99_RSTO},
    {KDD99_S3, true, TCP_FIN, KDD99_S3_FIN},
    {KDD99_S3, false, TCP_RST, KDD99_RSTR},
    {KDD99_S2_FIN, true, TCP_RST, KDD99_RSTO},
    {KDD99_S2_FIN, true, TCP_ACK, KDD99_SF},
    {KDD99_S2_FIN, false, TCP_RST, KDD99_RSTR},
    {KDD99_S3_FIN, true, TCP_RST, KDD99_RSTO},
    {KDD99_S3_FIN, false, TCP_RST, KDD99_RSTR},
    {KDD99_S3_FIN, false, TCP_ACK, KDD99_SF},
};

static const struct {
    enum conn_state flag;
    int64_t timeout_s;
} states[] = {
    [KDD99_INIT] = {CONN_OTH, 0},       [KDD99_S0] = {CONN_S0, 120},
    [KDD99_S1] = {CONN_S1, 120},        [KDD99_ESTABLISHED] = {CONN_S1, 5 * 86400},
    [KDD99_S2] = {CONN_S2, 120},        [KDD99_S2_FIN] = {CONN_S2, 30},
    [KDD99_S3] = {CONN_S3, 120},        [KDD99_S3_FIN] = {CONN_S3, 30},
    [KDD99_SF] = {CONN_SF, 0},          [KDD99_REJ] = {CONN_REJ, 10},
    [KDD99_RSTO] = {CONN_RSTO, 10},     [KDD99_RSTR] = {CONN_RSTR, 10},
    [KDD99_RSTOS0] = {CONN_RSTOS0, 10}, [KDD99_SH] = {CONN_SH, 0},
    [KDD99_OTH] = {CONN_OTH, 0},        [KDD99_UDP] = {CONN_SF, 180},
    [KDD99_ICMP] = {CONN_SF, 30},
};

enum kdd99_state kdd99_next(enum kdd99_state state, bool from_originator, uint8_t flags)
{
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++) {
        const struct transition *transition = &transitions[i];

        if (transition->from == state && transition->from_originator == from_originator &&
            (flags & transition->flags) == transition->flags)
            return transition->to;
    }
    return state;
}

enum conn_state kdd99_flag(enum kdd99_state state)
{
    return states[state].flag;
}

int64_t kdd99_timeout_us(enum kdd99_state state)
{
    return states[state].timeout_s * 1000000;
}
