/* port_class.h - what the responder's port is registered for: the `service` of the `flow` set.
 *
 * Names are IANA's ("Service Name and Transport Protocol Port Number Registry"), the plain one also
 * for what is the same under TLS or on the usual second port. Ports that bear no name here are told
 * by their range (RFC 6335): system to 1023, user to 49151, dynamic above. */
#ifndef FEATURES_PORT_CLASS_H
#define FEATURES_PORT_CLASS_H

#include "flow.h"

/* In ascending order by strcmp(), as a schema's categories are. */
#define PORT_CLASSES(X)                                                                            \
    X(bootp)                                                                                       \
    X(domain)                                                                                      \
    X(dynamic)                                                                                     \
    X(ftp)                                                                                         \
    X(http)                                                                                        \
    X(https)                                                                                       \
    X(imap)                                                                                        \
    X(kerberos)                                                                                    \
    X(ldap)                                                                                        \
    X(mdns)                                                                                        \
    X(mqtt)                                                                                        \
    X(netbios)                                                                                     \
    X(none)                                                                                        \
    X(ntp)                                                                                         \
    X(pop3)                                                                                        \
    X(rdp)                                                                                         \
    X(sip)                                                                                         \
    X(smb)                                                                                         \
    X(smtp)                                                                                        \
    X(snmp)                                                                                        \
    X(sql)                                                                                         \
    X(ssdp)                                                                                        \
    X(ssh)                                                                                         \
    X(syslog)                                                                                      \
    X(system)                                                                                      \
    X(telnet)                                                                                      \
    X(user)

#define PORT_CLASS_ENUMERATOR(name) PORT_CLASS_##name,
enum port_class { PORT_CLASSES(PORT_CLASS_ENUMERATOR) PORT_CLASS_COUNT };
#undef PORT_CLASS_ENUMERATOR

extern const char *const port_class_names[PORT_CLASS_COUNT];

/* Of a flow: by the responder's port, whatever the protocol; none where flows have no ports. */
enum port_class port_class_of(const struct flow_id *id);

#endif
