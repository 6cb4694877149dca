/* service.h - what a connection is used for, in KDD'99's terms, as its ports say.
 *
 * The names are those of KDD'99's data and tests, and oth_i. harvest and pm_dump, which the data
 * names too, have no port; oth_i is any ICMP message that has no name of its own. */
#ifndef FEATURES_SERVICE_H
#define FEATURES_SERVICE_H

#include "flow.h"

/* In ascending order by strcmp(), as a schema's categories are. */
/* clang-format off */
#define SERVICES(X)                                                                                \
    X(IRC) X(X11) X(Z39_50) X(aol) X(auth) X(bgp) X(courier) X(csnet_ns) X(ctf) X(daytime)         \
    X(discard) X(domain) X(domain_u) X(echo) X(eco_i) X(ecr_i) X(efs) X(exec) X(finger)            \
    X(ftp) X(ftp_data) X(gopher) X(harvest) X(hostnames) X(http) X(http_2784) X(http_443)          \
    X(http_8001) X(icmp) X(imap4) X(iso_tsap) X(klogin) X(kshell) X(ldap) X(link) X(login)         \
    X(mtp) X(name) X(netbios_dgm) X(netbios_ns) X(netbios_ssn) X(netstat) X(nnsp) X(nntp)          \
    X(ntp_u) X(oth_i) X(other) X(pm_dump) X(pop_2) X(pop_3) X(printer) X(private) X(red_i)         \
    X(remote_job) X(rje) X(shell) X(smtp) X(sql_net) X(ssh) X(sunrpc) X(supdup) X(systat)          \
    X(telnet) X(tftp_u) X(tim_i) X(time) X(urh_i) X(urp_i) X(uucp) X(uucp_path) X(vmnet)           \
    X(whois)
/* clang-format on */

#define SERVICE_ENUMERATOR(name) SERVICE_##name,
enum service { SERVICES(SERVICE_ENUMERATOR) SERVICE_COUNT };
#undef SERVICE_ENUMERATOR

extern const char *const service_names[SERVICE_COUNT];

/* sport, dport: the originator's and the responder's. Any protocol but ICMP and ICMPv6. */
enum service service_of_ports(uint8_t proto, uint16_t sport, uint16_t dport);

/* proto: IP_PROTO_ICMP or IP_PROTO_ICMPV6. type, code: the connection's first message's. */
enum service service_of_icmp(uint8_t proto, uint16_t type, uint16_t code);

/* Of a row; ICMP: of the first message heard, which is a reply where the request was not. */
enum service service_of(const struct flow *flow);

#endif
