#!/bin/bash
# A stop takes less than 5 s however many flows there are to be scored, and readers that never read:
# what is left out is counted, and the counts are exact.
. "$(dirname "$0")/lib.bash"

in_own_network "a stop under load" "$@"
ip link set lo up

# As large as it has to be for no processor to score all of the flows in three seconds.
model=$scratch/model.da3d
"$DA3DD" --train "$lab/mini.pcap" --method paper --epochs 1 --encoder 12,6,2 --alarm 4000,2000 --quiet \
    --model "$model" 2>/dev/null
config=$scratch/da3dd.yaml
cat >"$config" <<YAML
model: $model
interfaces: [{name: lo, filter: udp, buffer: 64MiB}]
outputs:
  - {type: file, path: $scratch/events.json}
  - {type: socket, path: $scratch/a.sock}
  - {type: socket, path: $scratch/b.sock}
scoring: {queue: 65536}
stats: {interval: 1h}
privileges: {user: ""}
YAML

# starts ARGS...: the service, with a reader of each socket that never reads.
starts() {
    : >"$scratch/events.json"
    "$DA3DD" -c "$config" "$@" >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    says 1 "listening on lo"
    python3 - "$scratch/a.sock" "$scratch/b.sock" <<'P' &
import socket, sys, time
readers = []
for path in sys.argv[1:]:
    reader = socket.socket(socket.AF_UNIX)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(path)
    readers.append(reader)
time.sleep(60)
P
    readers=$!
}

# flows COUNT: so many datagrams, each a flow.
flows() {
    python3 - "$1" <<'P'
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])):
    sender.sendto(b"x", ("127.0.%d.1" % (i >> 14), 1024 + (i & 16383)))
P
}

# stops: as it was told; $took: ms.
# shellcheck disable=SC2317  # check calls it
stops() {
    local since status
    since=$(date +%s%3N)
    kill -TERM "$pid"
    wait "$pid"
    status=$?
    took=$(($(date +%s%3N) - since))
    kill "$readers"
    wait "$readers" 2>/dev/null
    return "$status"
}

# adds_up SENT: every flow that was sent has a line or is counted, and what is told is what is counted.
# shellcheck disable=SC2317  # likewise
adds_up() {
    python3 - "$1" "$scratch/events.json" "$scratch/err" <<'P'
import json, re, sys
sent = int(sys.argv[1])
events = [json.loads(line) for line in open(sys.argv[2])]
stats = events.pop()["stats"]
told = sum(int(n) for n in re.findall(r"(\d+) flows left out", open(sys.argv[3]).read()))
(lo,), queue = stats["interfaces"], stats["queue"]
late = queue["abandoned"] + lo["flows"]["abandoned"]
print("#", len(events), "scored,", queue["refused"], "refused,", late, "late of", sent)
assert lo["kernel_drops"] == 0 and lo["flows"]["reported"] == sent, (sent, lo)
assert len(events) == stats["events"]["scored"] == queue["taken"] - queue["abandoned"], stats
assert queue["taken"] + queue["refused"] + lo["flows"]["abandoned"] == sent, stats
assert told == queue["refused"] + late and late > 0, (told, stats)
P
}

starts
flows 40000
sleep 1
check "flows in the table: it stops with status 0" stops
check "in less than 5 s ($took ms)" [ "$took" -lt 5000 ]
check "no flow is lost without a count" adds_up 40000

# The last one, which is not waited for, moves the clock of packet time.
starts --set flow.idle=1s
flows 40000
sleep 2.5
flows 1
sleep 1
check "flows in the queue: it stops with status 0" stops
check "in less than 5 s ($took ms)" [ "$took" -lt 5000 ]
check "no flow is lost without a count" adds_up 40001
done_testing
