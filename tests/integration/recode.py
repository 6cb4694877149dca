#!/usr/bin/env python3
"""Rewrites a classic pcap file in another form of the same capture.

usage: recode.py FORM IN OUT    FORM: nanosecond, big-endian, pcapng, mixed, strangers, cut=N or at=N
mixed: pcapng with a section in either byte order, and interfaces that differ in link type, snapshot
length and clock; strangers: frames of a link type without IP among them; cut=N: the first N bytes; at=N: frames of second N and following.
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


def block(kind, body, endian="<"):
    body += bytes(-len(body) % 4)
    total = struct.pack(endian + "I", len(body) + 12)
    return struct.pack(endian + "I", kind) + total + body + total


def section(endian="<"):
    return block(0x0A0D0D0A, struct.pack(endian + "IHHq", 0x1A2B3C4D, 1, 0, -1), endian)


def interface(linktype, snaplen=262144, options=b"", endian="<"):
    return block(1, struct.pack(endian + "HHI", linktype, 0, snaplen) + options, endian)


def packet(number, stamp, length, data, endian="<"):
    head = (number, stamp >> 32, stamp & 0xFFFFFFFF, len(data), length)
    return block(6, struct.pack(endian + "IIIII", *head) + data, endian)


def pcapng(linktype, frames):
    return section() + interface(linktype) + b"".join(
        packet(0, seconds * 1000000 + micros, length, data)
        for seconds, micros, length, data in frames)


ETHERNET, RAW, USER0, EARLIER = 1, 101, 147, 1000000000


def of_each_kind(frames, endian):
    """Ethernet by microseconds; IPv4 alone by nanoseconds that begin at EARLIER."""
    clock = struct.pack(endian + "HHBxxxHHqHH", 9, 1, 9, 14, 8, EARLIER, 0, 0)
    yield section(endian) + interface(ETHERNET, endian=endian)
    yield interface(RAW, 0, clock, endian) + block(0xBAD, b"unknown", endian)
    for i, (seconds, micros, length, data) in enumerate(frames):
        if i % 2 and data[12:14] == b"\x08\x00":
            stamp = ((seconds - EARLIER) * 1000000 + micros) * 1000
            yield packet(1, stamp, length - 14, data[14:], endian)
        else:
            yield packet(0, seconds * 1000000 + micros, length, data, endian)


def mixed(frames):
    half = len(frames) // 2
    return b"".join(of_each_kind(frames[:half], "<")) + b"".join(of_each_kind(frames[half:], ">"))


def strangers(linktype, frames):
    out = section() + interface(USER0) + interface(linktype)
    for i, (seconds, micros, length, data) in enumerate(frames):
        stamp = seconds * 1000000 + micros
        out += packet(1, stamp, length, data)
        out += packet(0, stamp, 3, b"???") if i < 5 else b""
    return out


def main():
    form, source, target = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    if form.startswith("cut="):
        result = data[: int(form[4:])]
    elif form.startswith("at="):
        linktype, frames = read_pcap(data)
        shift = int(form[3:]) - frames[0][0]
        result = classic(linktype, [(f[0] + shift,) + f[1:] for f in frames], "<", 0xA1B2C3D4, 1)
    else:
        linktype, frames = read_pcap(data)
        result = {
            "nanosecond": lambda: classic(linktype, frames, "<", 0xA1B23C4D, 1000),
            "big-endian": lambda: classic(linktype, frames, ">", 0xA1B2C3D4, 1),
            "pcapng": lambda: pcapng(linktype, frames),
            "mixed": lambda: mixed(frames),
            "strangers": lambda: strangers(linktype, frames),
        }[form]()
    with open(target, "wb") as file:
        file.write(result)


main()
