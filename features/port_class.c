#include "port_class.h"

#include <stddef.h>

enum { SYSTEM_LAST = 1023, USER_LAST = 49151 }; /* RFC 6335, section 6 */

#define PORT_CLASS_NAME(name) #name,
const char *const port_class_names[PORT_CLASS_COUNT] = {PORT_CLASSES(PORT_CLASS_NAME)};
#undef PORT_CLASS_NAME

struct port_range {
    uint16_t first, last;
    enum port_class class;
};

/* In ascending order. */
static const struct port_range ranges[] = {
    {20, 21, PORT_CLASS_ftp},        {22, 22, PORT_CLASS_ssh},       {23, 23, PORT_CLASS_telnet},
    {25, 25, PORT_CLASS_smtp},       {53, 53, PORT_CLASS_domain},    {67, 68, PORT_CLASS_bootp},
    {80, 80, PORT_CLASS_http},       {88, 88, PORT_CLASS_kerberos},  {110, 110, PORT_CLASS_pop3},
    {123, 123, PORT_CLASS_ntp},      {137, 139, PORT_CLASS_netbios}, {143, 143, PORT_CLASS_imap},
    {161, 162, PORT_CLASS_snmp},     {389, 389, PORT_CLASS_ldap},    {443, 443, PORT_CLASS_https},
    {445, 445, PORT_CLASS_smb},      {465, 465, PORT_CLASS_smtp},    {514, 514, PORT_CLASS_syslog},
    {546, 547, PORT_CLASS_bootp},    {587, 587, PORT_CLASS_smtp},    {636, 636, PORT_CLASS_ldap},
    {853, 853, PORT_CLASS_domain},   {993, 993, PORT_CLASS_imap},    {995, 995, PORT_CLASS_pop3},
    {1433, 1433, PORT_CLASS_sql},    {1521, 1521, PORT_CLASS_sql},   {1883, 1883, PORT_CLASS_mqtt},
    {1900, 1900, PORT_CLASS_ssdp},   {3306, 3306, PORT_CLASS_sql},   {3389, 3389, PORT_CLASS_rdp},
    {5060, 5061, PORT_CLASS_sip},    {5353, 5353, PORT_CLASS_mdns},  {5432, 5432, PORT_CLASS_sql},
    {6514, 6514, PORT_CLASS_syslog}, {8080, 8080, PORT_CLASS_http},  {8443, 8443, PORT_CLASS_https},
    {8883, 8883, PORT_CLASS_mqtt},
};

enum port_class port_class_of(const struct flow_id *id)
{
    if (!flow_has_ports(id))
        return PORT_CLASS_none;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && ranges[i].first <= id->dport; i++)
        if (id->dport <= ranges[i].last)
            return ranges[i].class;
    if (id->dport <= SYSTEM_LAST)
        return PORT_CLASS_system;
    return id->dport <= USER_LAST ? PORT_CLASS_user : PORT_CLASS_dynamic;
}
