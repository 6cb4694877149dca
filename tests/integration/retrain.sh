#!/bin/bash
# The model's life, with the real programs and without systemd: retraining by hand and by the
# service's helper, refusal of a worse model, rollback, and kill -9 at any moment. KILLS=20
. "$(dirname "$0")/lib.bash"

in_own_network "the model's life" "$@"
ctl=${DA3DD%/*}/da3ddctl
socket=$scratch/control.sock
kills=${KILLS:-20}

small=(--encoder "32,8" --epochs 20 --quiet)
mkdir "$scratch/live"
model=$scratch/live/model.da3d
models=$scratch/live/models
events=$scratch/events.json
file=$scratch/da3dd.yaml
"$DA3DD" --train "$lab/train.pcap.gz" "${small[@]}" --seed 2 --model "$model"
cp "$model" "$scratch/first.da3d"
"$DA3DD" --extract "$lab/test.pcap.gz" --features flow >"$scratch/all.csv" 2>/dev/null
python3 - "$lab/test.labels.csv" "$scratch/all.csv" >"$scratch/known.csv" <<'P'
import csv, sys
labels = [(r["address"], float(r["start"]), float(r["end"])) for r in csv.DictReader(open(sys.argv[1]))]
rows = csv.DictReader(open(sys.argv[2]))
out = csv.DictWriter(sys.stdout, rows.fieldnames)
out.writeheader()
for row in rows:
    if any(a in (row["src_ip"], row["dest_ip"]) and s <= float(row["start"]) <= e for a, s, e in labels):
        out.writerow(row)
P
cat >"$file" <<YAML
model: $model
interfaces: [{name: lo, filter: udp}]
outputs: [{type: file, path: $events}]
control: {path: $socket}
retrain: {known: $scratch/known.csv}
privileges: {user: ""}
YAML

# id FILE: how events name a model.
id() {
    tail -c 32 "$1" | head -c 4 | od -An -tx1 | tr -d ' \n'
}
# retrains NAME STATUS PATTERN ARGS...: how --retrain ends, and on which line.
retrains() {
    local name=$1 expected=$2 pattern=$3
    shift 3
    da3dd --retrain "$@" -c "$file"
    if [ "$status" -eq "$expected" ] && grep -qE -- "$pattern" "$scratch/err"; then
        pass "$name"
    else
        echo "# status $status, expected $expected and /$pattern/"
        fail "$name"
    fi
}

refuses "no model" 1 "m: No such file" --retrain "$lab/train.pcap.gz" -c "$file" --model "$scratch/m"
retrains "too few flows are refused" 3 "refused: there are too few flows" "$lab/mini.pcap"
check "the live model stays" cmp -s "$model" "$scratch/first.da3d"
check "the outcome tells why" grep -q '"verdict":"refused","reason":"there are too few' "$models/outcome.json"
retrains "attacks that are learned as normal are refused" 3 "refused: of [0-9]+ known anomalies it finds" \
    "$lab/test.pcap.gz"
check "the live model stays" cmp -s "$model" "$scratch/first.da3d"
check "the refused one is kept" [ "$(find "$models" -name '*.da3d' | wc -l)" -eq 1 ]
check "with figures" grep -qE '"known":{"rows":[0-9]+,"live":[0-9]+,"candidate":[0-9]+}' "$models"/2*.json
refuses "nothing was live before" 1 "rollback: there is no model that was live before" --rollback -c "$file"
refuses "a model that there is not" 1 "../x: there is no such model" --promote ../x -c "$file"

# The rest with a running service.
ip link set lo up
"$DA3DD" -c "$file" >"$scratch/service.out" 2>"$scratch/service.err" &
service=$!
trap 'kill -KILL $service 2>/dev/null; rm -rf "$scratch"' EXIT
# waits COMMAND...: until it succeeds, for 10 s at most.
waits() {
    local i
    for ((i = 0; i < 100; i++)); do
        "$@" 2>/dev/null && return
        sleep 0.1
    done
    return 1
}
# in_use FILE: does the service score with it?
# shellcheck disable=SC2317  # check calls it
in_use() {
    "$ctl" --socket "$socket" --json status | grep -q "\"model\":{\"id\":\"sha256:$(id "$1")\""
}
waits grep -q "listening on lo" "$scratch/service.err"
check "the service has the live model" in_use "$model"
declines "nothing to go back to" 1 "there is no model that was live before" rollback
declines "no such model" 1 "there is no model 'x'" promote x
answers "a retraining by the helper" "^done$" retrain
check "which finds too few flows" waits grep -q '"event_type":"model".*"action":"refused".*too few flows' "$events"
answers "status tells it" "^models .*: refused: there are too few flows" status

retrains "a new model is accepted" 0 "accepted: it raises [0-9]+ alerts on [0-9]+ golden flows" "$lab/train.pcap.gz"
check "it is live" [ "$(id "$model")" != "$(id "$scratch/first.da3d")" ]
check "and in use" waits in_use "$model"
check "an event tells it" grep -qE "\"action\":\"retrained\",\"id\":\"sha256:$(id "$model")\",\"previous\":\"sha256:$(id "$scratch/first.da3d")\"" "$events"
answers "the history" "^\* .* accepted +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+/[0-9]+ +[0-9]+/[0-9]+" models
check "has three, one of them live" [ "$(grep -cE '^[* ] 2' "$scratch/out")" -eq 3 ]
name=$(sed -n 's/^\* \([^ ]*\).*/\1/p' "$scratch/out")
answers "rollback" "^model sha256:$(id "$scratch/first.da3d") is in use" rollback
check "the first is live" cmp -s "$model" "$scratch/first.da3d"
check "and in use" in_use "$scratch/first.da3d"
declines "not further" 1 "there is no model that was live before" rollback
answers "promote" "is in use" promote "$name"
check "makes the other live" cmp -s "$model" "$models/$name.da3d"
check "and puts it to use" in_use "$model"
check "events tell both" [ "$(grep -cE '"action":"(rolled_back|promoted)"' "$events")" -eq 2 ]
da3dd --rollback -c "$file"
check "by hand, too" waits in_use "$scratch/first.da3d"
retrains "from the live model's parameters" 0 "accepted" "$lab/train.pcap.gz" --set retrain.start=warm
da3dd --rollback -c "$file"
check "and back" waits in_use "$scratch/first.da3d"
printf 'x' | dd of="$models/$name.da3d" bs=1 seek=5000 conv=notrunc 2>/dev/null
declines "a damaged model stays out" 1 "damaged: its checksum does not match" promote "$name"
check "the service has what it had" in_use "$scratch/first.da3d"

"$DA3DD" --retrain "$lab/train.pcap.gz" -c "$file" --quiet &
trainer=$!
check "progress is shown" waits eval "'$ctl' -s '$socket' status | grep -qE '^retraining +[0-9]+ %'"
declines "one retraining at a time" 1 "a retraining is running" retrain
retrains "by hand, too" 1 "another retraining is running" "$lab/train.pcap.gz"
wait "$trainer"

# Helper and service end together.
helper=$(pgrep -P "$service" | head -n 1)
check "the service has a helper" [ -n "$helper" ]
check "without capabilities" grep -qE '^CapEff:\s0+$' "/proc/$helper/status"
kill -TERM "$service"
wait "$service"
check "the service ends" [ $? -eq 0 ]
check "and the helper with it" waits eval "! grep -q 'State:.[^Z]' /proc/$helper/status 2>/dev/null"
check "all events are as specified" python3 - "$root/etc/schema.json" "$events" <<'P'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(0)
validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
for line in open(sys.argv[2]):
    for error in validator.iter_errors(json.loads(line)):
        sys.exit(f"{line}: {error.message}")
P

# A service that learns from its own spool, while it scores.
wire_up
python3 "$root/tests/integration/replay.py" --loop 600 --gap 100 va "$lab/mini.pcap" >/dev/null 2>&1 &
traffic=$!
sed "s/name: lo, filter: udp/name: vb, buffer: 1MiB/" "$file" >"$scratch/spool.yaml"
cat >>"$scratch/spool.yaml" <<YAML
spool: {path: $scratch/live/spool, quarantine: 0, host_share: 0}
flow: {idle: 1s}
scoring: {threshold: 0.999999999}
YAML
: >"$events"
"$DA3DD" -c "$scratch/spool.yaml" --set retrain.known= --set retrain.golden=0.4 --set retrain.budget=1000 \
    --set retrain.span=0 \
    --set retrain.tolerance=0.99 >"$scratch/service.out" 2>"$scratch/service.err" &
service=$!
trap 'kill -KILL $service $traffic 2>/dev/null; rm -rf "$scratch"' EXIT
# count NAME: what the service has counted.
count() {
    "$ctl" -s "$socket" stats | awk -v name="$1" '$1 == name {print $2}'
}
for ((i = 0; i < 60; i++)); do
    [ "$(count spool.records 2>/dev/null || echo 0)" -ge 300 ] 2>/dev/null && break
    sleep 1
done
before=$(id "$model")
retrains "a spool of minutes is not learned from" 3 "refused: the flows tell of too short a time" \
    --set spool.path="$scratch/live/spool" --set spool.quarantine=0 --set retrain.known= --set retrain.golden=0.4
answers "a retraining from the spool" "^done$" retrain
for ((i = 0; i < 30; i++)); do
    grep -q '"action":"retrained"' "$events" && break
    sleep 1
done
check "is in use" grep -qE "\"action\":\"retrained\",\"id\":\"sha256:$(id "$model")\",\"previous\":\"sha256:$before\"" "$events"
check "flows are scored with it" waits eval "tail -n 20 '$events' | grep -q '\"model\":\"sha256:$(id "$model")\"'"
waits "$ctl" -s "$socket" retrain >/dev/null # the last one may still be ending
helper=$(pgrep -P "$service" | head -n 1)
waits pgrep -P "$helper" >/dev/null
kill -KILL "$(pgrep -P "$helper")" 2>/dev/null
check "a retraining that is killed is told" waits grep -q '"action":"failed".*killed by signal 9' "$events"
answers "and another one can be asked for" "^done$" retrain
kill -TERM "$traffic"
sleep 3
check "no flow was lost" [ "$(count queue.refused)" -eq 0 ]
kill -TERM "$service"
wait "$service"
check "the service ends" [ $? -eq 0 ]
check "each flow was scored once" python3 - "$events" <<'P'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
flows = [e for e in events if e["event_type"] in ("score", "alert")]
rows = {(e["flow_id"], e["flow"]["start"], e["flow"]["end"]) for e in flows}
last = [e for e in events if e["event_type"] == "stats"][-1]["stats"]
assert len(rows) == len(flows) == last["queue"]["taken"], (len(rows), len(flows), last["queue"])
P

# kill -9 while a model is trained, saved and promoted: there is always one that works.
whole=0
for ((n = 0; n < kills; n++)); do
    "$DA3DD" --retrain "$lab/train.pcap.gz" -c "$file" --quiet --set retrain.known= 2>/dev/null &
    trainer=$!
    sleep "$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))"
    kill -KILL "$trainer" 2>/dev/null
    wait "$trainer" 2>/dev/null
    "$DA3DD" --rollback -c "$file" --quiet 2>/dev/null &
    trainer=$!
    sleep "$(printf '0.%03d' $((RANDOM % 60)))"
    kill -KILL "$trainer" 2>/dev/null
    wait "$trainer" 2>/dev/null
    "$DA3DD" -r "$lab/mini.pcap" --model "$model" >"$scratch/out" 2>"$scratch/err" && whole=$((whole + 1))
done
check "after each of $kills kills the live model works ($whole)" [ "$whole" -eq "$kills" ]
# Which model is live is chance now, and with it what a new one would have to find.
cp "$scratch/first.da3d" "$model"
retrains "after them all a model is trained" 0 "accepted" "$lab/train.pcap.gz"
check "nothing half-written is left in the history" [ -z "$(find "$models" -name '.da3dd-*')" ]
da3dd --retrain "$lab/train.pcap.gz" -c "$file" --set models.keep=1
# One, beside the live one, the one before, and the one just trained: what is the same to the last bit
# keeps its name, and need not be the newest.
check "which is bounded" [ "$(find "$models" -name '2*.da3d' | wc -l)" -le 4 ]
done_testing
