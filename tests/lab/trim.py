#!/usr/bin/env python3
"""Shorten a raw recording, or count what is in one.

  trim.py IN OUT BYTES PACKETS   of the packets of a flow that carry data (per
                                 direction) keep 256 bytes of the first, BYTES
                                 of the next PACKETS, the headers and 5 bytes
                                 of the others, and of those after the 3rd
                                 the headers only; of DNS packets 256, after
                                 the 4th the headers and 24.  The original
                                 lengths stay in the packet headers.
  trim.py --count PCAP [LABELS]  flows per label and service
"""
import collections
import csv
import gzip
import struct
import sys


def packets(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        head = f.read(24)
        assert struct.unpack("<IHHiIII", head)[0] == 0xA1B2C3D4, "not pcap"
        yield head, 0, b""
        while True:
            rec = f.read(16)
            if len(rec) < 16:
                return
            _, _, caplen, _ = struct.unpack("<IIII", rec)
            data = f.read(caplen)
            if len(data) < caplen:
                return
            yield rec, 0, data


def ip_text(raw):
    if len(raw) == 4:
        return ".".join(map(str, raw))
    groups = ["%x" % g for g in struct.unpack("!8H", raw)]
    return ":".join(groups)


def dissect(data):
    """((proto, src, sport, dst, dport), header length, ip length) or None"""
    at = 14
    kind = data[12:14]
    if kind == b"\x81\x00":
        kind, at = data[16:18], 18
    if kind == b"\x08\x00":
        proto, src, dst = data[at + 9], data[at + 12:at + 16], \
            data[at + 16:at + 20]
        whole = at + struct.unpack("!H", data[at + 2:at + 4])[0]
        at += (data[at] & 15) * 4
    elif kind == b"\x86\xdd":
        proto, src, dst = data[at + 6], data[at + 8:at + 24], \
            data[at + 24:at + 40]
        whole = at + 40 + struct.unpack("!H", data[at + 4:at + 6])[0]
        at += 40
    else:
        return None
    sport = dport = 0
    if proto in (6, 17) and len(data) >= at + 8:
        sport, dport = struct.unpack("!HH", data[at:at + 4])
        at += (data[at + 12] >> 4) * 4 if proto == 6 and \
            len(data) > at + 12 else 8
    else:
        at += 8
    return (proto, src, sport, dst, dport), at, whole


def trim(src, dst, limit, first):
    seen = collections.Counter()
    with (gzip.GzipFile(dst, "wb", 9, mtime=0) if dst.endswith(".gz")
          else open(dst, "wb")) as out:
        for rec, _, data in packets(src):
            if not data:
                out.write(rec)
                continue
            keep = 256
            found = dissect(data)
            if found and found[0][0] in (6, 17) and found[2] > found[1]:
                seen[found[0]] += 1
                if 53 in (found[0][2], found[0][4]):
                    if seen[found[0]] > 4:
                        keep = found[1] + 24
                elif seen[found[0]] > first + 1:
                    keep = found[1] + (5 if seen[found[0]] <= 3 else 0)
                elif seen[found[0]] > 1:
                    keep = limit
            data = data[:keep]
            sec, usec, _, wire = struct.unpack("<IIII", rec)
            out.write(struct.pack("<IIII", sec, usec, len(data), wire) + data)


def count(path, labels):
    lines = []
    if labels:
        with open(labels, encoding="ascii") as f:
            for row in csv.DictReader(f):
                import ipaddress
                lines.append((ipaddress.ip_address(row["address"]).packed,
                              float(row["start"] or 0),
                              float(row["end"] or 1e18), row["label"]))
    flows, total, wire_total, times, back = {}, 0, 0, [], 0
    recent, twice, other = {}, 0, 0
    table = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    services = collections.Counter()

    def label_of(key, start):
        for address, low, high, label in lines:
            if address in (key[1], key[3]) and low <= start <= high:
                return label
        for address, _, _, label in lines:
            if address in (key[1], key[3]):
                return "OUTSIDE-WINDOW " + label
        return "normal"

    for rec, _, data in packets(path):
        if not data:
            continue
        sec, usec, _, wire = struct.unpack("<IIII", rec)
        now = sec + usec / 1e6
        total += 1
        wire_total += wire
        back += bool(times) and now < times[-1]
        times = [times[0] if times else now, now]
        found = dissect(data)
        if not found:
            other += 1
            continue
        if now - recent.get(data, 0) < .0005:
            twice += 1
        recent[data] = now
        if len(recent) > 5000:
            recent.clear()
        key = found[0]
        turned = (key[0], key[3], key[4], key[1], key[2])
        if turned in flows:
            key = turned
        flow = flows.get(key)
        if flow and (now - flow[1] > 40 or now - flow[0] > 120):
            finish(key, flow, table, services, label_of)
            flow = None
        if not flow:
            flow = flows[key] = [now, now, 0, 0, 0]
        flow[1] = now
        flow[2] += 1
        flow[3] += wire
        flow[4] |= 1 if key == found[0] else 2
    for key, flow in flows.items():
        finish(key, flow, table, services, label_of)
    print("%s: %d packets (%d not IP), %d bytes on the wire, %.1f s, "
          "%d flows; %d frames seen twice, %d times back in time" % (
              path, total, other, wire_total, times[1] - times[0],
              sum(row[0] for row in table.values()), twice, back))
    print("%-26s %7s %8s %10s %9s %9s" % ("label", "flows", "packets", "bytes",
                                          "both ways", "seconds"))
    for label in sorted(table):
        row = table[label]
        print("%-26s %7d %8d %10d %9d %9.0f" % (label, *row))
    print("services of normal flows: " + ", ".join(
        "%s %d" % pair for pair in services.most_common(28)))


def finish(key, flow, table, services, label_of):
    label = label_of(key, flow[0])
    row = table[label]
    row[0] += 1
    row[1] += flow[2]
    row[2] += flow[3]
    row[3] += flow[4] == 3
    row[4] += flow[1] - flow[0]
    if label == "normal":
        name = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp6"}.get(
            key[0], str(key[0]))
        port = key[4] if key[4] < 10000 else min(key[2], key[4])
        doh = key[4] == 443 and key[3][-2:] in (b"\x71\x35", b"\x00\x53") or \
            key[4] == 443 and key[3] == bytes((10, 20, 1, 53))
        services["%s%d%s" % (name, port, " DoH" if doh else "") if port
                 else name] += 1


def main():
    if sys.argv[1] == "--count":
        count(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
    else:
        trim(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))


if __name__ == "__main__":
    main()
