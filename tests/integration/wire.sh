#!/bin/bash
# Live capture on veth pairs in a network namespace of its own: what was seen on the wire gives, read
# again from the recording, the same vectors and scores; interfaces come and go; nothing piles up.
. "$(dirname "$0")/lib.bash"

in_own_network "live capture" "$@"

replay=$root/tests/integration/replay.py
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 # nothing but what is sent: no neighbour discovery
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6

# pair SENDER RECEIVER: a veth pair that takes a frame of any size.
pair() {
    ip link add "$1" mtu 65535 type veth peer name "$2" mtu 65535
    ip link set "$1" up
    ip link set "$2" up
}

# wait_for PATTERN [TIMES]: until it stands in the messages of the da3dd that runs.
wait_for() {
    for ((i = 0; i < 200; i++)); do
        [ "$(grep -c "$1" "$scratch/err")" -ge "${2-1}" ] && return 0
        sleep 0.05
    done
    return 1
}

# start ARGS...: da3dd in the background; listening when this returns.
start() {
    : >"$scratch/err"
    "$DA3DD" "$@" >"$scratch/live" 2>"$scratch/err" &
    pid=$!
    wait_for "listening on"
}

# shellcheck disable=SC2317  # check calls it
# stop: as a user would, and killed if it does not within 10 s. The status is da3dd's; $took: ms.
stop() {
    local since rc
    since=$(date +%s%3N)
    kill -TERM "$pid"
    for ((i = 0; i < 200; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid"
    rc=$?
    took=$(($(date +%s%3N) - since))
    return "$rc"
}

# frames WHICH: of the line that da3dd ends with, "taken" or "dropped".
frames() {
    local line='s/.*vb: \([0-9]*\) frames, \([0-9]*\) dropped.*/\1 \2/p'
    sed -n "$line" "$scratch/err" | cut -d ' ' -f "$([ "$1" = taken ] && echo 1 || echo 2)"
}

# traffic: returns once frames arrive on vb.
received() { awk '$1 == "vb:" { print $3 }' /proc/net/dev; }
traffic() {
    local before
    before=$(received)
    for ((i = 0; i < 200; i++)); do
        [ "$(received)" -gt $((before + 1000)) ] && return 0
        sleep 0.05
    done
    return 1
}

resident() {
    awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
}

model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 2 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
pair va vb

# Vectors, bit for bit: every column is printed with 17 digits.
for set in flow doh kdd; do
    start --extract -i vb --features "$set" --write "$scratch/seen.pcap"
    sent=$(python3 "$replay" --gap 50 va "$lab/mini.pcap" "$lab/content.pcap")
    check "$set: stops" stop
    "$DA3DD" --extract "$scratch/seen.pcap" --features "$set" --quiet >"$scratch/file"
    check "$set: rows" [ "$(wc -l <"$scratch/live")" -gt 50 ]
    check "$set: the recording gives the same vectors" cmp "$scratch/live" "$scratch/file"
    check "$set: all frames were seen, none dropped" \
        grep -q "vb: $sent frames, 0 dropped for want of room, 0 times" "$scratch/err"
done

# Scores, line by line, and with a silence in which closed flows end by the clock.
strip() { sed 's/"in_iface":"[^"]*",//' "$1"; }
start -i vb --model "$model" --write "$scratch/seen.pcap"
python3 "$replay" va "$lab/test.pcap.gz" >/dev/null
sleep 7
ended=$(wc -l <"$scratch/live")
python3 "$replay" va "$lab/mini.pcap" >/dev/null
check "scores: stops" stop
"$DA3DD" -r "$scratch/seen.pcap" --model "$model" --quiet >"$scratch/file"
check "flows that are closed are scored in a silence" [ "$ended" -gt 50 ]
check "more flows after it" [ "$(wc -l <"$scratch/live")" -gt "$ended" ]
check "the recording gives the same scores, line by line" \
    cmp <(strip "$scratch/live") "$scratch/file"
check "the recording is its owner's alone" [ "$(stat -c %a "$scratch/seen.pcap")" = 600 ]

# Four threads, whose flows come in another order: the same rows of a set without windows, and their
# scores but for rounding. Another process records, and sees fragments, which the kernel puts together
# for the threads.
"$DA3DD" --train "$lab/train.pcap.gz" --features doh --method paper --epochs 2 --encoder 12,6,2 \
    --alarm 16,8 --quiet --model "$scratch/doh.da3d"
start -i vb --model "$scratch/doh.da3d" --set interfaces.0.threads=4
"$DA3DD" --extract -i vb --features doh --write "$scratch/seen.pcap" >/dev/null 2>"$scratch/recorder" &
recorder=$!
for ((i = 0; i < 200; i++)); do
    grep -q "listening on" "$scratch/recorder" && break
    sleep 0.05
done
python3 "$replay" --gap 50 va "$lab/test.pcap.gz" >/dev/null
check "threads: stops" stop
kill -TERM "$recorder"
wait "$recorder"
"$DA3DD" -r "$scratch/seen.pcap" --model "$scratch/doh.da3d" --quiet >"$scratch/file"
check "threads: each has flows" [ "$(grep -c "vb: [1-9][0-9]* frames, 0 dropped" "$scratch/err")" -eq 4 ]
check "threads: the recording gives the same flows and scores" python3 - "$scratch/live" "$scratch/file" <<'P'
import json, sys
def rows(path):
    found = {}
    for event in map(json.loads, open(path)):
        row = event["flow"]
        sizes = [row[k + way] for k in ("pkts_", "bytes_") for way in ("toserver", "toclient")]
        found[event["flow_id"], row["start"], row["end"]] = sizes, event["da3d"]["logit"]
    return found
live, file = map(rows, sys.argv[1:])
same = [key for key in live if key in file and live[key][0] == file[key][0]]
far = max(abs(live[key][1] - file[key][1]) for key in same)
print(f"# {len(same)} rows of {len(live)} and {len(file)}; largest difference of logits: {far}")
assert live.keys() == file.keys() and len(live) > 1000 and len(same) > 0.99 * len(live) and far < 1e-4
P
start -i vb --model "$model" --set interfaces.0.threads=2
check "threads: a set with windows is warned of" \
    grep -q "vb: each of 2 capture threads counts its own flows .* set flow-v[0-9]*: " "$scratch/err"
check "threads: stops again" stop

# An interface goes down under traffic and comes back; it is removed and made anew.
seen_on() { grep -c "\"in_iface\":\"$1\"" "$scratch/live"; }
start -i vb --model "$model"
python3 "$replay" --loop 4 va "$lab/mini.pcap" >/dev/null &
replayer=$!
traffic
ip link set vb down
check "an interface that goes down is noticed" wait_for "vb: the interface is down; waiting for it"
sleep 1
ip link set vb up
check "and that it is back" wait_for "vb: the interface is back"
wait "$replayer"
ip link set vb down
check "down again" wait_for "vb: the interface is down" 2
ip link del vb
sleep 1
pair va vb
check "one that was removed is opened anew" wait_for "vb: the interface is back" 2
python3 "$replay" va "$lab/content.pcap" >/dev/null
check "outages: stops" stop
check "they are counted" grep -q "vb: [1-9][0-9]* frames, .* 2 times down or gone" "$scratch/err"
"$DA3DD" -r "$lab/content.pcap" --model "$model" --quiet >"$scratch/file"
ids() { grep -o '"community_id":"[^"]*"' "$1" | sort -u; }
check "the new interface's flows are scored" \
    [ -z "$(comm -13 <(ids "$scratch/live") <(ids "$scratch/file"))" ]

# Two at once, one of which is lost.
pair vc vd
start -i vb -i vd --model "$model"
python3 "$replay" va "$lab/mini.pcap" >/dev/null
ip link del vb
check "one of two is lost" wait_for "vb: the interface is gone; waiting for it"
python3 "$replay" vc "$lab/mini.pcap" >/dev/null
check "two interfaces: stops" stop
check "each has its flows" [ "$(seen_on vb)" -gt 50 ]
check "the other one too" [ "$(seen_on vd)" -gt 50 ]
pair va vb

# "any" sees what each interface sees.
start -i any --model "$model"
python3 "$replay" va "$lab/mini.pcap" >/dev/null
check "any: stops" stop
check "any: flows" [ "$(wc -l <"$scratch/live")" -gt 50 ]

# A consumer that stands still: what the ring cannot hold is counted, the rest is scored.
start -i vb --model "$model"
kill -STOP "$pid"
sent=$(python3 "$replay" --loop 2 --pad 60000 va "$lab/mini.pcap" "$lab/content.pcap")
kill -CONT "$pid"
sleep 2
check "drops: stops" stop
check "frames were dropped" [ "$(frames dropped)" -gt 0 ]
check "every frame was taken or counted as dropped" \
    [ $(($(frames taken) + $(frames dropped))) -eq "$sent" ]

# Full load.
start -i vb --model "$model"
python3 "$replay" --loop 8 va "$lab/test.pcap.gz" >"$scratch/sent" &
replayer=$!
check "traffic" traffic
sleep 4
before=$(resident)
sleep 3
after=$(resident)
check "under load: stops" stop
check "within 5 s" [ "$took" -lt 5000 ]
if [ -n "${ASAN_OPTIONS:-}" ]; then
    skip "memory is flat" "a sanitizer keeps what is freed"
else
    check "memory is flat" [ $((after - before)) -lt 20000 ]
fi
wait "$replayer"
echo "# load: $(cat "$scratch/sent") frames sent in 8 s; stopped after $took ms; $(frames taken) taken," \
    "$(frames dropped) dropped; resident $before, then $after KiB"

# What is not recorded, or not live.
start -i vb --model "$model" --write "$scratch/small.pcap" --write-limit 1
python3 "$replay" va "$lab/test.pcap.gz" >/dev/null
check "limit: stops" stop
check "a recording ends at its limit" grep -q "small.pcap: .*its limit is reached" "$scratch/err"
check "and is no larger" [ "$(stat -c %s "$scratch/small.pcap")" -le 1048576 ]
succeeds "and can be read" --extract "$scratch/small.pcap"
check "to its end" [ "$(grep -c "used up to there" "$scratch/err")" -eq 0 ]
start -i vb --model "$model" --write /dev/full
python3 "$replay" va "$lab/mini.pcap" >/dev/null
check "full disk: stops" stop
check "a recording on a full disk ends with a warning" \
    grep -q "/dev/full: .*No space left.*the recording ends here" "$scratch/err"
check "and the scores go on" [ "$(wc -l <"$scratch/live")" -gt 50 ]
refuses "a recording that cannot be written" 1 "vb: /nowhere/x: No such file" \
    -i vb --model "$model" --write /nowhere/x
refuses "a recording of two interfaces" 1 "write: goes with one interface" \
    -i vb -i vd --model "$model" --write "$scratch/x"
refuses "an interface that does not exist" 1 "nosuch: .*No such device" -i nosuch --model "$model"
refuses "--write of a file" 2 "write goes with -i" -r "$lab/mini.pcap" --model "$model" --write x
refuses "--extract of two interfaces" 2 "takes one interface" --extract -i vb -i vd
refuses "--extract of both" 2 "not both" --extract -i vb "$lab/mini.pcap"
refuses "--rows of an interface" 2 "goes with captures" --extract -i vb --rows dohmeter
refuses "a limit that is none" 2 "write-limit: '1x' is not" -i vb --model "$model" --write-limit 1x

done_testing
