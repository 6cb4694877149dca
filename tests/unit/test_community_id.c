/* Community ID v1 against the vectors that its specification and reference implementation
 * (corelight/pycommunityid) publish. */
#include <arpa/inet.h>
#include <criterion/criterion.h>

#include "daemon/community_id.h"

struct vector {
    uint8_t proto;
    const char *src, *dst;
    uint16_t sport, dport; /* ICMP: type, then the type's counterpart or the code */
    const char *expected;
};

static const struct vector vectors[] = {
    {6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {6, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {6, "10.0.0.1", "10.0.0.2", 10, 11569, "1:SXBGMX1lBOwhhoDrZynfROxnhnM="},
    {6, "192.168.1.42", "192.168.1.42", 42, 41, "1:eRcf7I/xocOxnYo5pbJBV5NhVm0="},
    {6, "192.168.1.42", "192.168.1.42", 41, 42, "1:eRcf7I/xocOxnYo5pbJBV5NhVm0="},
    {17, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {17, "8.8.8.8", "192.168.1.52", 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {132, "192.168.170.8", "192.168.170.56", 7, 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
    {132, "192.168.170.56", "192.168.170.8", 80, 7, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
    {1, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    {1, "192.168.0.1", "192.168.0.89", 0, 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    {1, "192.168.0.89", "192.168.0.1", 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="},
    {1, "192.168.0.89", "192.168.0.1", 20, 1, "1:tz/fHIDUHs19NkixVVoOZywde+I="},
    {58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136,
     "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
    {58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:507:0:1:260:97ff:fe07:69ea", 3, 0,
     "1:/OGBt9BN1ofenrmSPWYicpij2Vc="},
    {58, "3ffe:501:0:1802:260:97ff:feb6:7ff0", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0,
     "1:bnQKq8A2r//dWnkRW2EYcMhShjc="},
    {46, "1.2.3.4", "5.6.7.8", 0, 0, "1:ikv3kmf89luf73WPz1jOs49S768="},
};

Test(community_id, published_vectors)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *v = &vectors[i];
        bool v6 = strchr(v->src, ':') != NULL;
        struct flow_id id = {
            .proto = v->proto, .ip_version = v6 ? 6 : 4, .sport = v->sport, .dport = v->dport};
        char out[COMMUNITY_ID_SIZE];

        cr_assert_eq(inet_pton(v6 ? AF_INET6 : AF_INET, v->src, id.src.bytes), 1);
        cr_assert_eq(inet_pton(v6 ? AF_INET6 : AF_INET, v->dst, id.dst.bytes), 1);
        community_id(&id, out);
        cr_expect_str_eq(out, v->expected, "%s %u -> %s %u: %s, not %s", v->src, v->sport, v->dst,
                         v->dport, out, v->expected);
    }
}
