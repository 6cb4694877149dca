#!/bin/bash
# Drift: a service that sees other traffic than its model was trained on says so, by event and status.
. "$(dirname "$0")/lib.bash"

in_own_network "a service whose traffic drifts" "$@"

model=$scratch/model.da3d
events=$scratch/events.json
socket=$scratch/control.sock
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
cat >"$scratch/da3dd.yaml" <<YAML
model: $model
interfaces: [{name: lo, filter: udp}]
flow: {idle: 1s}
outputs: [{type: file, path: $events, scores: false, alerts: false}]
control: {path: $socket, mode: 0600}
drift: {window: 2s, flows: 100}
spool: {path: $scratch/spool, size: 1MiB}
retrain: {helper: "off", request: $scratch/request}
privileges: {user: ""}
YAML
ip link set lo up
"$DA3DD" -c "$scratch/da3dd.yaml" 2>"$scratch/err" &
service=$!
trap 'kill -KILL $service 2>/dev/null; rm -rf "$scratch"' EXIT
check "the service listens" says 1 "listening on lo"
check "where idle is not the model's it says so, once" says 1 "flow.idle 40s, here 1s; scores may mislead"

ctl() {
    "${DA3DD%/*}/da3ddctl" --socket "$socket" "$@"
}
check "status knows of no window yet" grep -q "^drift      in 0 of 0 windows$" <(ctl status)

# Datagrams of 20 hosts for four seconds, and a last one that ends the last window.
python3 - <<'P'
import socket, time
for i in range(400):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((f"127.0.1.{i % 20 + 1}", 0))
        s.sendto(b"x", ("127.0.0.1", 2000 + i))
    time.sleep(0.01)
time.sleep(1.5)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b"x", ("127.0.0.1", 9))
P
check "drift is logged" says 1 "features of [0-9]+ flows are not as in training, .* the network has changed"
check "status tells of it" grep -qE \
    "^drift      in [1-9] of [1-9] windows; in the last one most of all .*: the network has changed" \
    <(ctl status)
check "achieved alerts stand beside the promise" grep -qE \
    "^alert rate [0-9.]+ % of normal flows promised; achieved .* % \(.* to .* %\) of [1-9][0-9]* flows; last day" \
    <(ctl status)
check "and the network's is a reason to retrain" [ -s "$scratch/request" ]
kill -TERM "$service"
wait "$service"
check "the service ends as told" [ $? -eq 0 ]
check "drift is an event as specified" python3 - "$root/etc/schema.json" "$events" <<'P'
import json, sys
import jsonschema
validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
events = [json.loads(line) for line in open(sys.argv[2])]
for event in events:
    validator.validate(event)
drift = [event["drift"] for event in events if event["event_type"] == "drift"]
assert drift, events
for one in drift:
    assert one["cause"] == "network" and "src_ip" not in one, one
    assert one["drifted"] > 0 and one["flows"] >= 100 and one["hosts"] > 10, one
    psi = [feature["psi"] for feature in one["features"]]
    assert psi == sorted(psi, reverse=True) and psi[0] >= one["threshold"], one
P

done_testing
