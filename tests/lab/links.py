#!/usr/bin/env python3
"""User-space links of the lab: one delayed, rate-limited, slightly lossy cable
per host.  It stands in for `tc netem`, which many kernels do not carry.

For every line `name switchns delay_ms jitter_ms loss_pct rate_mbit vlan mac`
of the link table it opens a TAP `eth0` in the namespace of the host and a TAP
named after the host in the namespace of the switch, and passes frames between
them.  Frames stay in order.  A host with vlan > 0 sends and receives tagged
frames on the switch side (the host itself sees them untagged), so no 802.1Q
support in the kernel is needed.
TAP devices carry no offloads: what tcpdump sees has wire sizes and checksums.

usage: links.py PREFIX TABLE READYFILE SEED
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
QUEUE_SECONDS = 0.25            # a full buffer drops what comes
libc = ctypes.CDLL(None, use_errno=True)


def enter(ns):
    fd = os.open("/var/run/netns/" + ns, os.O_RDONLY)
    if libc.setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns " + ns)
    os.close(fd)


def tap(ns, ifname):
    enter(ns)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF,
                struct.pack("16sH22x", ifname.encode(), IFF_TAP | IFF_NO_PI))
    return fd


class Way:
    """One direction of one cable."""

    def __init__(self, out, delay, jitter, loss, rate, tag):
        self.out, self.delay, self.jitter = out, delay / 1e3, jitter / 1e3
        self.loss, self.rate, self.tag = loss / 100, rate * 1e6, tag
        self.free = self.last = 0.0

    def due(self, now, size):
        """When a frame that comes in now leaves the cable; None: dropped."""
        start = max(now, self.free)
        if start - now > QUEUE_SECONDS or random.random() < self.loss:
            return None
        self.free = start + size * 8 / self.rate
        wait = self.delay
        if self.jitter:
            wait += random.gammavariate(1.3, self.jitter / 1.3)
        self.last = max(self.last + 1e-6, self.free + wait)
        return self.last

    def dress(self, frame):
        if not self.tag:
            return frame
        if self.tag > 0:        # towards the switch: put the tag on
            return (frame[:12] + struct.pack("!HH", 0x8100, self.tag)
                    + frame[12:])
        if frame[12:14] != b"\x81\x00" or \
                struct.unpack("!H", frame[14:16])[0] & 0xFFF != -self.tag:
            return None         # another VLAN (or none): not for this port
        return frame[:12] + frame[16:]


def main():
    prefix, table, ready, seed = sys.argv[1:5]
    random.seed("links" + seed)
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: sys.exit(0))
    ways = {}
    with open(table, encoding="ascii") as lines:
        for line in lines:
            name, switch, delay, jitter, loss, rate, vlan = line.split()[:7]
            host = tap(prefix + name, "eth0")
            port = tap(switch, name)
            d, j, lo, r, v = (float(delay), float(jitter), float(loss),
                              float(rate), int(vlan))
            ways[host] = Way(port, d, j, lo, r, v)
            ways[port] = Way(host, d, j, lo, r, -v)
    with open(ready, "w", encoding="ascii") as f:
        f.write("ready\n")
    fds, heap, count = list(ways), [], 0
    while True:
        now = time.monotonic()
        while heap and heap[0][0] <= now:
            _, _, out, frame = heapq.heappop(heap)
            try:
                os.write(out, frame)
            except OSError:
                pass            # interface down, or its queue full: lost
        wait = max(0.0, heap[0][0] - time.monotonic()) if heap else 1.0
        for fd in select.select(fds, [], [], wait)[0]:
            way = ways[fd]
            for _ in range(32):
                try:
                    frame = os.read(fd, 2048)
                except OSError:
                    break
                when = way.due(time.monotonic(), len(frame))
                frame = way.dress(frame)
                if when is None or frame is None:
                    continue
                count += 1
                heapq.heappush(heap, (when, count, way.out, frame))


if __name__ == "__main__":
    main()
