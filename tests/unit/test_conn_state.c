/* Connection states by their definition: short conversations, told packet by packet. */
#include "features/conn_state.h"

#include <criterion/criterion.h>
#include <string.h>

#include "features/packet.h"

/* A packet for each word, its sender first: > the originator, < the responder; then its flags, and
 * + for payload. */
static enum conn_state state_after(const char *packets)
{
    static const struct {
        char letter;
        uint8_t flag;
    } flags[] = {{'S', TCP_SYN}, {'A', TCP_ACK}, {'F', TCP_FIN}, {'R', TCP_RST}};
    struct conn_sides sides = {0};
    bool payload = false;

    for (const char *p = packets; *p; p += strspn(p, " ")) {
        enum conn_end sender = *p == '>' ? CONN_ORIGINATOR : CONN_RESPONDER;
        size_t length = strcspn(p, " ");
        bool more = memchr(p, '+', length) != NULL;
        uint8_t set = 0;

        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            if (memchr(p, flags[i].letter, length))
                set |= flags[i].flag;
        payload |= more;
        conn_update(&sides, sender, set, !more);
        p += length;
    }
    return conn_state(&sides, !payload);
}

Test(conn_state, of_conversations)
{
    static const struct {
        const char *packets;
        enum conn_state expected;
    } cases[] = {
        /* attempts */
        {">S", CONN_S0},
        {">S >S >S", CONN_S0},
        {">S <A", CONN_S0}, /* an acknowledgement before the answer is none */
        {">S <RA", CONN_REJ},
        {">S <A <RA", CONN_REJ},
        {">S <RA >R", CONN_REJ},
        {">S >R", CONN_RSTOS0},
        {">S >A >R", CONN_RSTOS0},
        {">S >F", CONN_SH},
        {">SF", CONN_SH},
        {">S <+", CONN_OTH},
        /* established */
        {">S <SA", CONN_S1},
        {">S <SA >A >A+ <A+", CONN_S1},
        {">S <S >A", CONN_S1}, /* simultaneous open */
        {">S <SA >A >FA", CONN_S2},
        {">S <SA >A <FA", CONN_S3},
        {">S <SA >A >FA <FA >A", CONN_SF},
        {">S <SA >A <FA >FA", CONN_SF},
        {">S <SA >R", CONN_RSTO},
        {">S <SA >A+ >R", CONN_RSTO},
        {">S <SA >A+ <R", CONN_RSTR},
        {">S <SA >A >FA <R", CONN_RSTR},
        {">S <SA >A <FA >R", CONN_RSTO},
        {">S <SA >A+ >R <R", CONN_RSTR},
        /* what comes after the end changes nothing */
        {">S <SA >A >FA <FA >R", CONN_SF},
        {">S <SA >A >FA <FA <R", CONN_SF},
        {">S <SA >A >FA >R <FA", CONN_SF},
        {">S <SA >A >FA <FA <SA >A+", CONN_SF},
        {">S <SA >A+ >R <FA", CONN_RSTO},
        /* without the originator's SYN */
        {"<SA", CONN_OTH},
        {"<SA >A", CONN_S1}, /* the SYN was missed */
        {"<SA <R", CONN_RSTRH},
        {"<SA >R", CONN_RSTO},
        {"<SA <F", CONN_SHR},
        /* under way */
        {">A+", CONN_OTH},
        {">A+ <A+", CONN_OTH},
        {">A+ <A >FA <FA", CONN_SF},
        {">A+ <A >FA", CONN_SH},
        {">A+ <A <FA", CONN_SHR},
        {">A+ <A >R", CONN_OTH},
        {">A+ <A <R", CONN_RSTRH},
        {">A+ >S", CONN_S0},
        /* probes */
        {">F", CONN_SH},
        {">F <RA", CONN_RSTR},
        {">R", CONN_OTH},
        {">A <R", CONN_RSTRH},
        {">", CONN_OTH},
        {"", CONN_OTH},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum conn_state state = state_after(cases[i].packets);

        cr_expect_eq(state, cases[i].expected, "%s: %s", cases[i].packets, conn_state_names[state]);
    }
}

Test(conn_state, names_are_in_order)
{
    for (size_t i = 1; i < CONN_STATE_COUNT; i++)
        cr_expect_lt(strcmp(conn_state_names[i - 1], conn_state_names[i]), 0);
}
