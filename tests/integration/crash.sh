#!/bin/bash
# kill -9 at random moments, while flows are scored and models replaced and reloaded: the next start
# finds a model that works and makes its socket anew. CRASHES=50
. "$(dirname "$0")/lib.bash"

in_own_network "kill -9" "$@"
crashes=${CRASHES:-50}

small=(--epochs 1 --encoder "12,6,2" --alarm "16,8" --quiet)
"$DA3DD" --train "$lab/train.pcap.gz" "${small[@]}" --model "$scratch/a.da3d"
"$DA3DD" --train "$lab/train.pcap.gz" "${small[@]}" --seed 2 --model "$scratch/b.da3d"
mkdir "$scratch/live"
model=$scratch/live/model.da3d
cp "$scratch/a.da3d" "$model"
cat >"$scratch/da3dd.yaml" <<YAML
model: $model
interfaces: [{name: vb, buffer: 1MiB}]
flow: {idle: 1s, memcap: 16MiB, max_flows: 10000}
outputs:
  - {type: socket, path: $scratch/live/scores.sock}
  - {type: file, path: $scratch/live/events.json}
privileges: {user: ""}
YAML
wire_up
python3 "$root/tests/integration/replay.py" --loop 600 --gap 200 va "$lab/mini.pcap" >/dev/null 2>&1 &
traffic=$!

# Ends with whoever is started here.
# shellcheck disable=SC2317  # by trap
clean_up() {
    kill "$traffic" "$pid" "$trainer" 2>/dev/null
    rm -rf "$scratch"
}
pid='' trainer=''
trap clean_up EXIT

# start: returns once it listens, or 1 if it does not within 10 s.
start() {
    : >"$scratch/err"
    "$DA3DD" -c "$scratch/da3dd.yaml" >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    for ((i = 0; i < 200; i++)); do
        grep -q "listening on vb" "$scratch/err" && return
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

# A trainer that is killed too writes the model that is in use; reloads follow each other.
disturb() {
    local delay
    delay=$(printf '0.%03d' $((RANDOM % 400)))
    "$DA3DD" --train "$lab/mini.pcap" "${small[@]}" --model "$model" >/dev/null 2>&1 &
    trainer=$!
    for ((i = 0; i < 3; i++)); do
        cp "$scratch/$([ $((RANDOM % 2)) -eq 0 ] && echo a || echo b).da3d" "$model.new"
        mv "$model.new" "$model"
        kill -HUP "$pid"
    done
    sleep "$delay"
    kill -KILL "$pid" "$trainer" 2>/dev/null
    wait "$pid" "$trainer" 2>/dev/null # which also keeps the shell from telling of them
}

# A start reads the model and takes the socket's place.
started=0 connected=0
for ((n = 0; n < crashes; n++)); do
    start && started=$((started + 1))
    perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(shift) or die "$!"' "$scratch/live/scores.sock" &&
        connected=$((connected + 1))
    disturb
done
check "each of $crashes starts finds a whole model ($started)" [ "$started" -eq "$crashes" ]
check "and readers its socket ($connected)" [ "$connected" -eq "$crashes" ]

start
check "after them all the service starts" [ $? -eq 0 ]
sleep 1
: >"$scratch/live/events.json"
sleep 2
check "and scores" grep -q '"event_type":"' "$scratch/live/events.json"
kill -TERM "$pid"
wait "$pid"
check "and ends with status 0" [ $? -eq 0 ]
rm -f "$scratch"/live/.da3dd-*
check "nothing is left but the model and the events" \
    [ "$(cd "$scratch/live" && echo ./*)" = "./events.json ./model.da3d" ]
done_testing
