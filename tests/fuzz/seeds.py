#!/usr/bin/python3
"""Makes the seed corpora: tests/fuzz/seeds.py [DA3DD]

Frames come from our own lab capture and from hand-made encapsulations; tables, labels and captures
are written here; the models are trained by DA3DD (default build/da3dd) on those tables. Streams of
frames are in the format of tests/fuzz/frames.h.
"""
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
CORPUS = HERE / "corpus"
DIGEST = 32
# fuzz_linktypes of frames.h
LINKTYPES = [1, 0, 8, 9, 12, 50, 51, 101, 104, 105, 107, 108, 113, 119, 127, 129, 163, 166, 192,
             204, 226, 228, 229, 239, 242, 258, 276, 281, 282, 284, 285, 149, 178]

MACS = bytes.fromhex("020000000002020000000001")
SNAP = bytes.fromhex("aaaa030000000800")
WIFI = bytes.fromhex("0801000002000000000102000000000202000000000300 00")


def save(folder, name, data):
    (CORPUS / folder).mkdir(parents=True, exist_ok=True)
    (CORPUS / folder / name).write_bytes(data)


def udp(sport, dport, payload):
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(sport, dport, flags, payload=b"", seq=1):
    return struct.pack(">HHIIBBHHH", sport, dport, seq, 1, 0x50, flags, 65535, 0, 0) + payload


def v4(proto, payload, src=1, dst=2, fragment=0):
    return struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), 7, fragment, 64, proto, 0,
                       10, 0, 0, src, 10, 0, 0, dst) + payload


def v6(following, payload):
    ends = bytes.fromhex("20010db8000000000000000000000001" "20010db8000000000000000000000002")
    return struct.pack(">IHBB", 6 << 28, len(payload), following, 64) + ends + payload


def frame(linktype, data, step=0):
    return struct.pack("<BbH", LINKTYPES.index(linktype), step, len(data)) + data


def ethernet(ethertype, data):
    return MACS + struct.pack(">H", ethertype) + data


def layers():
    inner, inner6 = v4(17, udp(50000, 53, b"data")), v6(17, udp(50000, 53, b"data"))
    again = ethernet(0x0800, inner)
    h = bytes.fromhex
    yield "vlan", 1, ethernet(0x88a8, h("006481000001 0800") + inner)
    yield "mpls", 1, ethernet(0x8847, h("0001004000010140") + inner)
    yield "pseudowire", 1, ethernet(0x8847, h("0001014000000000") + again)
    yield "pppoe", 1, ethernet(0x8864, h("11000001002200 21") + inner)
    yield "snap", 1, ethernet(40, SNAP + inner)
    yield "extensions", 229, v6(0, h("3c00050200000100 2b00010400000000 1100000000000000") +
                                udp(50000, 53, b"data"))
    yield "jumbo", 229, v6(0, h("0600c204000100 00") + tcp(50000, 443, 0x18))
    yield "ah", 228, v4(51, h("110400000000000100000001000000000000000000000000") +
                        udp(50000, 53, b"data"))
    yield "ppp", 9, h("ff030057") + inner6
    yield "hdlc", 104, h("0f000800") + inner
    yield "slip", 8, bytes(16) + inner
    yield "frame-relay", 107, h("184103cc") + inner
    yield "arcnet", 129, h("01020000d4000001") + inner
    yield "nflog", 239, h("020000000500 0a0001000000 24000900") + inner
    yield "null", 0, h("1e000000") + inner6
    yield "sll", 113, h("0000000100060200000000010000 0800") + inner
    yield "sll2", 276, h("86dd00000000000200010006 0200000000010000") + inner6
    yield "dsa", 284, MACS + h("400000000800") + inner
    yield "wifi", 105, WIFI + SNAP + inner
    yield "radiotap", 127, h("00001900030000800000000000000000000000000000000020") + \
        h("8801") + WIFI[2:] + h("00000000") + SNAP + inner
    yield "prism", 119, h("44000000") + bytes(140) + WIFI + SNAP + inner
    yield "avs", 163, h("802110010000000c00000000") + WIFI + SNAP + inner
    yield "ppi", 192, h("00000c006900000000000000") + WIFI + SNAP + inner
    yield "pktap", 258, h("10000000010000000100000000000000") + again
    yield "pktap-user2", 149, h("6c0000000100000001000000") + bytes(96) + again
    yield "juniper", 178, h("4d474380 0003 000000") + again
    yield "juniper-ip", 178, h("4d474302 00000000") + inner
    yield "ipip", 228, v4(4, inner)
    yield "6in4", 228, v4(41, inner6)
    yield "gre", 228, v4(47, h("b0000800000000000000000100000002") + inner)
    yield "pptp", 228, v4(47, h("3081880b0024000100000001000000 00ff030021") + inner)
    yield "erspan1", 228, v4(47, h("000088be") + again)
    yield "erspan2", 228, v4(47, h("100088be000000011001000100000000") + again)
    yield "erspan3", 228, v4(47, h("100022eb00000001200100010000000000000001" + "00" * 8) +
                             again)
    yield "vxlan", 228, v4(17, udp(49152, 4789, h("0800000000000100") + again))
    yield "geneve", 228, v4(17, udp(49152, 6081, h("02006558000001000000000000000000") + again))
    yield "gtp", 228, v4(17, udp(2152, 2152, h("34ff002400000001000000850100008501000000") +
                                 inner6))
    yield "teredo", 228, v4(17, udp(3544, 49152, h("00010000000000000000000000 00001234c0000201") +
                                    inner6))
    yield "mpls-udp", 228, v4(17, udp(49152, 6635, h("00010140") + inner))
    yield "nested", 228, v4(4, v4(47, h("00000800") + v4(4, v4(47, h("00000800") + inner))))


def fragments():
    segment = tcp(1000, 443, 0x18, b"data....")
    yield "fragments", b"".join([
        frame(228, v4(17, udp(1000, 2000, b"x" * 392)[:8], fragment=0x2000)),
        frame(228, v4(17, b"x" * 8, fragment=1))])
    yield "fragments-split", b"".join([
        frame(228, v4(6, segment[:8], fragment=0x2000)),
        frame(228, v4(6, segment[8:16], fragment=0x2001)),
        frame(228, v4(6, segment[16:], fragment=2))])
    yield "fragments-v6", b"".join([
        frame(229, v6(44, bytes.fromhex("1100000100000007") + udp(1000, 53, b"x" * 8))),
        frame(229, v6(44, bytes.fromhex("1100001000000007") + b"x" * 8))])


def conversations():
    def call(packets):
        return b"".join(frame(228, v4(*p[:-1], *p[-1][1:]), p[-1][0]) for p in packets)
    out, back = (1, 1, 2), (1, 2, 1)
    yield "handshake", call([(6, tcp(50000, 80, 2), out), (6, tcp(80, 50000, 18), back),
                             (6, tcp(50000, 80, 24, b"GET /"), out),
                             (6, tcp(50000, 80, 17), out), (6, tcp(80, 50000, 17), back),
                             (6, tcp(50000, 80, 2), (20, 1, 2))])
    yield "refused", call([(6, tcp(50000, 80, 2), out), (6, tcp(80, 50000, 20), back)])
    yield "idle", call([(17, udp(50000, 53, b"q"), (100, 1, 2)),
                        (17, udp(53, 50000, b"a"), (-90, 2, 1)),
                        (17, udp(50000, 53, b"q"), (127, 1, 2))])
    yield "scan", call([(6, tcp(50000, port, 2), (0, 1, 2)) for port in range(1, 40)])
    yield "one-flow", call([(17, udp(50000, 53, b"q"), (1, 1, 2))] * 80)
    yield "active", call([(6, tcp(50000, 23, 16, b"# ls", 4 * i), (60, 1, 2)) for i in range(9)])
    yield "icmp", call([(1, b"\x08\0\0\0\0\1\0\1", out), (1, b"\0\0\0\0\0\1\0\1", back),
                        (1, b"\x03\1\0\0\0\0\0\0", back)])


SESSIONS = {
    "ftp": (21, [b"<220 ready", b">USER anonymous", b"<331 password?", b">PASS guest@",
                 b"<230 welcome", b">PORT 10,0,0,9,4,1", b"<200 ok", b">STOR .rhosts", b"<150 go",
                 b"<226 done", b">EPRT |1|10.0.0.9|6275|", b"<200 ok", b">SITE EXEC sh"]),
    "telnet": (23, [b"<\xff\xfd\x18login: ", b">root", b"<Password: ", b">x",
                    b"<Login incorrect", b"<login: ", b">rewt", b"<password: ", b">y",
                    b"<Last login: today\r\n# ", b">su - root; touch x > y | sh",
                    b"<\x1b[1muid=0(root)\x1b]0;t\x07 not found\r\n# ", b">cat /etc/passwd"]),
    "smtp": (25, [b"<220 hi", b">EHLO x", b"<250 ok", b">AUTH LOGIN", b"<535 no", b">DATA",
                  b"<354 go", b">text\r\n.", b"<250 ok"]),
    "pop3": (110, [b"<+OK", b">USER root", b"<+OK", b">PASS x", b"<-ERR", b">APOP root 0",
                   b"<+OK", b">LIST"]),
    "imap": (143, [b"<* OK", b">a LOGIN \"root\" {3+}", b">abc", b"<a NO", b">b LOGIN root x",
                   b"<b OK", b"<* PREAUTH", b">c NOOP"]),
    "http": (80, [b">PUT /a HTTP/1.1\r\nAuthorization: x\r\nContent-Length: 3\r\n\r\nabc",
                  b"<HTTP/1.1 401 no\r\nContent-Length: 2\r\n\r\n--",
                  b">GET /../etc/passwd HTTP/1.1\r\n",
                  b"<HTTP/1.1 200 ok\r\n\r\n"]),
}


def session(port, lines):
    """A connection in which '>' and '<' begin what client and server say."""
    ends = {b">": (50000, port, 1, 2), b"<": (port, 50000, 2, 1)}
    said = {b">": 2, b"<": 2}

    def packet(side, flags, seq, data=b""):
        sport, dport, src, dst = ends[side]
        return frame(228, v4(6, tcp(sport, dport, flags, data, seq), src, dst))

    yield packet(b">", 2, 1)
    yield packet(b"<", 18, 1)
    yield packet(b">", 16, 2)
    for line in lines:
        side, data = line[:1], line[1:] if line.endswith(b" ") else line[1:] + b"\r\n"
        yield packet(side, 24, said[side], data)
        said[side] += len(data)
    for side in (b">", b"<"):
        yield packet(side, 17, said[side])


def lab_frames(per_file, files):
    data = (HERE.parent / "lab/captures/mini.pcap").read_bytes()
    at, stream, last = 24, [], None
    while at < len(data):
        seconds, fraction, captured, _ = struct.unpack_from("<IIII", data, at)
        now = 2 * seconds
        step = 0 if last is None else max(-128, min(127, now - last))
        last = now
        stream.append(frame(1, data[at + 16:at + 16 + captured][:160], step))
        at += 16 + captured
    for i in range(files):
        yield f"lab-{i}", b"".join(stream[i * per_file:(i + 1) * per_file])


TABLES = {
    "plain": b"a,b,kind,label\n" + b"".join(
        b"%d,%d.5,%s,normal\n" % (i, i % 7, (b"tcp", b"udp")[i % 2]) for i in range(60)),
    "quoted": b'\xef\xbb\xbf"a","b ""c""",kind,label\r\n1,"2\n3",x,0\r\n,-,"y,z",1\r\n',
    "missing": b"a,b,kind,label\n?,nan,,benign\n1e309,-inf,-,BENIGN\n\n0x10,1e-400,NULL,dos\n",
    "short-row": b"a,b\n1\n",
    "twice": b"a,a\n1,2\n",
    "numbers": b"1,2\n3,4\n",
    "open-quote": b'a,b\n"1,2\n',
}

LABELS = {
    "plain": b"label,address,start,end\nscan,10.0.0.1,0,1.5\ndos,2001:db8::1,,\n",
    "negative": b"label,address,start,end\nscan,10.0.0.1,-1.25,9e9\n",
    "bad-address": b"label,address,start,end\nscan,10.0.0,0,1\n",
    "bad-header": b"label,address\nscan,10.0.0.1\n",
}

REQUESTS = {
    "plain": b'{"command":"status"}',
    "text": b'{"command":"suppress add","host":"192.0.2.7","network":"2001:db8::/32","until":"2026-12-24"}',
    "numbers": b'{"command":"suppress remove","id":4294967295,"port":443,"limit":20}',
    "shares": b'{"command":"threshold set","score":0.98,"logit":-3.5e0}',
    "zero": b'{"command":"t","score":0.98,"logit":-.00}',
    "escapes": b'{"command":"a\\u00e9\\\\\\"b","host":"\\u0000"}',
    "unknown": b'{"command":"x","hots":[{}]}',
}


def captures():
    data = ethernet(0x0800, v4(17, udp(50000, 53, b"data")))
    for name, order, magic in (("little", "<", 0xa1b2c3d4), ("big", ">", 0xa1b2c3d4),
                               ("nano", "<", 0xa1b23c4d)):
        header = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
        record = struct.pack(order + "IIII", 1, 2, len(data), len(data)) + data
        yield name, header + record * 2
        yield name + "-cut", header + record + record[:30]
    blocks = pcapng("<", data)
    yield "pcapng", b"".join(blocks)
    yield "pcapng-cut", b"".join(blocks)[:-30]
    yield "pcapng-sections", b"".join(blocks + pcapng(">", data))


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(order, data):
    """A section with interfaces that differ, and every kind of packet block."""
    def pack(fields, *values):
        return struct.pack(order + fields, *values)

    return [block(order, *kind_and_body) for kind_and_body in (
        (0x0a0d0d0a, pack("IHHq", 0x1a2b3c4d, 1, 0, -1)),
        (1, pack("HHI", 1, 0, 65535)),
        (1, pack("HHIHHBxxxHHqHH", 101, 0, 0, 9, 1, 9, 14, 8, 1000, 0, 0)),
        (6, pack("IIIII", 0, 0, 1, len(data), len(data)) + data),
        (6, pack("IIIII", 1, 1, 1, len(data) - 14, len(data)) + data[14:]),
        (2, pack("HHIIII", 0, 0, 0, 3, len(data), len(data)) + data),
        (5, pack("III", 0, 0, 4)),
        (3, pack("I", len(data)) + data))]


def models(da3dd):
    variants = {"paper": ["--method", "paper", "--alarm", "4", "--generator-widths", "4"],
                "default": ["--prototypes", "4", "--drop", "who"],
                "identity": ["--prototypes", "4", "--identity", "who"]}
    with tempfile.TemporaryDirectory() as folder:
        table, model = pathlib.Path(folder, "t.csv"), pathlib.Path(folder, "m.da3d")
        table.write_bytes(b"a,b,kind,who,label\n" + b"".join(
            b"%d,%d.5,%s,%d,normal\n" % (i, i % 7, (b"tcp", b"udp")[i % 2], i % 9)
            for i in range(200)))
        for name, options in variants.items():
            subprocess.run([da3dd, "-q", "--train", table, "--model", model, "--epochs", "1",
                            "--label-column", "label", "--encoder", "4,2",
                            "--discriminator", "4", *options], check=True)
            yield name, model.read_bytes()[:-DIGEST]


def main():
    for folder in ("frames", "table", "labels", "control", "capture", "model"):
        shutil.rmtree(CORPUS / folder, ignore_errors=True)
    for name, linktype, data in layers():
        save("frames", name, frame(linktype, data))
    for maker in (fragments(), conversations(), lab_frames(40, 5)):
        for name, data in maker:
            save("frames", name, data)
    for name, (port, lines) in SESSIONS.items():
        save("frames", f"session-{name}", b"".join(session(port, lines)))
    for folder, files in (("table", TABLES.items()), ("labels", LABELS.items()),
                          ("control", REQUESTS.items()),
                          ("capture", captures()),
                          ("model", models(sys.argv[1] if sys.argv[1:] else "build/da3dd"))):
        for name, data in files:
            save(folder, name, data)


main()
