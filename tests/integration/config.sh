#!/bin/bash
# The configuration: what is refused and how, what the command line changes, and SIGHUP.
. "$(dirname "$0")/lib.bash"

relay python3 "$root/tests/integration/config.py" "$DA3DD" "$scratch"

file=$scratch/da3dd.yaml
cat >"$file" <<'YAML'
model: /var/lib/da3dd/office.da3d
interfaces:
  - name: eth1
    filter: not port 22
  - {name: eth2, snaplen: 256B}
flow: {idle: 30s}
outputs:
  - {type: socket, path: /run/da3dd/scores.sock}
  - {type: journal, rate: 10}
suppress:
  - {network: 192.0.2.0/24, until: 2026-12-24}
YAML

succeeds "-T" -T -c "$file"
check "says that it is OK" [ "$(cat "$scratch/out")" = "$file: configuration OK" ]
succeeds "--test-config without a file" --test-config -i lo --model m.da3d
succeeds "--dump-config" --dump-config -c "$file"
cp "$scratch/out" "$scratch/dump.yaml"
succeeds "its output is a configuration" --dump-config -c "$scratch/dump.yaml"
check "the same one" cmp -s "$scratch/out" "$scratch/dump.yaml"
# shellcheck disable=SC2094  # read, then written
succeeds "the shipped file" -T -c "$root/etc/da3dd.yaml"

# dumps NAME PATTERN ARGS...: --dump-config with these prints such a line.
dumps() {
    local name=$1 pattern=$2
    shift 2
    da3dd --dump-config "$@"
    if [ "$status" -eq 0 ] && grep -qE -- "$pattern" "$scratch/out"; then
        pass "$name"
    else
        fail "$name"
    fi
}

dumps "--set" "^  idle: 10s$" -c "$file" --set flow.idle=10s
dumps "--set, twice: the last counts" "^  idle: 5s$" -c "$file" --set flow.idle=10s --set flow.idle=5s
dumps "--set in a list" "^    snaplen: 96B$" -c "$file" --set interfaces.0.snaplen=96B
dumps "--set adds an item" "^    rate: 7$" -c "$file" --set outputs.2.type=syslog --set outputs.2.rate=7
dumps "--set of a list in -i's" "^    threads: 4$" -i eth0 --set interfaces.0.threads=4
dumps "-i" '^  - name: "eth9"$' -c "$file" -i eth9
check "takes the file's place" [ "$(grep -c -- '- name:' "$scratch/out")" -eq 1 ]
dumps "--model" "^model: \"$PWD/m.da3d\"$" -c "$file" --model m.da3d
dumps "a filter" '^    filter: "udp port 53"$' -c "$file" -- udp port 53
check "is every interface's" [ "$(grep -c 'udp port 53' "$scratch/out")" -eq 2 ]
dumps "--tunnels" "^  tunnels: outer$" -c "$file" --tunnels outer
dumps "without a file: nothing is folded" "^  fold: 0$" -i eth0
dumps "with a file: a minute" "^  fold: 1m$" -c "$file"

refuses "a file that is not there" 1 "/nonexistent: No such file" -T -c /nonexistent
refuses "a folder" 1 "$scratch: Is a directory" -T -c "$scratch"
refuses "an endless file" 1 "/dev/zero: longer than 256 KiB" -T -c /dev/zero
refuses "--set of what is not there" 1 "--set: flow.idel: .* is it 'idle'" -T -c "$file" --set flow.idel=1s
refuses "--set without a value" 1 "is not KEY=VALUE" -T -c "$file" --set flow.idle
refuses "--set of half an output" 1 "outputs.2.type: socket needs a path" -T -c "$file" --set outputs.2.type=socket
refuses "the service without a model" 1 "model: there is none" -i lo
refuses "the service without an interface" 1 "interfaces: there is none" -T --model m.da3d
refuses "-c with another mode" 2 "the service's" -r "$lab/mini.pcap" --model m.da3d -c "$file"
refuses "-i with another mode" 2 "the service's" --eval "$lab/mini.pcap" --labels x --model m.da3d -i lo
refuses "two modes" 2 "more than one thing" -T --dump-config -c "$file"

# SIGHUP, in a network namespace of its own.
if ! unshare -rn true 2>/dev/null; then
    skip "reload" "no network namespaces here"
    done_testing
fi
model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
cat >"$file" <<YAML
model: $model
interfaces: [{name: lo}]
outputs: [{type: file, path: $scratch/events.json}]
scoring: {threshold: 0.9}
YAML
cat >"$scratch/namespace" <<'SH'
ip link set lo up
exec "$@"
SH
# starts: da3dd -c FILE. A heartbeat, one flow that never ends, moves the clock of packet time. There
# is one user in the namespace.
starts() {
    unshare -rn sh "$scratch/namespace" "$DA3DD" -c "$file" --set privileges.user= >"$scratch/out" 2>"$scratch/err" &
    service=$!
    says 1 "listening on lo" || return
    inside 'exec 3>/dev/udp/127.0.0.1/10; while sleep 0.1; do echo x >&3; done' &
    heartbeat=$!
}

# stops: within 5 s, as it was told.
stops() {
    local i status
    kill -TERM "$service"
    for ((i = 0; i < 50; i++)); do
        kill -0 "$service" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$service" "$heartbeat" 2>/dev/null
    wait "$service"
    status=$?
    wait "$heartbeat" 2>/dev/null
    return $status
}

inside() {
    exec nsenter -t "$service" -U -n --preserve-credentials bash -c "$1" 2>/dev/null
}

# flow: sends a datagram, waits for its flow's line and prints it.
flow() {
    local i
    : >"$scratch/events.json"
    (inside 'echo x >/dev/udp/127.0.0.1/9')
    for ((i = 0; i < 100; i++)); do
        grep '"dest_port":9,' "$scratch/events.json" && break
        sleep 0.1
    done
}

starts
check "the service starts from a file" says 1 "listening on lo"
sed -i 's/idle: .*//; $a flow: {idle: 1s}' "$file"
kill -HUP "$service"
check "a reload says what takes a restart" says 1 "flow.idle: has changed and takes effect after a restart"
check "and what was loaded" says 1 "configuration and model $model loaded"
echo "flow: {idel: 1s}" >>"$file"
kill -HUP "$service"
check "a wrong file is refused" says 1 "line 6: the key 'flow' is given twice"
check "and all stays as it was" says 1 "stay as they were"
sed -i '$d; s/0.9/1.5/' "$file"
kill -HUP "$service"
check "so is a wrong value" says 1 "scoring.threshold: '1.5' is not a share"
cp "$lab/mini.pcap" "$scratch"
sed -i "s/1.5/0.8/; s|^model: .*|model: $scratch/mini.pcap|" "$file"
kill -HUP "$service"
check "so is a wrong model" says 1 "mini.pcap: .*model"
rm "$file"
kill -HUP "$service"
check "so is no file at all" says 1 "da3dd.yaml: No such file"
check "the service goes on" kill -0 "$service"
mv "$scratch/events.json" "$scratch/rotated.json"
kill -HUP "$service"
says 2 "da3dd.yaml: No such file"
check "files are reopened all the same" [ -e "$scratch/events.json" ]
check "and it ends as told" stops

# The threshold, live: every flow alerts at a threshold near 0, none near 1.
cat >"$file" <<YAML
model: $model
interfaces: [{name: lo}]
flow: {idle: 1s}
outputs: [{type: file, path: $scratch/events.json}]
scoring: {threshold: 0.000001}
alerts: {fold: 0}
YAML
starts
check "a threshold below every score alerts" grep -q '"event_type":"alert"' <(flow)
sed -i 's/0.000001/0.999999/' "$file"
kill -HUP "$service"
check "a threshold above every score" says 1 "configuration and model"
check "does not" grep -q '"event_type":"score".*"threshold":0.999999' <(flow)
sed -i 's/0.999999/0.000001/; $a suppress: [{port: 9}]' "$file"
kill -HUP "$service"
says 2 "configuration and model"
check "a rule suppresses" grep -q '"event_type":"score".*"withheld":"suppressed"' <(flow)
check "the flow settings reach the flow table" grep -q '"reason":"idle"' "$scratch/events.json"
stops

done_testing
