#!/bin/bash
# The service on an interface of a network namespace of its own: what -r scores, it scores live.
. "$(dirname "$0")/lib.bash"

needs_own_network "the service on an interface"

model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 2 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
"$DA3DD" -r "$lab/mini.pcap" --model "$model" --quiet >"$scratch/file"

cat >"$scratch/send.py" <<'P'
import socket, struct, sys

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("va", 0))
data = open(sys.argv[1], "rb").read()
at = 24
while at < len(data):
    caplen, wirelen = struct.unpack("<II", data[at + 8 : at + 16])
    wire.send(data[at + 16 : at + 16 + caplen].ljust(wirelen, b"\0"))
    at += 16 + caplen
P
# Nothing but what is sent: no neighbour discovery. A hang-up must not end the service.
cat >"$scratch/live.sh" <<'S'
set -u
ip link add va type veth peer name vb
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
ip link set va up
ip link set vb up
timeout --foreground -s KILL 30 "$DA3DD" -i vb --model "$1/model.da3d" >"$1/live" 2>"$1/err" &
pid=$!
for ((i = 0; i < 100; i++)); do
    grep -q "listening on vb" "$1/err" && break
    sleep 0.1
done
[ "$2" = silence ] || python3 "$1/send.py" "$2"
sleep 1
kill -HUP $pid
sleep 0.2
kill -TERM $pid
wait $pid
S
export DA3DD

# live NAME WHAT: runs it; a service that does not stop is killed.
live() {
    local name=$1 what=$2
    unshare -n bash "$scratch/live.sh" "$scratch" "$what"
    check "$name ends with status 0" [ $? -eq 0 ]
}

live "an interface without a frame" silence
check "gives no line" [ ! -s "$scratch/live" ]
live "an interface with the frames of a capture" "$lab/mini.pcap"
ids() {
    grep -o '"community_id":"[^"]*"' "$1" | sort
}
check "gives the flows of the capture" cmp -s <(ids "$scratch/live") <(ids "$scratch/file")
check "and says where each was seen" \
    [ "$(grep -c '"in_iface":"vb"' "$scratch/live")" -eq "$(wc -l <"$scratch/live")" ]

done_testing
