#include "service.h"

#include <stddef.h>

enum { FTP_DATA_PORT = 20, PRIVATE_PORTS = 49152 /* RFC 6335: never assigned */ };

#define SERVICE_NAME(name) #name,
const char *const service_names[SERVICE_COUNT] = {SERVICES(SERVICE_NAME)};
#undef SERVICE_NAME

struct port_range {
    uint16_t first, last;
    enum service service;
};

/* By the responder's port, in ascending order. Source: the assignments behind KDD'99's names, as
 * kdd99_feature_extractor (AI-IDS, after Dybey and Dubey) lists them; 6667 belongs to IRC. */
static const struct port_range tcp_ports[] = {
    {5, 5, SERVICE_rje},
    {7, 7, SERVICE_echo},
    {9, 9, SERVICE_discard},
    {11, 11, SERVICE_systat},
    {13, 13, SERVICE_daytime},
    {15, 15, SERVICE_netstat},
    {20, 20, SERVICE_ftp_data},
    {21, 21, SERVICE_ftp},
    {22, 22, SERVICE_ssh},
    {23, 23, SERVICE_telnet},
    {25, 25, SERVICE_smtp},
    {31, 31, SERVICE_auth},
    {37, 37, SERVICE_time},
    {42, 42, SERVICE_name},
    {43, 43, SERVICE_whois},
    {53, 53, SERVICE_domain},
    {56, 56, SERVICE_auth},
    {66, 66, SERVICE_sql_net},
    {70, 70, SERVICE_gopher},
    {71, 74, SERVICE_remote_job},
    {77, 77, SERVICE_rje},
    {79, 79, SERVICE_finger},
    {80, 80, SERVICE_http},
    {84, 84, SERVICE_ctf},
    {95, 95, SERVICE_supdup},
    {101, 101, SERVICE_hostnames},
    {102, 102, SERVICE_iso_tsap},
    {105, 105, SERVICE_csnet_ns},
    {109, 109, SERVICE_pop_2},
    {110, 110, SERVICE_pop_3},
    {111, 111, SERVICE_sunrpc},
    {113, 113, SERVICE_auth},
    {117, 117, SERVICE_uucp_path},
    {119, 119, SERVICE_nntp},
    {137, 137, SERVICE_netbios_ns},
    {138, 138, SERVICE_netbios_dgm},
    {139, 139, SERVICE_netbios_ssn},
    {143, 143, SERVICE_imap4},
    {150, 150, SERVICE_sql_net},
    {165, 165, SERVICE_courier},
    {175, 175, SERVICE_vmnet},
    {179, 179, SERVICE_bgp},
    {194, 194, SERVICE_IRC},
    {210, 210, SERVICE_Z39_50},
    {222, 222, SERVICE_auth},
    {245, 245, SERVICE_link},
    {309, 309, SERVICE_iso_tsap},
    {353, 353, SERVICE_auth},
    {370, 370, SERVICE_auth},
    {389, 389, SERVICE_ldap},
    {433, 433, SERVICE_nnsp},
    {443, 443, SERVICE_http_443},
    {512, 512, SERVICE_exec},
    {513, 513, SERVICE_login},
    {514, 514, SERVICE_shell},
    {515, 515, SERVICE_printer},
    {520, 520, SERVICE_efs},
    {529, 529, SERVICE_IRC},
    {530, 530, SERVICE_courier},
    {531, 531, SERVICE_aol},
    {540, 540, SERVICE_uucp},
    {543, 543, SERVICE_klogin},
    {544, 544, SERVICE_kshell},
    {563, 563, SERVICE_nntp},
    {636, 636, SERVICE_ldap},
    {993, 993, SERVICE_imap4},
    {1615, 1615, SERVICE_auth},
    {1911, 1911, SERVICE_mtp},
    {2139, 2139, SERVICE_auth},
    {2147, 2147, SERVICE_auth},
    {2218, 2218, SERVICE_IRC},
    {2334, 2334, SERVICE_auth},
    {2392, 2392, SERVICE_auth},
    {2478, 2478, SERVICE_auth},
    {2784, 2784, SERVICE_http_2784},
    {2821, 2821, SERVICE_auth},
    {3113, 3113, SERVICE_auth},
    {3207, 3207, SERVICE_auth},
    {3710, 3710, SERVICE_auth},
    {3799, 3799, SERVICE_auth},
    {3810, 3810, SERVICE_auth},
    {3833, 3833, SERVICE_auth},
    {3871, 3871, SERVICE_auth},
    {4031, 4031, SERVICE_uucp},
    {4032, 4032, SERVICE_auth},
    {4129, 4129, SERVICE_auth},
    {4321, 4321, SERVICE_whois},
    {4373, 4373, SERVICE_auth},
    {5067, 5067, SERVICE_auth},
    {5190, 5193, SERVICE_aol},
    {5635, 5635, SERVICE_auth},
    {5813, 5813, SERVICE_icmp},
    {6000, 6063, SERVICE_X11},
    {6268, 6269, SERVICE_auth},
    {6665, 6669, SERVICE_IRC},
    {6697, 6697, SERVICE_IRC},
    {7004, 7004, SERVICE_auth},
    {7847, 7847, SERVICE_auth},
    {8001, 8001, SERVICE_http_8001},
    {8008, 8008, SERVICE_http},
    {8080, 8080, SERVICE_http},
    {9002, 9002, SERVICE_auth},
    {19194, 19194, SERVICE_auth},
    {27999, 27999, SERVICE_auth},
};

static const struct port_range udp_ports[] = {
    {53, 53, SERVICE_domain_u},
    {69, 69, SERVICE_tftp_u},
    {123, 123, SERVICE_ntp_u},
};

static enum service by_port(const struct port_range *ranges, size_t n, uint16_t port)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (port < ranges[middle].first)
            high = middle;
        else if (port > ranges[middle].last)
            low = middle + 1;
        else
            return ranges[middle].service;
    }
    return port >= PRIVATE_PORTS ? SERVICE_private : SERVICE_other;
}

enum service service_of_ports(uint8_t proto, uint16_t sport, uint16_t dport)
{
    switch (proto) {
    case IP_PROTO_TCP:
        if (sport == FTP_DATA_PORT) /* active mode: the server connects */
            return SERVICE_ftp_data;
        return by_port(tcp_ports, sizeof tcp_ports / sizeof tcp_ports[0], dport);
    case IP_PROTO_UDP: return by_port(udp_ports, sizeof udp_ports / sizeof udp_ports[0], dport);
    default: return SERVICE_other;
    }
}

enum { ANY_CODE = 0x100 };

struct icmp_message {
    uint8_t proto, type;
    uint16_t code; /* or ANY_CODE */
    enum service service;
};

/* KDD'99's names are ICMP's (RFC 792); ICMPv6's counterparts (RFC 4443, RFC 4861) share them. */
static const struct icmp_message icmp_messages[] = {
    {IP_PROTO_ICMP, 0, ANY_CODE, SERVICE_ecr_i},     /* echo reply */
    {IP_PROTO_ICMP, 3, 1, SERVICE_urh_i},            /* host unreachable */
    {IP_PROTO_ICMP, 3, 3, SERVICE_urp_i},            /* port unreachable */
    {IP_PROTO_ICMP, 5, ANY_CODE, SERVICE_red_i},     /* redirect */
    {IP_PROTO_ICMP, 8, ANY_CODE, SERVICE_eco_i},     /* echo request */
    {IP_PROTO_ICMP, 11, ANY_CODE, SERVICE_tim_i},    /* time exceeded */
    {IP_PROTO_ICMPV6, 1, 3, SERVICE_urh_i},          /* address unreachable */
    {IP_PROTO_ICMPV6, 1, 4, SERVICE_urp_i},          /* port unreachable */
    {IP_PROTO_ICMPV6, 3, ANY_CODE, SERVICE_tim_i},   /* time exceeded */
    {IP_PROTO_ICMPV6, 128, ANY_CODE, SERVICE_eco_i}, /* echo request */
    {IP_PROTO_ICMPV6, 129, ANY_CODE, SERVICE_ecr_i}, /* echo reply */
    {IP_PROTO_ICMPV6, 137, ANY_CODE, SERVICE_red_i}, /* redirect */
};

enum service service_of_icmp(uint8_t proto, uint16_t type, uint16_t code)
{
    for (size_t i = 0; i < sizeof icmp_messages / sizeof icmp_messages[0]; i++) {
        const struct icmp_message *message = &icmp_messages[i];

        if (message->proto == proto && message->type == type &&
            (message->code == code || message->code == ANY_CODE))
            return message->service;
    }
    return SERVICE_oth_i;
}

static enum service icmp_service(const struct flow *flow)
{
    const struct flow_id *id = &flow->id;

    if (flow_icmp_one_way(id))
        return service_of_icmp(id->proto, id->sport, id->dport);
    return service_of_icmp(id->proto, flow->pkts[FLOW_TO_SERVER] > 0 ? id->sport : id->dport, 0);
}

enum service service_of(const struct flow *flow)
{
    const struct flow_id *id = &flow->id;

    if (id->proto == IP_PROTO_ICMP || id->proto == IP_PROTO_ICMPV6)
        return icmp_service(flow);
    return service_of_ports(id->proto, id->sport, id->dport);
}
