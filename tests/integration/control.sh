#!/bin/bash
# The operator's hand: da3ddctl and statistics of a service in a network namespace of its own.
. "$(dirname "$0")/lib.bash"

ctl=${DA3DD%/*}/da3ddctl
socket=$scratch/control.sock

answers "--help" "^  suppress add " --help
answers "--version" "^da3ddctl [0-9]" --version
declines "no command" 2 "a command is expected"
declines "an unknown command" 2 "there is no command 'foo bar'" foo bar
declines "half a command" 2 "there is no command 'suppress'" suppress
declines "an unknown field" 2 "hots: there is no such field" suppress add hots=x
declines "a field that is wrong" 2 "port: a whole number from 1 to 65535" suppress add port=65536
declines "a score that is none" 2 "score: '1,5' is not a number" threshold 1,5
declines "a word too many" 2 "'status' does not take 'now'" status now
declines "no service" 1 "$socket: No such file or directory" status

if ! unshare -rn true 2>/dev/null; then
    skip "a running service" "no network namespaces here"
    done_testing
fi

model=$scratch/model.da3d
events=$scratch/events.json
file=$scratch/da3dd.yaml
log=$scratch/log
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
cat >"$file" <<YAML
model: $model
interfaces: [{name: lo, filter: udp}]
flow: {idle: 1s}
outputs: [{type: file, path: $events}]
scoring: {threshold: 0.999999, queue: 16}
alerts: {fold: 0}
control: {path: $socket, mode: 0600}
privileges: {user: "", landlock: false, reopen: false}
stats: {interval: 1s}
YAML
cat >"$scratch/namespace" <<'SH'
ip link set lo up
exec "$@"
SH
unshare -rn sh "$scratch/namespace" "$DA3DD" -c "$file" --set privileges.user= >"$scratch/stdout" 2>"$log" &
service=$!

# waits COMMAND...: until it succeeds, for 10 s at most.
waits() {
    local i
    for ((i = 0; i < 100; i++)); do
        "$@" 2>/dev/null && return
        sleep 0.1
    done
    return 1
}
inside() {
    exec nsenter -t "$service" -U -n --preserve-credentials bash -c "$1" 2>/dev/null
}
waits grep -q "listening on lo" "$log"
# A flow that never ends moves the clock of packet time.
inside 'exec 3>/dev/udp/127.0.0.1/10; while sleep 0.1; do echo x >&3; done' &
heartbeat=$!
trap 'kill -KILL $service $heartbeat 2>/dev/null; rm -rf "$scratch"' EXIT

# shellcheck disable=SC2317  # check calls it
# flow PORT PATTERN: sends a datagram; has its flow's line this pattern?
flow() {
    : >"$events"
    (inside "echo x >/dev/udp/127.0.0.1/$1")
    waits grep -q "\"dest_port\":$1," "$events"
    grep "\"dest_port\":$1," "$events" | grep -qE -- "$2"
}

check "the socket has its mode" [ "$(stat -c %a "$socket")" = 600 ]
answers "status" "^lo +up, [0-9]+ packets" status
answers "what confines it, and why not" \
    "^confined   user off \(privileges.user is empty\), capabilities on \(none left\), seccomp o.*, landlock off \(privileges.landlock is false\)" status
answers "status as JSON" "\"pid\":$service," --json status
answers "stats" "^interfaces.0.kernel_drops +0$" stats
answers "a threshold as configured" "score 0.999999 .*as configured" threshold
check "a flow below it" flow 11 '"score".*"threshold":0.999999'
answers "a threshold of one's own" "logit -10\), set by da3ddctl" threshold logit=-10
check "is in force at once" flow 12 '"alert".*"threshold_logit":-10,'
check "an alert names what made it" grep -qE '"dest_port":12,.*"top":\[\{"feature":"[A-Za-z]' "$events"
id=$(grep '"dest_port":12,' "$events" | grep -oP '"flow_id":\K[0-9]+')
answers "a flow is explained" "^Flow $id: UDP from 127.0.0.1:[0-9]+ to 127.0.0.1:12$" explain "$id"
check "by its features" [ "$(grep -cE '^  +[+-][0-9.]+  [A-Za-z_0-9]+' "$scratch/out")" -eq 11 ]
answers "as JSON" "\"flow_id\":$id,.*\"in_iface\":\"lo\"|\"in_iface\":\"lo\",\"flow_id\":$id," --json explain "$id"
declines "a flow that is not known" 1 "flow 1 is none of the latest ones" explain 1
declines "a flow_id is needed" 1 "the flow_id of an event is expected" explain
declines "a flow_id that is none" 2 "flow_id: 'x' is not a number" explain x
answers "a reload" "^done$" reload
check "leaves it, and says so" waits grep -q "alerts begin at score .*, as set by da3ddctl" "$log"
answers "a rule" "^rule 1$" suppress add host=127.0.0.1 port=13 until=2099-01-01
check "suppresses at once" flow 13 '"score".*"withheld":"suppressed"'
answers "a rule is listed with what it has suppressed" \
    "^ +1 da3ddctl +127.0.0.1 +- +13 +2099-01-01T00:00:00Z +1$" suppress list
answers "and removed" "^rule 1$" suppress remove 1
check "with the same effect" flow 13 '"alert"'
declines "once" 1 "there is no rule 1" suppress remove 1
declines "a rule for everything" 1 "a host, a network or a port is needed" suppress add
declines "a rule of the past" 1 "until: is in the past" suppress add port=1 until=2001-01-01
declines "a host that is none" 1 "host: 'x' is not an address" suppress add host=x
declines "a field of another command" 1 "'threshold set' takes no port" threshold port=3
answers "the threshold goes back" "score 0.999999 .*as configured" threshold default
check "at once" flow 14 '"score"'
check "who changes something is logged" \
    grep -qE 'control: user [0-9]+, process [0-9]+ asks for {"command":"threshold set","logit":-10}' "$log"
# The next statistics, a second later at most, tell how long that flow's event took.
waits grep -qE '"latency_us":\{"event":\{"p50":(0\.)?0*[1-9]' "$events"
mv "$events" "$scratch/rotated.json"
answers "reopen" "^done$" reopen
check "opens files anew" [ -e "$events" ]
cp "$file" "$scratch/right.yaml"
echo "flow: {}" >>"$file"
declines "a reload of what is wrong, with the reason" 1 "$file: line 10: the key 'flow' is given twice" reload
sed 's/idle: 1s/idel: 1s/; s/1s}$/1q}/' "$scratch/right.yaml" >"$file"
declines "the first of several" 1 "$file: line 3: flow.idel: there is no such key; is it 'idle'" reload
sed "s|^model: .*|model: $lab/mini.pcap|" "$scratch/right.yaml" >"$file"
declines "a wrong model" 1 "$lab/mini.pcap: " reload
rm "$file"
declines "no file" 1 "$file: No such file or directory" reload
cp "$scratch/right.yaml" "$file"
check "and everything goes on as it was" flow 15 '"score".*"threshold":0.999999'

answers "top, once where there is no terminal" "^\* +-?[0-9.]+ [0-9.]+ [0-9:]+ 127.0.0.1 .* reached$" top
answers "its length" "^Hosts" top limit=1 --once
check "is as wanted" [ "$(grep -c '127.0.0.1' "$scratch/out")" -eq 2 ]
ctl --json top
check "flows and hosts in order" python3 - "$scratch/out" <<'P'
import json, sys
top = json.load(open(sys.argv[1]))
logits = [flow["logit"] for flow in top["flows"]]
assert logits == sorted(logits, reverse=True), logits
assert {11, 12, 13, 14} <= {flow["dest_port"] for flow in top["flows"]}, top
(host,) = top["hosts"]
assert host["host"] == "127.0.0.1" and host["reached"] == 3 and host["reached_error"] == 0, host
assert host["flows"] == len(top["flows"]) and host["logit"] == logits[0], host
P
check "on a terminal it is redrawn until it is interrupted" timeout 30 python3 - "$ctl" "$socket" <<'P'
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--socket", sys.argv[2], "top"])
seen = b""
while seen.count(b"\033[H") < 2:
    seen += os.read(terminal, 65536)
os.write(terminal, b"\003")
try:
    while data := os.read(terminal, 65536):
        seen += data
except OSError:
    pass
assert os.waitpid(pid, 0)[1] == 0
assert seen.startswith(b"\033[?1049h") and seen.endswith(b"\033[?1049l"), seen[-100:]
P

# Clients that never read, and too many of them.
python3 - "$socket" <<'P' &
import socket, sys, time
clients = []
for _ in range(40):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(1)
    s.connect(sys.argv[1])
    try:
        s.sendall(b'{"command":"stats"}\n' * 2000)
    except OSError:
        pass
    clients.append(s)
time.sleep(30)
P
stuck=$!
sleep 2
answers "others are answered beside clients that never read" "^lo +up" status
kill -KILL $stuck
wait $stuck 2>/dev/null

: >"$events"
kill -USR1 "$service"
check "SIGUSR1 gives statistics" waits grep -q '"event_type":"stats"' "$events"
sed -i 's/interval: 1s/interval: 1h/' "$file"
answers "their interval" "^done$" reload
: >"$events"
sleep 1.5
check "is live" [ ! -s "$events" ]
answers "a stats event on demand" '"event":{"timestamp":.*"event_type":"stats"' --json stats
cp "$scratch/out" "$scratch/answer"
: >"$events"
# Flows that are still in the table when the service is told to stop.
# shellcheck disable=SC2016  # expanded in there
(inside 'for i in {1000..1999}; do echo x >/dev/udp/127.0.0.1/$i; done')
sleep 0.5
kill -TERM "$service"
wait "$service"
check "the service ends as told" [ $? -eq 0 ]
kill -KILL "$heartbeat" 2>/dev/null
check "its socket is gone" [ ! -e "$socket" ]
check "every event is valid, and every flow that was taken has one" \
    python3 - "$root/etc/schema.json" "$events" "$scratch/answer" "$scratch/rotated.json" <<'P'
import json, sys
import jsonschema
schema, path, answer, rotated = sys.argv[1:]
validator = jsonschema.Draft7Validator(json.load(open(schema)))
events = [json.loads(line) for line in open(path)]
before = json.load(open(answer))["event"]
earlier = [json.loads(line) for line in open(rotated)]
for event in events + [before] + earlier:
    validator.validate(event)
assert [event["event_type"] for event in events].count("stats") == 1
last = events.pop()["stats"]
new = last["events"]["scored"] - before["stats"]["events"]["scored"]
assert len(events) == new and new >= 1000, (len(events), last)
assert last["queue"]["taken"] == last["events"]["scored"], last
assert last["queue"]["refused"] == 0 and last["queue"]["waiting"] == 0, last
assert last["events"]["suppressed"] == 1 and last["events"]["alerts"] >= 2, last
assert last["outputs"][0]["dropped"] == 0, last
assert 0 < last["latency_us"]["queue"]["p50"] <= last["latency_us"]["queue"]["max"], last
assert any(event["stats"]["latency_us"]["event"]["p50"] > 0 for event in earlier
           if event["event_type"] == "stats"), "an event takes time"
assert last["memory"]["resident"] > last["memory"]["flows"] > 0, last
P
declines "the service is gone" 1 "$socket: No such file" status

done_testing
