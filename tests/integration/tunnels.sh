#!/bin/bash
# Flows inside of tunnels, or the tunnels themselves.
. "$(dirname "$0")/lib.bash"

# DNS in VXLAN, ARP in VXLAN.
python3 - >"$scratch/vxlan.pcap" <<'PYTHON'
import struct
import sys

def ip(source, payload):
    return struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), 1, 0, 64, 17, 0,
                       *source, 10, 0, 0, 2) + payload

def udp(sport, dport, payload):
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload

def ethernet(ethertype, payload):
    return bytes(12) + struct.pack(">H", ethertype) + payload

dns = ethernet(0x0800, ip((192, 168, 0, 1), udp(50000, 53, b"query")))
frames = [ethernet(0x0800, ip((10, 0, 0, 1), udp(49152, 4789, b"\x08" + bytes(7) + inner)))
          for inner in (dns, ethernet(0x0806, bytes(28)))]
out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
for frame in frames:
    out += struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame
sys.stdout.buffer.write(out)
PYTHON

rows() {
    tail -n +2 "$scratch/out" | cut -d, -f1-5 | sort | tr '\n' ' '
}

inner=192.168.0.1,50000,10.0.0.2,53,UDP
outer=10.0.0.1,49152,10.0.0.2,4789,UDP

succeeds "a tunnel is looked into" --extract "$scratch/vxlan.pcap"
check "what it carries is a flow, what is not IP the tunnel's" [ "$(rows)" = "$outer $inner " ]
check "both are counted" grep -q "looked into, vxlan: 1" "$scratch/err"
check "also what was not decoded" grep -q "content not decoded: 1" "$scratch/err"
succeeds "tunnels themselves" --extract "$scratch/vxlan.pcap" --tunnels outer
check "are flows" [ "$(rows)" = "$outer " ]
succeeds "a list of kinds" --extract "$scratch/vxlan.pcap" --tunnels gre,vxlan
check "that has this one" [ "$(rows)" = "$outer $inner " ]
succeeds "another list" --extract "$scratch/vxlan.pcap" --tunnels gre,gtp
check "that does not have it" [ "$(rows)" = "$outer " ]
refuses "an unknown kind" 2 "--tunnels: 'l2tp' is not" --extract "$scratch/vxlan.pcap" --tunnels gre,l2tp
refuses "an empty one" 2 "--tunnels: '' is not" --extract "$scratch/vxlan.pcap" --tunnels gre,

done_testing
