#!/bin/bash
# Live capture on veth pairs in a network namespace of its own: what was seen on the wire gives, read
# again from the recording, the same vectors and scores; interfaces come and go; nothing piles up.
. "$(dirname "$0")/lib.bash"

if [ "${1-}" != inside ]; then
    if ! unshare -n true 2>/dev/null || ! command -v ip >/dev/null; then
        skip "live capture" "no network namespace of its own, or no ip"
        done_testing
    fi
    exec unshare -n "$0" inside
fi

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

# start ARGS...: da3dd in the background, killed should it not stop; listening when this returns.
start() {
    : >"$scratch/err"
    timeout --foreground -s KILL 60 "$DA3DD" "$@" >"$scratch/live" 2>"$scratch/err" &
    pid=$!
    wait_for "listening on"
}

# stop: as a user would. Its status is da3dd's; $took: milliseconds.
stop() {
    local since
    since=$(date +%s%3N)
    kill -TERM "$pid"
    wait "$pid"
    local rc=$?
    took=$(($(date +%s%3N) - since))
    return $rc
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

done_testing
