#!/usr/bin/env python3
"""The rows of `da3dd --extract CAPTURE`, calculated anew from the definitions of the native row
rule and the doh columns, in exact arithmetic. Shares nothing with da3dd; standard library alone.

usage: doh_native.py CAPTURE... > rows.csv
"""
import collections
import csv
import gzip
import heapq
import math
import socket
import struct
import sys
from fractions import Fraction

SECOND = 10**9
IDLE, ACTIVE, LINGER, MAX_PACKETS = 40 * SECOND, 120 * SECOND, 5 * SECOND, 2**28
FRAGMENT_LIFE, FRAGMENTS = 30 * SECOND, 4096

FIN, SYN, RST, ACK = 1, 2, 4, 16
ICMP, TCP, UDP, ICMPV6, SCTP = 1, 6, 17, 58, 132
PROTO_NAMES = {ICMP: "ICMP", TCP: "TCP", UDP: "UDP", ICMPV6: "IPv6-ICMP", SCTP: "SCTP"}

STATISTICS = ["Variance", "StandardDeviation", "Mean", "Median", "Mode", "SkewFromMedian",
              "SkewFromMode", "CoefficientofVariation"]
COLUMNS = ["Duration", "FlowBytesSent", "FlowSentRate", "FlowBytesReceived", "FlowReceivedRate"]
COLUMNS += [x + s for x in ("PacketLength", "PacketTime", "ResponseTimeTime") for s in STATISTICS]
IDENTITY = ["src_ip", "src_port", "dest_ip", "dest_port", "proto", "start"]


# ---------------------------------------------------------------------------------------- captures

MAX_SNAPLEN = 262144


def read_pcap(data):
    """Yields (link type, time in ns, captured bytes) of a classic capture file."""
    order, per_tick, extra = {
        b"\xd4\xc3\xb2\xa1": ("<", 1000, 0), b"\xa1\xb2\xc3\xd4": (">", 1000, 0),
        b"\x4d\x3c\xb2\xa1": ("<", 1, 0), b"\xa1\xb2\x3c\x4d": (">", 1, 0),
        b"\x34\xcd\xb2\xa1": ("<", 1000, 8), b"\xa1\xb2\xcd\x34": (">", 1000, 8),
    }[data[:4]]
    snaplen, link = struct.unpack_from(order + "II", data, 16)
    if not 0 < snaplen <= MAX_SNAPLEN:
        snaplen = MAX_SNAPLEN
    at = 24
    while at + 16 + extra <= len(data):
        seconds, ticks, captured, _ = struct.unpack_from(order + "iiII", data, at)
        at += 16 + extra
        if captured > MAX_SNAPLEN or at + captured > len(data):
            return
        yield link & 0x3FFFFFF, seconds * SECOND + ticks * per_tick, \
            data[at:at + min(captured, snaplen)]
        at += captured


def tick_length(options, order):
    """(ticks per second, offset in seconds) of an interface description's options."""
    ticks, offset, at = 10**6, 0, 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from(order + "HH", options, at)
        value = options[at + 4:at + 4 + size]
        if code == 9:
            ticks = 2**(value[0] & 0x7F) if value[0] & 0x80 else 10**value[0]
        elif code == 14:
            offset = struct.unpack(order + "q", value)[0]
        elif code == 0:
            break
        at += 4 + (size + 3) // 4 * 4
    return ticks, offset


def read_pcapng(data):
    """As read_pcap, of a pcapng file. Ends where an interface has another link type than the
    first, as libpcap does."""
    at, order, interfaces, first_link = 0, "<", [], None
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            return
        body = data[at + 8:at + size - 4]
        at += size
        if kind == 1:
            link, _, snaplen = struct.unpack_from(order + "HHI", body)
            if first_link not in (None, link):
                return
            first_link = link
            interfaces.append((link, snaplen) + tick_length(body[8:], order))
        elif kind in (2, 6):
            if kind == 6:
                index, high, low, captured = struct.unpack_from(order + "IIII", body)
            else:
                index, _, high, low, captured = struct.unpack_from(order + "HHIII", body)
            if index >= len(interfaces) or 20 + captured > len(body):
                return
            link, _, ticks, offset = interfaces[index]
            time = (high << 32 | low) * SECOND // ticks + offset * SECOND
            yield link, time, body[20:20 + captured]
        elif kind == 3 and interfaces:
            wire = struct.unpack_from(order + "I", body)[0]
            snaplen = interfaces[0][1] or wire
            yield interfaces[0][0], 0, body[4:4 + min(wire, snaplen)]


def read_capture(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    reader = read_pcapng if data[:4] == b"\x0a\x0d\x0d\x0a" else read_pcap
    yield from reader(data)


# ---------------------------------------------------------------------------------------- decoding

class Undecodable(Exception):
    """Not IP, cut off, contradictory, or a fragment without its first one."""


def part(data, at, size):
    """data[at:at + size], all of it."""
    if at + size > len(data):
        raise Undecodable("cut off")
    return data[at:at + size]


def number(data, at, size):
    return int.from_bytes(part(data, at, size), "big")


def demand(condition, reason):
    if not condition:
        raise Undecodable(reason)


Packet = collections.namedtuple(
    "Packet", "time src dst proto sport dport vlans flags length payload wrong_fragment")


def network_layer(link, frame):
    """(EtherType, offset of the network header)"""
    if link in (12, 14, 101):
        return {4: 0x0800, 6: 0x86DD}.get(part(frame, 0, 1)[0] >> 4, 0), 0
    if link in (228, 229):
        return (0x0800 if link == 228 else 0x86DD), 0
    if link in (0, 108):
        word = part(frame, 0, 4)
        families = {int.from_bytes(word, "big"), int.from_bytes(word, "little")}
        if 2 in families:
            return 0x0800, 4
        return (0x86DD if families & {10, 24, 28, 30} else 0), 4
    if link == 1:
        return number(frame, 12, 2), 14
    if link == 113:
        return number(part(frame, 0, 16), 14, 2), 16
    if link == 276:
        return number(part(frame, 0, 20), 0, 2), 20
    raise Undecodable("link type")


def vlan_tags(frame, ethertype, at):
    """(EtherType, offset of the network header, ids of the two outermost tags)"""
    tags = []
    while ethertype in (0x8100, 0x88A8, 0x9100):
        demand(len(tags) < 8, "too many tags")
        tags.append(number(frame, at, 2) & 0xFFF)
        ethertype = number(frame, at + 2, 2)
        at += 4
    return ethertype, at, tuple((tags + [0, 0])[:2])


def jumbo_length(captured):
    """Payload length from the hop-by-hop header at the payload's start."""
    options = part(captured, 0, (number(part(captured, 0, 8), 1, 1) + 1) * 8)[2:]
    at = 0
    while at < len(options):
        if options[at] == 0:
            at += 1
        elif options[at:at + 2] == b"\xc2\x04" and at + 6 <= len(options):
            length = int.from_bytes(options[at + 2:at + 6], "big")
            demand(65535 < length <= len(captured), "jumbo length")
            return length
        else:
            demand(at + 2 <= len(options), "option")
            at += 2 + options[at + 1]
    raise Undecodable("no jumbo length")


class Datagram:
    """An IP header: src, dst, proto, length; captured payload and the length that it claims."""
    fragment = None  # or (id, offset, are there more?)

    def claim(self, captured, claimed):
        self.claimed = claimed
        self.payload = captured[:claimed]


def ipv4(data):
    header = part(data, 0, 20)
    size = (header[0] & 15) * 4
    total = number(header, 2, 2) or len(data)
    demand(header[0] >> 4 == 4 and size >= 20 and total >= size, "IPv4 header")
    part(data, 0, size)
    ip = Datagram()
    ip.src, ip.dst, ip.proto, ip.length = header[12:16], header[16:20], header[9], total
    ip.claim(data[size:], total - size)
    flags = number(header, 6, 2)
    if flags & 0x3FFF:
        ip.fragment = ((4, header[9], number(header, 4, 2)), flags & 0x1FFF, bool(flags & 0x2000))
    return ip


def ipv6(data):
    header = part(data, 0, 40)
    demand(header[0] >> 4 == 6, "IPv6 header")
    captured, claimed, following = data[40:], number(header, 4, 2), header[6]
    if claimed == 0 and following == 0:
        claimed = jumbo_length(captured)
    elif claimed == 0 and following == TCP:
        claimed = len(captured)
    ip = Datagram()
    ip.src, ip.dst, ip.length = header[8:24], header[24:40], 40 + claimed
    captured, walked, offset = captured[:claimed], 0, 0
    while following in (0, 43, 44, 51, 60, 135, 139, 140) and not offset:
        demand(walked < 16, "too many extension headers")
        walked += 1
        extension = part(captured, 0, 8)
        size = {44: 8, 51: (extension[1] + 2) * 4}.get(following, (extension[1] + 1) * 8)
        part(captured, 0, size)
        if following == 44:
            field = number(extension, 2, 2)
            offset = field >> 3
            ip.fragment = ((6, 0, number(extension, 4, 4)), offset, bool(field & 1))
            if not offset and not field & 1:
                ip.fragment = None
        following = extension[0]
        captured, claimed = captured[size:], claimed - size
    ip.proto = following
    ip.claim(captured, claimed)
    return ip


def transport(ip):
    """(source port, destination port, TCP flags, payload bytes); ICMP: type and code."""
    data = ip.payload
    if ip.proto == TCP:
        header = part(data, 0, 20)
        size = (header[12] >> 4) * 4
        demand(20 <= size <= ip.claimed, "TCP header length")
        return number(header, 0, 2), number(header, 2, 2), header[13], ip.claimed - size
    if ip.proto == UDP:
        header = part(data, 0, 8)
        length = number(header, 4, 2)
        demand(length == 0 or length >= 8, "UDP length")
        demand(length <= ip.claimed or ip.fragment, "UDP length")
        payload = min(length or ip.claimed, ip.claimed) - 8
        return number(header, 0, 2), number(header, 2, 2), 0, payload
    if ip.proto == SCTP:
        header = part(data, 0, 12)
        return number(header, 0, 2), number(header, 2, 2), 0, ip.claimed - 12
    if ip.proto in (ICMP, ICMPV6):
        header = part(data, 0, 4)
        return header[0], header[1], 0, ip.claimed - 4
    return 0, 0, 0, ip.claimed


class Decoder:
    def __init__(self):
        self.fragments = {}  # in order of first arrival

    def first_fragment(self, key, time, found):
        if key not in self.fragments and len(self.fragments) == FRAGMENTS:
            del self.fragments[next(iter(self.fragments))]
        self.fragments[key] = (time, found)

    def later_fragment(self, key, time):
        seen, found = self.fragments.get(key, (None, None))
        demand(found and abs(time - seen) <= FRAGMENT_LIFE, "first fragment unknown")
        return found

    def decode(self, link, time, frame):
        ethertype, at = network_layer(link, frame)
        ethertype, at, vlans = vlan_tags(frame, ethertype, at)
        demand(ethertype in (0x0800, 0x86DD), "not IP")
        ip = (ipv4 if ethertype == 0x0800 else ipv6)(frame[at:])
        proto, flags, payload, size = ip.proto, 0, ip.claimed, ip.claimed
        key = (vlans, ip.src, ip.dst) + (ip.fragment or ())[:1]
        _, offset, more = ip.fragment or (None, 0, False)
        wrong = bool(ip.fragment) and (more and size % 8 > 0 or offset * 8 + size > 65535)
        if offset:
            sport, dport, proto, first_size = self.later_fragment(key, time)
            wrong = wrong or offset * 8 < first_size
        else:
            sport, dport, flags, payload = transport(ip)
            if ip.fragment:
                self.first_fragment(key, time, (sport, dport, proto, size))
        return Packet(time, ip.src, ip.dst, proto, sport, dport, vlans, flags, ip.length, payload,
                      wrong)


# -------------------------------------------------------------------------------------------- rows

REQUESTS = {
    ICMP: {8: 0, 10: 9, 13: 14, 15: 16, 17: 18},
    ICMPV6: {128: 129, 130: 131, 133: 134, 135: 136, 139: 140, 144: 145},
}


def endpoints(packet):
    """(sender, receiver, is the receiver the originator?, does nothing answer?)"""
    sport, dport, reverse, one_way = packet.sport, packet.dport, False, False
    if packet.proto in REQUESTS:
        requests = REQUESTS[packet.proto]
        replies = {reply: request for request, reply in requests.items()}
        reverse = sport in replies
        one_way = sport not in requests and not reverse
        if not one_way:
            dport = replies[sport] if reverse else requests[sport]
    elif packet.proto == TCP and packet.flags & SYN:
        reverse = bool(packet.flags & ACK)
    elif packet.proto in (TCP, UDP):
        reverse = sport < 1024 <= dport
    return (packet.src, sport), (packet.dst, dport), reverse, one_way


class Flow:
    def __init__(self, key, originator, responder, proto):
        self.key, self.originator, self.responder, self.proto = key, originator, responder, proto
        self.samples = []  # (time, length, sent by the originator?)
        self.packets = []  # of the row: (packet, sent by the originator?)
        self.history = []  # since the flow began
        self.latest = None
        self.finished = set()
        self.closed = None  # time of the closing packet

    def deadline(self):
        return self.latest + IDLE if self.closed is None else self.closed + LINGER


class Table:
    """Calls sink(flow, when the rule ended the row)."""

    def __init__(self, sink):
        self.flows, self.sink, self.clock = {}, sink, None
        self.reported = None  # time of the last row
        self.queue, self.serial = [], 0  # deadlines; entries may be outdated

    def report(self, flow, when):
        self.reported = when if self.reported is None else max(self.reported, when)
        self.sink(flow, self.reported)

    def end(self, flow, when):
        del self.flows[flow.key]
        self.report(flow, when)

    def schedule(self, flow):
        self.serial += 1
        heapq.heappush(self.queue, (flow.deadline(), self.serial, flow))

    def expire(self, now, latest=None):
        """Ends what has ended by now; everything if now is None. latest: none ends after that."""
        while self.queue and (now is None or self.queue[0][0] < now):
            deadline, _, flow = heapq.heappop(self.queue)
            if self.flows.get(flow.key) is flow and flow.deadline() == deadline:
                self.end(flow, deadline if latest is None else min(deadline, latest))

    def tick(self, time):
        if self.clock is not None and time < self.clock - IDLE:
            self.expire(None, self.clock)
            self.clock, self.reported = time, None
        elif self.clock is None or time > self.clock:
            self.clock = time
            self.expire(time)

    def current(self, packet, key):
        """The flow that goes on with this packet, or None."""
        flow = self.flows.get(key)
        if flow is None:
            return None
        reopened = flow.closed is not None and packet.flags & (SYN | ACK) == SYN
        if packet.time > flow.deadline() or reopened:
            self.end(flow, min(flow.deadline(), self.clock))
            return None
        active = flow.closed is None and packet.time - flow.samples[0][0] > ACTIVE
        if active or len(flow.samples) == MAX_PACKETS:
            self.report(flow, self.clock)
            flow.samples, flow.packets, flow.latest = [], [], None
        return flow

    def add(self, packet):
        self.tick(packet.time)
        sender, receiver, reverse, one_way = endpoints(packet)
        ends = (sender, receiver) if one_way else frozenset((sender, receiver))
        key = (ends, packet.proto, packet.vlans)
        flow = self.current(packet, key)
        if flow is None:
            originator, responder = (receiver, sender) if reverse else (sender, receiver)
            flow = self.flows[key] = Flow(key, originator, responder, packet.proto)
        sent = sender == flow.originator
        flow.samples.append((packet.time, packet.length, sent))
        flow.packets.append((packet, sent))
        flow.history.append((packet, sent))
        flow.latest = max(packet.time, packet.time if flow.latest is None else flow.latest)
        if packet.flags & FIN:
            flow.finished.add(sent)
        if flow.closed is None:
            if packet.flags & RST or len(flow.finished) == 2:
                flow.closed = packet.time
            self.schedule(flow)


# ----------------------------------------------------------------------------------------- columns

def root(fraction):
    """Square root to more digits than a float has."""
    scale = 1 << 200
    return Fraction(math.isqrt(fraction.numerator * scale * scale // fraction.denominator), scale)


def statistics(values, unit):
    """The eight columns for a list of integers, unit of which make 1."""
    values = sorted(values)
    n, total = len(values), sum(values)
    mean = Fraction(total, n)
    median = Fraction(values[(n - 1) // 2] + values[n // 2], 2)
    counts = collections.Counter(values)
    most = max(counts.values())
    mode = min(value for value, count in counts.items() if count == most)
    variance = Fraction(n * sum(v * v for v in values) - total * total, n * n)
    deviation = root(variance)
    return [
        float(variance / unit**2), float(deviation / unit), float(mean / unit),
        float(median / unit), float(Fraction(mode, unit)),
        float(3 * (mean - median) / deviation) if variance else -10,
        float((mean - mode) / deviation) if variance else -10,
        float(deviation / mean) if mean else -1,
    ]


def columns(samples):
    start = samples[0][0]
    times = [time - start for time, _, _ in samples]
    duration = max(times) - min(times)
    sent = sum(length for _, length, is_sent in samples if is_sent)
    received = sum(length for _, length, is_sent in samples if not is_sent)
    responses = [after[0] - before[0] for before, after in zip(samples, samples[1:])
                 if before[2] and not after[2]]
    row = [float(Fraction(duration, SECOND))]
    for volume in (sent, received):
        row += [volume, float(Fraction(volume * SECOND, duration)) if duration else -1]
    row += statistics([length for _, length, _ in samples], 1)
    row += statistics(times, SECOND)
    if responses:
        return row + statistics(responses, SECOND)
    return row + [-1, -1, -1, "", -1, "", "-0.0", "1.0"]


def address(raw):
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def identity(flow):
    (src, sport), (dst, dport) = flow.originator, flow.responder
    seconds, nanos = divmod(abs(flow.samples[0][0]), SECOND)
    sign = "-" if flow.samples[0][0] < 0 else ""
    return [address(src), sport, address(dst), dport, PROTO_NAMES.get(flow.proto, flow.proto),
            f"{sign}{seconds}.{nanos:09}"]


def read_flows(paths, sink):
    """Gives each row of the captures to sink(flow, when it ended)."""
    decoder, table = Decoder(), Table(sink)
    for path in paths:
        for link, time, frame in read_capture(path):
            try:
                packet = decoder.decode(link, time, frame)
            except Undecodable:
                continue
            table.add(packet)
    table.expire(None)


def main(paths):
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(IDENTITY + COLUMNS)
    read_flows(paths, lambda flow, _: out.writerow(identity(flow) + columns(flow.samples)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
