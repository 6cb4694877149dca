#!/bin/bash
# The spool of a running service: what enters it, what a kill -9 at any moment leaves, and what is
# trained on it. SPOOL_CRASHES=30
. "$(dirname "$0")/lib.bash"

in_own_network "the spool" "$@"
crashes=${SPOOL_CRASHES:-30}
ctl=$(dirname "$DA3DD")/da3ddctl

small=(--epochs 1 --encoder "12,6,2" --alarm "16,8" --quiet)
"$DA3DD" --train "$lab/train.pcap.gz" "${small[@]}" --model "$scratch/model.da3d"
mkdir "$scratch/state"
spool=$scratch/state/spool
cat >"$scratch/da3dd.yaml" <<YAML
model: $scratch/model.da3d
interfaces: [{name: vb, buffer: 1MiB}]
flow: {idle: 1s, memcap: 16MiB, max_flows: 10000}
scoring: {threshold: 0.999999999}
outputs: [{type: file, path: $scratch/events.json}]
control: {path: $scratch/control.sock}
marks: $scratch/state/marks
spool: {path: $spool, size: 64MiB, quarantine: 0, host_share: 0}
privileges: {user: ""}
YAML
wire_up
python3 "$root/tests/integration/replay.py" --loop 600 --gap 200 va "$lab/mini.pcap" >/dev/null 2>&1 &
traffic=$!

# shellcheck disable=SC2317  # by trap
clean_up() {
    kill "$traffic" "$pid" 2>/dev/null
    rm -rf "$scratch"
}
pid=''
trap clean_up EXIT

# start: returns once it listens, or 1 if it does not within 10 s.
start() {
    : >"$scratch/err"
    "$DA3DD" -c "$scratch/da3dd.yaml" >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    says 1 "listening on vb"
}

# count NAME: what the service has counted.
count() {
    "$ctl" -s "$scratch/control.sock" stats | awk -v name="$1" '$1 == name {print $2}'
}

# asks NAME PATTERN ARGS...: what da3ddctl prints, as answer or as error.
asks() {
    local name=$1 pattern=$2
    shift 2
    "$ctl" -s "$scratch/control.sock" "$@" >"$scratch/out" 2>&1
    check "$name" grep -qE -- "$pattern" "$scratch/out"
}

# has COUNT NAME: is it that many at least, within 20 s?
has() {
    local i n
    for ((i = 0; i < 200; i++)); do
        n=$(count "$2")
        [ "${n:-0}" -ge "$1" ] && return
        sleep 0.1
    done
    return 1
}

start
check "the spool fills" has 60 spool.taken
kill -TERM "$pid"
wait "$pid"
check "it has the size that it was given" [ "$(stat -c %s "$spool")" -le 67108864 ]

# What is there before a kill is there after it, but for one that was being written over.
started=0 bad=0 lost=0 records=60
for ((n = 0; n < crashes; n++)); do
    start && started=$((started + 1))
    has 1 spool.slots
    bad=$((bad + $(count spool.bad)))
    [ "$(count spool.records)" -ge $((records - 1)) ] || lost=$((lost + 1))
    sleep "$(printf '0.%03d' $((RANDOM % 400)))"
    records=$(count spool.records)
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null # which also keeps the shell from telling of it
done
check "each of $crashes starts after a kill -9 takes the spool up again ($started)" \
    [ "$started" -eq "$crashes" ]
check "none is missing records ($lost)" [ "$lost" -eq 0 ]
check "at most one record was torn by each ($bad)" [ "$bad" -le "$crashes" ]

start
has 1 spool.slots
succeeds "a model learns from a spool that is being written" \
    --train "$spool" "${small[@]}" --quarantine 0 --model "$scratch/again.da3d"
refuses "within the quarantine there is nothing to learn" 1 "no record that may be trained on" \
    --train "$spool" "${small[@]}" --quarantine 1h --model "$scratch/none.da3d"
refuses "captures have no quarantine" 1 "are for spools, and .* is a capture" \
    --train "$lab/mini.pcap" --quarantine 1h --model "$scratch/none.da3d"
refuses "a second service does not share it" 1 "spool: in use by another process" \
    -c "$scratch/da3dd.yaml" --set control.path= --set marks= --set outputs.0.path="$scratch/other.json"

# What an operator says of flows.
has $(($(count events.scored) + 100)) events.scored
mapfile -t ids < <(tail -n 50 "$scratch/events.json" | grep -o '"flow_id":[0-9]*' | cut -d : -f 2 | sort -u)
asks "a flow is marked" "^done" mark "${ids[0]}" benign
asks "another as well" "^done" mark "${ids[1]}" malicious
asks "one is thought of again" "^done" mark "${ids[0]}" malicious
asks "and back" "^done" mark "${ids[0]}" benign
asks "both are listed" "^ *${ids[0]} benign " mark list
asks "each with its mark" "^ *${ids[1]} malicious " mark list
asks "a flow that nobody knows is not marked" "is none of the latest ones" mark 12345 benign
asks "nor is one marked as anything" "'benign' or 'malicious' are expected" mark "${ids[0]}" odd
# Of one flow alone the spool may hold none that is nearly the same.
for id in "${ids[@]:2:10}"; do
    "$ctl" -s "$scratch/control.sock" mark "$id" malicious >/dev/null
done
succeeds "a model learns from marks, too" --train "$spool" --epochs 1 --encoder 12,6,2 --alarm 16,8 \
    --quarantine 0 --marks "$scratch/state/marks" --model "$scratch/again.da3d"
check "it is told how many" grep -q ", [1-9][0-9]* marked as malicious, .* 1 marked as benign" "$scratch/err"
refuses "marks that are not there are missed" 1 "there is no such file" \
    --train "$spool" "${small[@]}" --marks "$scratch/nowhere" --model "$scratch/none.da3d"
asks "a mark is removed" "^done" mark remove "${ids[1]}"
asks "once" "is not marked" mark remove "${ids[1]}"

# Every flow alerts.
check "none had alerted" [ "$(count spool.alerts)" -eq 0 ]
"$ctl" -s "$scratch/control.sock" threshold logit=-1000 >/dev/null
check "flows that alert" has 5 events.alerts
check "are taken as others are" has 5 spool.alerts
check "and where all alert, no host stands out" [ "$(count spool.dropped)" -eq 0 ]
succeeds "a model learns from a spool with alerts in it" \
    --train "$spool" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quarantine 0 --model "$scratch/again.da3d"
check "and is told which of them are learned" \
    grep -qE "[0-9]+ suspect.* [0-9]+ of the flows alerted by chance" <(tr '\n' ' ' <"$scratch/err")
sed -i 's/host_share: 0/enabled: false/' "$scratch/da3dd.yaml"
kill -HUP "$pid"
says 1 "configuration and model"
"$ctl" -s "$scratch/control.sock" threshold default >/dev/null
offered=$(count spool.offered)
sleep 1
check "a reload ends the taking" [ "$(count spool.offered)" -eq "$offered" ]
kill -TERM "$pid"
wait "$pid"
check "it ends with status 0" [ $? -eq 0 ]

sed -i 's/size: 64MiB/size: 32MiB/; s/enabled: false/enabled: true/' "$scratch/da3dd.yaml"
start
check "a spool of another size is set aside" says 1 "slots, not .*; set aside as $spool.aside"
check "and a new one begun" has 1 spool.taken
kill -TERM "$pid"
wait "$pid"
check "nothing else is in its folder" \
    [ "$(cd "$scratch/state" && echo ./*)" = "./marks ./spool ./spool.aside" ]
done_testing
