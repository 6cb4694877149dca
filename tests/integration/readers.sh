#!/bin/bash
# Eight readers of the service's socket, one of which never reads, one reads a byte a second, one is
# killed: the other five get every line, in order, and memory stays bounded.
. "$(dirname "$0")/lib.bash"

in_own_network "readers of the socket" "$@"

model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
cat >"$scratch/da3dd.yaml" <<YAML
model: $model
interfaces: [{name: vb}]
flow: {idle: 1s, active: 2s}
scoring: {queue: 4096} # whose memory the first recording fills
outputs:
  - {type: socket, path: $scratch/scores.sock}
  - {type: file, path: $scratch/events.json}
stats: {interval: 1h}
privileges: {user: ""}
YAML
wire_up

"$DA3DD" -c "$scratch/da3dd.yaml" >"$scratch/out" 2>"$scratch/err" &
pid=$!
says 1 "listening on vb"

cat >"$scratch/reader.py" <<'P'
import os, socket, sys, time
path, kind, file = sys.argv[1:]
reader = socket.socket(socket.AF_UNIX)
reader.connect(path)
print("connected", flush=True, file=open(path + "." + str(os.getpid()), "w"))
while kind == "never":
    time.sleep(1)
with open(file, "wb") as out:
    while data := reader.recv(1 if kind == "slow" else 65536):
        out.write(data)
        time.sleep(kind == "slow")
P
# reader KIND FILE: its process number goes to $reader.
reader() {
    python3 "$scratch/reader.py" "$scratch/scores.sock" "$@" &
    reader=$!
    for ((i = 0; i < 100; i++)); do
        [ -s "$scratch/scores.sock.$reader" ] && return
        sleep 0.1
    done
}

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }

good=()
for n in 1 2 3 4 5; do
    reader good "$scratch/read.$n"
    good+=("$reader")
done
reader never /dev/null
never=$reader
reader slow /dev/null
slow=$reader
reader good /dev/null
victim=$reader
# shellcheck disable=SC2317  # by trap
clean_up() {
    kill -KILL "$pid" "$victim" "$never" "$slow" "${good[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$scratch"
}
trap clean_up EXIT
python3 "$root/tests/integration/replay.py" va "$lab/test.pcap.gz" >/dev/null
before=$(resident)
kill -KILL "$victim"
wait "$victim" 2>/dev/null
python3 "$root/tests/integration/replay.py" --loop 15 --gap 100 va "$lab/test.pcap.gz" >/dev/null
after=$(resident)
kill -TERM "$pid"
wait "$pid"
check "the service ends as told" [ $? -eq 0 ]
wait "${good[@]}"
for n in 1 2 3 4 5; do
    check "reader $n has every line, in order" cmp "$scratch/read.$n" "$scratch/events.json"
done
check "which are many" [ "$(wc -l <"$scratch/events.json")" -gt 10000 ]
if [ -n "${ASAN_OPTIONS:-}" ]; then
    skip "memory is bounded" "a sanitizer keeps what is freed"
else
    check "memory is bounded ($before, then $after KiB)" [ $((after - before)) -lt 20000 ]
fi
check "what readers lost is counted" \
    grep -q '"event_type":"stats".*"type":"socket",.*"dropped":[1-9][0-9]*,.*"readers":7' "$scratch/events.json"
done_testing
