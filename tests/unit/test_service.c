/* KDD'99's services. */
#include "features/service.h"

#include <criterion/criterion.h>
#include <string.h>

#include "features/packet.h"

Test(service, names_are_in_order)
{
    for (size_t i = 1; i < SERVICE_COUNT; i++)
        cr_expect_lt(strcmp(service_names[i - 1], service_names[i]), 0, "%s", service_names[i]);
    cr_expect_eq(SERVICE_COUNT, 72, "NSL-KDD's 70, icmp of KDD'99's tests, oth_i");
}

Test(service, by_port)
{
    static const struct {
        uint8_t proto;
        uint16_t sport, dport;
        enum service expected;
    } cases[] = {
        {IP_PROTO_TCP, 40000, 80, SERVICE_http},      {IP_PROTO_TCP, 40000, 8080, SERVICE_http},
        {IP_PROTO_TCP, 40000, 443, SERVICE_http_443}, {IP_PROTO_TCP, 40000, 21, SERVICE_ftp},
        {IP_PROTO_TCP, 20, 40000, SERVICE_ftp_data},  {IP_PROTO_TCP, 40000, 20, SERVICE_ftp_data},
        {IP_PROTO_TCP, 40000, 5999, SERVICE_other},   {IP_PROTO_TCP, 40000, 6000, SERVICE_X11},
        {IP_PROTO_TCP, 40000, 6063, SERVICE_X11},     {IP_PROTO_TCP, 40000, 6064, SERVICE_other},
        {IP_PROTO_TCP, 40000, 6667, SERVICE_IRC},     {IP_PROTO_TCP, 40000, 53, SERVICE_domain},
        {IP_PROTO_TCP, 40000, 5, SERVICE_rje},        {IP_PROTO_TCP, 40000, 27999, SERVICE_auth},
        {IP_PROTO_TCP, 40000, 0, SERVICE_other},      {IP_PROTO_TCP, 40000, 1, SERVICE_other},
        {IP_PROTO_TCP, 80, 49151, SERVICE_other},     {IP_PROTO_TCP, 80, 49152, SERVICE_private},
        {IP_PROTO_TCP, 80, 65535, SERVICE_private},   {IP_PROTO_UDP, 40000, 53, SERVICE_domain_u},
        {IP_PROTO_UDP, 40000, 69, SERVICE_tftp_u},    {IP_PROTO_UDP, 123, 123, SERVICE_ntp_u},
        {IP_PROTO_UDP, 40000, 80, SERVICE_other},     {IP_PROTO_UDP, 20, 50000, SERVICE_private},
        {IP_PROTO_SCTP, 40000, 80, SERVICE_other},    {47, 0, 0, SERVICE_other},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(service_of_ports(cases[i].proto, cases[i].sport, cases[i].dport),
                     cases[i].expected, "case %zu", i);
}

/* Names with a port of their own are reached by one; the ports of no two overlap. */
Test(service, every_name_has_a_port)
{
    bool reached[SERVICE_COUNT] = {false};

    for (unsigned port = 0; port <= UINT16_MAX; port++) {
        reached[service_of_ports(IP_PROTO_TCP, 40000, (uint16_t)port)] = true;
        reached[service_of_ports(IP_PROTO_UDP, 40000, (uint16_t)port)] = true;
    }
    for (unsigned type = 0; type <= UINT8_MAX; type++)
        for (unsigned code = 0; code <= UINT8_MAX; code++)
            reached[service_of_icmp(IP_PROTO_ICMP, (uint16_t)type, (uint16_t)code)] = true;
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        cr_expect_eq(reached[i], i != SERVICE_harvest && i != SERVICE_pm_dump, "%s",
                     service_names[i]);
}

Test(service, by_icmp_message)
{
    static const struct {
        uint8_t proto;
        uint16_t type, code;
        enum service expected;
    } cases[] = {
        {IP_PROTO_ICMP, 0, 0, SERVICE_ecr_i},     {IP_PROTO_ICMP, 8, 0, SERVICE_eco_i},
        {IP_PROTO_ICMP, 8, 9, SERVICE_eco_i},     {IP_PROTO_ICMP, 3, 0, SERVICE_oth_i},
        {IP_PROTO_ICMP, 3, 1, SERVICE_urh_i},     {IP_PROTO_ICMP, 3, 3, SERVICE_urp_i},
        {IP_PROTO_ICMP, 5, 1, SERVICE_red_i},     {IP_PROTO_ICMP, 11, 0, SERVICE_tim_i},
        {IP_PROTO_ICMP, 13, 0, SERVICE_oth_i},    {IP_PROTO_ICMPV6, 1, 4, SERVICE_urp_i},
        {IP_PROTO_ICMPV6, 1, 3, SERVICE_urh_i},   {IP_PROTO_ICMPV6, 1, 0, SERVICE_oth_i},
        {IP_PROTO_ICMPV6, 3, 0, SERVICE_tim_i},   {IP_PROTO_ICMPV6, 128, 0, SERVICE_eco_i},
        {IP_PROTO_ICMPV6, 129, 0, SERVICE_ecr_i}, {IP_PROTO_ICMPV6, 137, 0, SERVICE_red_i},
        {IP_PROTO_ICMPV6, 8, 0, SERVICE_oth_i},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(service_of_icmp(cases[i].proto, cases[i].type, cases[i].code),
                     cases[i].expected, "case %zu", i);
}
