"""replay.py [--loop SECONDS] [--gap MICROSECONDS] [--pad BYTES] INTERFACE CAPTURE...: sends a capture's frames.

Frames leave as they are in the capture (padded to their length on the wire), each GAP after the one
before, or as fast as can be, and no shorter than BYTES; with --loop again and again, while the interface may go down and up.
Prints how many were sent."""
import argparse
import gzip
import socket
import struct
import time


def frames(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    order = "<" if data[0] in (0xD4, 0x4D) else ">"
    at = 24
    while at < len(data):
        caplen, wirelen = struct.unpack(order + "II", data[at + 8 : at + 16])
        yield data[at + 16 : at + 16 + caplen].ljust(wirelen, b"\0")
        at += 16 + caplen


parser = argparse.ArgumentParser()
parser.add_argument("--loop", type=float, default=0)
parser.add_argument("--gap", type=float, default=0)
parser.add_argument("--pad", type=int, default=0)
parser.add_argument("interface")
parser.add_argument("captures", nargs="+")
options = parser.parse_args()

all_frames = [frame.ljust(options.pad, b"\0") for path in options.captures for frame in frames(path)]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((options.interface, 0))
until = time.monotonic() + options.loop
sent = 0
while True:
    for frame in all_frames:
        if options.gap:
            time.sleep(options.gap / 1e6)
        try:
            wire.send(frame)
            sent += 1
        except OSError:
            if not options.loop:
                raise
            time.sleep(0.01)
    if time.monotonic() >= until:
        break
print(sent)
