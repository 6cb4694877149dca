/* What responders' ports are registered for. */
#include "features/port_class.h"

#include <criterion/criterion.h>
#include <string.h>

#include "features/packet.h"

Test(port_class, names_are_in_order)
{
    for (size_t i = 1; i < PORT_CLASS_COUNT; i++)
        cr_expect_lt(strcmp(port_class_names[i - 1], port_class_names[i]), 0, "%s",
                     port_class_names[i]);
}

Test(port_class, by_the_responders_port)
{
    static const struct {
        uint8_t proto;
        uint16_t dport;
        const char *expected;
    } cases[] = {
        {IP_PROTO_TCP, 0, "system"},      {IP_PROTO_TCP, 20, "ftp"},
        {IP_PROTO_TCP, 21, "ftp"},        {IP_PROTO_TCP, 22, "ssh"},
        {IP_PROTO_TCP, 24, "system"},     {IP_PROTO_UDP, 53, "domain"},
        {IP_PROTO_TCP, 853, "domain"},    {IP_PROTO_UDP, 443, "https"},
        {IP_PROTO_TCP, 8443, "https"},    {IP_PROTO_TCP, 1023, "system"},
        {IP_PROTO_TCP, 1024, "user"},     {IP_PROTO_TCP, 8883, "mqtt"},
        {IP_PROTO_TCP, 49151, "user"},    {IP_PROTO_TCP, 49152, "dynamic"},
        {IP_PROTO_UDP, 65535, "dynamic"}, {IP_PROTO_SCTP, 80, "http"},
        {IP_PROTO_ICMP, 22, "none"},      {47, 80, "none"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct flow_id id = {.proto = cases[i].proto, .sport = 22, .dport = cases[i].dport};

        cr_expect_str_eq(port_class_names[port_class_of(&id)], cases[i].expected, "case %zu", i);
    }
}
