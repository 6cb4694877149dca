#!/usr/bin/env python3
"""The rows of `da3dd --extract CAPTURE --features kdd`, but for the content columns: calculated anew
from the definitions, by counting all rows each time. Shares nothing with da3dd; rows by doh_native.

usage: kdd_native.py CAPTURE... > rows.csv
"""
import collections
import csv
import itertools
import sys

from doh_native import (ACK, FIN, ICMP, ICMPV6, IDENTITY, RST, SCTP, SECOND, SYN, TCP, UDP,
                        endpoints, identity, read_flows)

URG = 32
BASIC = ["duration", "protocol_type", "service", "flag", "src_bytes", "dst_bytes", "land",
         "wrong_fragment", "urgent"]
RATES = ["serror_rate", "srv_serror_rate", "rerror_rate", "srv_rerror_rate"]
SECONDS = ["count", "srv_count"] + RATES + ["same_srv_rate", "diff_srv_rate", "srv_diff_host_rate"]
RECENT = ["dst_host_" + column for column in
          ["count", "srv_count", "same_srv_rate", "diff_srv_rate", "same_src_port_rate",
           "srv_diff_host_rate"] + RATES]

TCP_SERVICES = {
    "IRC": [194, 529, 2218, 6665, 6666, 6667, 6668, 6669, 6697], "X11": range(6000, 6064),
    "Z39_50": [210], "aol": [531, 5190, 5191, 5192, 5193],
    "auth": [31, 56, 113, 222, 353, 370, 1615, 2139, 2147, 2334, 2392, 2478, 2821, 3113, 3207, 3710,
             3799, 3810, 3833, 3871, 4032, 4129, 4373, 5067, 5635, 6268, 6269, 7004, 7847, 9002,
             19194, 27999],
    "bgp": [179], "courier": [165, 530], "csnet_ns": [105], "ctf": [84], "daytime": [13],
    "discard": [9], "domain": [53], "echo": [7], "efs": [520], "exec": [512], "finger": [79],
    "ftp": [21], "ftp_data": [20], "gopher": [70], "hostnames": [101], "http": [80, 8008, 8080],
    "http_2784": [2784], "http_443": [443], "http_8001": [8001], "icmp": [5813],
    "imap4": [143, 993], "iso_tsap": [102, 309], "klogin": [543], "kshell": [544],
    "ldap": [389, 636], "link": [245], "login": [513], "mtp": [1911], "name": [42],
    "netbios_dgm": [138], "netbios_ns": [137], "netbios_ssn": [139], "netstat": [15],
    "nnsp": [433], "nntp": [119, 563], "pop_2": [109], "pop_3": [110], "printer": [515],
    "remote_job": [71, 72, 73, 74], "rje": [5, 77], "shell": [514], "smtp": [25],
    "sql_net": [66, 150], "ssh": [22], "sunrpc": [111], "supdup": [95], "systat": [11],
    "telnet": [23], "time": [37], "uucp": [540, 4031], "uucp_path": [117], "vmnet": [175],
    "whois": [43, 4321],
}
SERVICES = {
    TCP: {port: name for name, ports in TCP_SERVICES.items() for port in ports},
    UDP: {53: "domain_u", 69: "tftp_u", 123: "ntp_u"},
}
ICMP_TYPES = {
    ICMP: {0: "ecr_i", 5: "red_i", 8: "eco_i", 11: "tim_i"},
    ICMPV6: {3: "tim_i", 128: "eco_i", 129: "ecr_i", 137: "red_i"},
}
UNREACHABLE = {(ICMP, 3, 1): "urh_i", (ICMP, 3, 3): "urp_i",
               (ICMPV6, 1, 3): "urh_i", (ICMPV6, 1, 4): "urp_i"}


def service(flow):
    sport, dport = flow.originator[1], flow.responder[1]
    if flow.proto in ICMP_TYPES:
        one_way = endpoints(flow.packets[0][0])[3]
        asked = one_way or any(sent for _, sent in flow.packets)
        kind = sport if asked else dport
        return UNREACHABLE.get((flow.proto, kind, dport),
                               ICMP_TYPES[flow.proto].get(kind, "oth_i"))
    if flow.proto == TCP and sport == 20:
        return "ftp_data"
    if flow.proto not in SERVICES:
        return "other"
    return SERVICES[flow.proto].get(dport, "private" if dport >= 49152 else "other")


# Zeek's words for what an endpoint has come to.
INACTIVE, SYN_SENT, PARTIAL, ESTABLISHED, CLOSED, RESET = range(6)


class Endpoint:
    state = before = INACTIVE

    def become(self, state):
        self.before, self.state = self.state, state


def receive(sender, peer, is_originator, flags, payload):
    """What one packet makes of its sender and, by an answer, of the peer."""
    if sender.state == RESET:
        return
    if sender.state == INACTIVE:
        if flags & SYN:
            sender.become(SYN_SENT if is_originator else ESTABLISHED)
            if not is_originator and peer.state == SYN_SENT:
                peer.become(ESTABLISHED)
        elif not flags & (FIN | RST):
            acknowledges_syn = not is_originator and not payload and peer.state == SYN_SENT
            if flags & ACK and peer.state == ESTABLISHED:
                sender.become(ESTABLISHED)
            elif not acknowledges_syn:
                sender.become(PARTIAL)
    elif sender.state == PARTIAL and peer.state == INACTIVE and flags & (SYN | ACK) == SYN:
        sender.become(SYN_SENT)
    if flags & RST:
        if not sender.state == peer.state == CLOSED:
            sender.become(RESET)
    elif flags & FIN and sender.state != CLOSED:
        sender.become(CLOSED)
        if (peer.state, peer.before) == (RESET, CLOSED):
            peer.state = CLOSED


def flag(flow):
    """Zeek's conn_state."""
    if flow.proto != TCP:
        return "SF"
    ends = {True: Endpoint(), False: Endpoint()}
    for packet, sent in flow.history:
        if packet.flags:
            receive(ends[sent], ends[not sent], sent, packet.flags, packet.payload)
    orig, resp = ends[True], ends[False]
    orig_unseen, resp_unseen = (end.state in (INACTIVE, PARTIAL) for end in (orig, resp))
    if resp.state == RESET:
        silent = not any(packet.payload for packet, _ in flow.packets)
        if orig.state == SYN_SENT or orig.state == RESET and silent:
            return "REJ"
        return "RSTRH" if orig_unseen else "RSTR"
    if orig.state == RESET:
        if not resp_unseen:
            return "RSTO"
        return "RSTOS0" if orig.before == SYN_SENT else "OTH"
    if CLOSED in (orig.state, resp.state):
        if orig.state == resp.state:
            return "SF"
        if orig.state == CLOSED:
            return "SH" if resp_unseen else "S2"
        return "SHR" if orig_unseen else "S3"
    return {(SYN_SENT, INACTIVE): "S0", (ESTABLISHED, ESTABLISHED): "S1"}.get(
        (orig.state, resp.state), "OTH")


class Row:
    def __init__(self, flow, when):
        self.when = when
        self.host = (flow.responder[0], flow.packets[0][0].vlans)
        self.port = flow.originator[1]
        self.service, self.flag = service(flow), flag(flow)
        self.syn_error = self.flag in ("S0", "S1", "S2", "S3")
        self.refused = self.flag == "REJ"


def basic(flow, row):
    names = {ICMP: "icmp", ICMPV6: "icmp", TCP: "tcp", UDP: "udp"}
    times = [time for time, _, _ in flow.samples]
    volume = {side: sum(packet.payload for packet, sent in flow.packets if sent == side)
              for side in (True, False)}
    land = flow.proto in (TCP, UDP, SCTP) and flow.originator == flow.responder
    return [(max(times) - times[0]) // SECOND, names.get(flow.proto, "other"), row.service,
            row.flag, volume[True], volume[False], int(land),
            sum(packet.wrong_fragment for packet, _ in flow.packets),
            sum(packet.flags & URG > 0 for packet, _ in flow.packets)]


def share(part, whole, what):
    return sum(1 for row in part if what(row)) / len(whole)


def rates(host, service_rows):
    return [share(rows, rows, what) for what in (lambda r: r.syn_error, lambda r: r.refused)
            for rows in (host, service_rows)]


def seconds(timeline, now):
    window = list(itertools.takewhile(lambda row: now.when - row.when <= 2 * SECOND,
                                      reversed(timeline)))
    host = [row for row in window if row.host == now.host]
    same = [row for row in window if row.service == now.service]
    return [len(host), len(same)] + rates(host, same) + [
        share(host, host, lambda row: row.service == now.service),
        share(host, host, lambda row: row.service != now.service),
        share(same, same, lambda row: row.host != now.host)]


def recent(to_host, to_service, now):
    host = to_host[now.host][-100:]
    same = [row for row in host if row.service == now.service]
    anywhere = to_service[now.service][-100:]
    return [len(host), len(same), len(same) / len(host), 1 - len(same) / len(host),
            share(host, host, lambda row: row.port == now.port),
            share(anywhere, anywhere, lambda row: row.host != now.host)] + rates(host, same)


def main(paths):
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(IDENTITY + BASIC + SECONDS + RECENT)
    timeline, to_host, to_service = [], collections.defaultdict(list), collections.defaultdict(list)

    def sink(flow, when):
        row = Row(flow, when)
        if timeline and timeline[-1].when > when:
            timeline.clear()
        timeline.append(row)
        to_host[row.host].append(row)
        to_service[row.service].append(row)
        out.writerow(identity(flow) + basic(flow, row) + seconds(timeline, row) +
                     recent(to_host, to_service, row))

    read_flows(paths, sink)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
