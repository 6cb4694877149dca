#!/usr/bin/env python3
"""Rewrites a classic pcap file in another form of the same capture.

usage: recode.py FORM IN OUT    FORM: nanosecond, big-endian, pcapng, or cut=N (the first N bytes)
"""
import struct
import sys


def read_pcap(data):
    endian = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    linktype = struct.unpack(endian + "I", data[20:24])[0]
    frames, at = [], 24
    while at < len(data):
        seconds, micros, caplen, length = struct.unpack(endian + "IIII", data[at : at + 16])
        frames.append((seconds, micros, length, data[at + 16 : at + 16 + caplen]))
        at += 16 + caplen
    return linktype, frames


def classic(linktype, frames, endian, magic, scale):
    out = [struct.pack(endian + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype)]
    for seconds, micros, length, data in frames:
        out.append(struct.pack(endian + "IIII", seconds, micros * scale, len(data), length) + data)
    return b"".join(out)


def block(kind, body):
    total = len(body) + 12
    return struct.pack("<II", kind, total) + body + struct.pack("<I", total)


def pcapng(linktype, frames):
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    out.append(block(1, struct.pack("<HHI", linktype, 0, 262144)))
    for seconds, micros, length, data in frames:
        stamp = seconds * 1000000 + micros
        body = struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(data), length)
        out.append(block(6, body + data + bytes(-len(data) % 4)))
    return b"".join(out)


def main():
    form, source, target = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    if form.startswith("cut="):
        result = data[: int(form[4:])]
    else:
        linktype, frames = read_pcap(data)
        result = {
            "nanosecond": lambda: classic(linktype, frames, "<", 0xA1B23C4D, 1000),
            "big-endian": lambda: classic(linktype, frames, ">", 0xA1B2C3D4, 1),
            "pcapng": lambda: pcapng(linktype, frames),
        }[form]()
    with open(target, "wb") as file:
        file.write(result)


main()
