#!/usr/bin/env python3
"""The rows of `da3dd --extract CAPTURE --rows RULE`, calculated anew from the description of the
reference tools, in the tools' own columns and order. Shares nothing with da3dd.

usage: tool_rows.py dohmeter|kdd99 CAPTURE > rows.csv
CAPTURE is a classic pcap file of Ethernet, plain or gzip.
"""
import collections
import csv
import datetime
import gzip
import struct
import sys

from doh_native import ACK, COLUMNS, FIN, ICMP, RST, SECOND, SYN, TCP, UDP, columns
from kdd_native import ICMP_TYPES, SERVICES

URG = 32
Packet = collections.namedtuple("Packet", "time captured wire proto src dst ports kind flags later")


def read_packets(path):
    """IPv4 packets with TCP, UDP or ICMP in untagged Ethernet frames, as their headers say."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    at, tick = 24, {b"\xd4\xc3\xb2\xa1": 1000, b"\x4d\x3c\xb2\xa1": 1}[data[:4]]
    while at < len(data):
        seconds, ticks, captured, wire = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16:at + 16 + captured]
        at += 16 + captured
        if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[23] not in (ICMP, TCP, UDP):
            continue
        proto, later = frame[23], struct.unpack_from(">H", frame, 20)[0] & 0x1FFF > 0
        body = frame[14 + (frame[14] & 15) * 4:]
        yield Packet(seconds * SECOND + ticks * tick, captured, wire, proto, frame[26:30],
                     frame[30:34], (0, 0) if proto == ICMP else struct.unpack_from(">HH", body),
                     tuple(body[:2]), body[13] if proto == TCP and not later else 0, later)


def dotted(address):
    return ".".join(map(str, address))


# ---------------------------------------------------------------------------------------- DoHMeter

IDLE, LONG, OLD, EACH = 40 * SECOND, 120 * SECOND, 90 * SECOND, 10000
DOHMETER = ["SourceIP", "DestinationIP", "SourcePort", "DestinationPort", "TimeStamp"] + COLUMNS


class DohMeter:
    def __init__(self):
        self.table = {}  # (key, number of the segment): samples; in order of creation
        self.latest = {}
        self.packets, self.rows = 0, []

    def write(self, entry):
        (src, dst, sport, dport), _ = entry
        samples = self.table.pop(entry)
        del self.latest[entry]
        start = datetime.datetime.fromtimestamp(samples[0][0] // SECOND, datetime.timezone.utc)
        self.rows.append([dotted(src), dotted(dst), sport, dport,
                          start.strftime("%Y-%m-%d %H:%M:%S")] + columns(samples))

    def length(self, entry):
        return self.latest[entry] - self.table[entry][0][0]

    def segment(self, key, now):
        """The number of the one that a packet of this time belongs to."""
        number, allowed = 0, IDLE
        while (key, number) in self.table and now - self.latest[key, number] > allowed:
            number, allowed = number + 1, allowed + IDLE
        return number

    def add(self, packet):
        key = (packet.src, packet.dst) + packet.ports
        reverse = (packet.dst, packet.src) + packet.ports[::-1]
        sent = (key, 0) in self.table or (reverse, 0) not in self.table
        key = key if sent else reverse
        entry = key, self.segment(key, packet.time)
        self.table.setdefault(entry, []).append((packet.time, packet.captured, sent))
        self.latest[entry] = max(packet.time, self.latest.get(entry, packet.time))
        self.packets += 1
        if self.packets % EACH == 0 or self.length(entry) > LONG:
            for other in list(self.table):
                if packet.time - self.latest[other] > IDLE or self.length(other) > OLD:
                    self.write(other)

    def run(self, packets):
        for packet in packets:
            if packet.proto == TCP and 443 in packet.ports and not packet.later:
                self.add(packet)
        for entry in list(self.table):
            self.write(entry)
        return self.rows


# ------------------------------------------------------------------------------------------- kdd99

RATES = ["serror_rate", "srv_serror_rate", "rerror_rate", "srv_rerror_rate"]
KDD99 = ["duration", "protocol_type", "service", "flag", "src_bytes", "dst_bytes", "land",
         "wrong_fragment", "urgent", "count", "srv_count"] + RATES + \
        ["same_srv_rate", "diff_srv_rate", "srv_diff_host_rate"] + \
        ["dst_host_" + name for name in
         ["count", "srv_count", "same_srv_rate", "diff_srv_rate", "same_src_port_rate",
          "srv_diff_host_rate"] + RATES] + ["src_ip", "src_port", "dst_ip", "dst_port",
                                               "conn_end_time"]
TIMEOUTS = {"S0": 120, "S1": 120, "ESTAB": 432000, "REJ": 10, "RSTO": 10, "RSTR": 10, "RSTOS0": 10,
            "S2": 120, "S3": 120, "S2F": 30, "S3F": 30, UDP: 180, ICMP: 30}
FLAGS = {"ESTAB": "S1", "S2F": "S2", "S3F": "S3", UDP: "SF", ICMP: "SF"}
PROTOCOLS = {TCP: "tcp", UDP: "udp", ICMP: "icmp"}


def after(state, sent, flags):
    if state == "INIT":
        return "OTH" if flags & (SYN | ACK) != SYN else "S0"
    if flags & RST and state in ("S0", "S1", "ESTAB", "S2", "S3", "S2F", "S3F"):
        if state == "S0":
            return "RSTOS0" if sent else "REJ"
        return "RSTO" if sent else "RSTR"
    moves = {"S0": [(True, FIN, "SH"), (False, SYN | ACK, "S1")], "S1": [(True, ACK, "ESTAB")],
             "ESTAB": [(True, FIN, "S2"), (False, FIN, "S3")],
             "S2": [(False, FIN, "S2F")], "S2F": [(True, ACK, "SF")],
             "S3": [(True, FIN, "S3F")], "S3F": [(False, ACK, "SF")]}
    for sender, needed, state_then in moves.get(state, []):
        if sender == sent and flags & needed == needed:
            return state_then
    return state


def service(packet):
    sport, dport = packet.ports
    if packet.proto == ICMP and packet.kind[0] == 3:
        return {0: "urp_i", 1: "urh_i"}.get(packet.kind[1], "oth_i")
    if packet.proto == ICMP:
        return ICMP_TYPES[ICMP].get(packet.kind[0], "oth_i")
    if packet.proto == TCP and sport == 20:
        return "ftp_data"
    if packet.proto == TCP and dport == 6667:
        return "other"
    return SERVICES[packet.proto].get(dport, "private" if dport >= 49152 else "other")


class Conversation:
    def __init__(self, packet):
        self.proto, self.src, self.dst, self.ports = (packet.proto, packet.src, packet.dst,
                                                      packet.ports)
        self.service = service(packet)
        self.state = "INIT" if packet.proto == TCP else packet.proto
        self.start = self.last = packet.time // 1000
        self.bytes, self.urgent = {True: 0, False: 0}, 0

    def add(self, packet):
        sent = packet.src == self.src
        self.last = packet.time // 1000
        self.bytes[sent] += packet.wire
        self.urgent += packet.flags & URG > 0
        if self.proto == TCP:
            self.state = after(self.state, sent, packet.flags)

    def flag(self):
        return FLAGS.get(self.state, self.state)

    def order(self):
        return (self.last, self.proto, self.src[::-1], self.dst[::-1]) + self.ports


def share(part, whole):
    return f"{part / whole if whole else 0:.2f}"


def in_window(window, own):
    """All that the columns of a window are made of, by their names in the time window."""
    host = [other for other in window if other.dst == own.dst]
    same = [other for other in window if other.service == own.service]
    both = [other for other in host if other.service == own.service]
    failed = [[other.flag() in ("S0", "S1", "S2", "S3") for other in some] for some in (host, same)]
    refused = [[other.flag() == "REJ" for other in some] for some in (host, same)]
    sport = [other for other in same if other.ports[0] == own.ports[0]]
    rates = [share(sum(some), len(some)) for some in failed + refused]
    return {"counts": [len(host), len(same)], "rates": rates,
            "same": [share(len(both), len(host)),
                     f"{1 - len(both) / len(host) if host else 0:.2f}"],
            "sport": [share(len(sport), len(same) + 1)],
            "elsewhere": [share(len(same) - len(both), len(same))]}


class Kdd99:
    def __init__(self):
        self.open, self.swept, self.rows = {}, 0, []
        self.recent, self.last = [], collections.deque(maxlen=100)

    def write(self, own):
        end = datetime.datetime.fromtimestamp(own.last // 10**6, datetime.timezone.utc)
        time, count = in_window(self.recent, own), in_window(self.last, own)
        self.rows.append(
            [(own.last - own.start) // 10**6, PROTOCOLS[own.proto], own.service, own.flag(),
             own.bytes[True], own.bytes[False],
             int(own.src == own.dst and own.ports[0] == own.ports[1]), 0, own.urgent]
            + time["counts"] + time["rates"] + time["same"] + time["elsewhere"]
            + count["counts"] + count["same"] + count["sport"] + count["elsewhere"]
            + count["rates"] + [dotted(own.src), own.ports[0], dotted(own.dst), own.ports[1],
                                end.strftime("%Y-%m-%dT%H:%M:%S")])
        self.last.append(own)
        self.recent.append(own)
        while self.recent[0].last <= own.last - 2 * 10**6:
            del self.recent[0]

    def end(self, keys):
        for own in sorted((self.open.pop(key) for key in keys), key=Conversation.order):
            self.write(own)

    def add(self, packet):
        now = packet.time // 1000
        if now >= self.swept + 10**6:
            self.swept = now
            self.end([key for key, own in self.open.items()
                      if own.last <= now - TIMEOUTS[own.state] * 10**6])
        if packet.later:
            return
        key = (packet.proto, packet.src, packet.dst) + packet.ports
        reverse = (packet.proto, packet.dst, packet.src) + packet.ports[::-1]
        if packet.proto != ICMP and key not in self.open and reverse in self.open:
            key = reverse
        own = self.open.setdefault(key, Conversation(packet))
        own.add(packet)
        if own.state not in TIMEOUTS:
            self.end([key])

    def run(self, packets):
        for packet in packets:
            self.add(packet)
        self.end(list(self.open))
        return self.rows


def main(rule, path):
    header, tool = (DOHMETER, DohMeter()) if rule == "dohmeter" else (KDD99, Kdd99())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([repr(x) if isinstance(x, float) else x for x in row]
                     for row in tool.run(read_packets(path)))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("dohmeter", "kdd99"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
