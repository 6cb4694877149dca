#!/usr/bin/env python3
"""A capture that meets every rule of the reference tools: connections that end in every way or not
at all, amid nonsense; few hosts and ports, so that packets meet; gaps around every timeout; frames
that the tools do not read.

usage: random_capture.py SEED PACKETS > capture.pcap
"""
import random
import struct
import sys

FLAGS = [0x02, 0x12, 0x10, 0x18, 0x11, 0x01, 0x04, 0x14, 0x30, 0x03, 0x00]
OPENINGS = [[(True, 0x02), (False, 0x12), (True, 0x10)]] * 4 + \
           [[(True, 0x02), (False, 0x14)], [(True, 0x02)], [(True, 0x02), (False, 0x12)]]
FIN_ACK, LAST_ACK = 0x11, 0x10
ENDINGS = [[(True, FIN_ACK), (False, FIN_ACK), (True, LAST_ACK)],
           [(False, FIN_ACK), (True, FIN_ACK), (False, LAST_ACK)],
           [(True, FIN_ACK), (False, FIN_ACK)], [(False, FIN_ACK), (True, FIN_ACK)],
           [(True, FIN_ACK)], [(False, FIN_ACK)], [(True, 0x14)], [(False, 0x14)], []]
GAPS_MS = [0, 0, 1, 20, 400, 999, 1000, 1001, 2000, 10000, 29999, 40000, 40001, 45000, 80001,
           120001, 180000, -1, -1500]
PORTS = [443, 443, 443, 443, 443, 443, 20, 80, 6667, 6000, 49152, 50000]
UDP_PORTS = [53, 69, 123, 443, 60000]


def ethernet(ethertype, payload):
    frame = bytes(12) + struct.pack(">H", ethertype) + payload
    return frame + bytes(max(0, 60 - len(frame)))


def ipv4(rng, proto, src, dst, payload, fragment=0):
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), rng.getrandbits(16), fragment,
                         64, proto, 0)
    return ethernet(0x0800, header + src + dst + payload)


def tcp(rng, src, dst, sport, dport, flags):
    header = struct.pack(">HHIIBBHHH", sport, dport, 0, 0, 0x50, flags, 0, 0, 0)
    return ipv4(rng, 6, src, dst, header + bytes(rng.choice([0, 0, 0, 1, 40, 1400])))


def udp(rng, src, dst, sport, dport):
    size = rng.choice([0, 30, 500])
    fragment = rng.choice([0, 0, 0, 0x2000, 0x0010])
    header = struct.pack(">HHHH", sport, dport, 8 + size, 0)
    return ipv4(rng, 17, src, dst, header + bytes(size), fragment)


def icmp(rng, src, dst):
    kind, code = rng.choice([(0, 0), (3, 0), (3, 1), (3, 3), (5, 1), (8, 0), (11, 0), (13, 0)])
    return ipv4(rng, 1, src, dst, bytes([kind, code]) + bytes(rng.choice([6, 62])))


def hosts(rng):
    return [bytes([10, rng.choice([0, 1]), 0, rng.randrange(1, 4)]) for _ in range(2)]


def connection(rng):
    """Yields the frames of one: each packet is (sent by the originator?, flags)."""
    client, server = hosts(rng)
    ports = rng.randrange(3000, 3100), rng.choice(PORTS)
    data = [rng.choice([(True, 0x18), (False, 0x18), (True, 0x30)])
            for _ in range(rng.randrange(4))]
    for sent, flags in rng.choice(OPENINGS) + data + rng.choice(ENDINGS):
        ends = (client, server) + ports if sent else (server, client) + ports[::-1]
        yield tcp(rng, *ends, flags)


def nonsense(rng):
    src, dst = hosts(rng)
    port, client = rng.choice(PORTS), rng.choice([1025, 1026, 2000, 443])
    sport, dport = rng.choice([(port, client), (client, port)])
    kind = rng.random()
    if kind < 0.4:
        return tcp(rng, src, dst, sport, dport, rng.choice(FLAGS))
    if kind < 0.65:
        return udp(rng, src, dst, *rng.choice([(client, rng.choice(UDP_PORTS)), (53, client)]))
    if kind < 0.9:
        return icmp(rng, src, dst)
    inner = tcp(rng, src, dst, sport, dport, 0x10)[12:]
    return rng.choice([ethernet(0x8100, b"\x00\x05" + inner), ethernet(0x86DD, b"\x60" + bytes(59)),
                       ethernet(0x0806, bytes(28))])


def frames(rng):
    under_way = []
    while True:
        if rng.random() < 0.3:
            yield nonsense(rng)
            continue
        if len(under_way) < 12:
            under_way.append(connection(rng))
        chosen = rng.choice(under_way)
        packet = next(chosen, None)
        if packet is None:
            under_way.remove(chosen)
        else:
            yield packet


def main(seed, packets):
    rng = random.Random(seed)
    time_us, gap_share = 10**15, rng.choice([0.02, 0.2, 0.6])
    out = sys.stdout.buffer
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for _, data in zip(range(packets), frames(rng)):
        gap_ms = rng.choice(GAPS_MS) if rng.random() < gap_share else rng.choice([0, 1, 7])
        time_us += gap_ms * 1000 + rng.choice([0, 0, 1, 333])
        captured = data[:rng.choice([60, 1500])]
        out.write(struct.pack("<IIII", *divmod(time_us, 10**6), len(captured), len(data)))
        out.write(captured)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(int(sys.argv[1]), int(sys.argv[2]))
