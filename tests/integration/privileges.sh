#!/bin/bash
# The service as another user, by what the kernel says of each of its threads; and that it still does
# all that it must. What the filters refuse is in tests/unit/test_privileges.c.
. "$(dirname "$0")/lib.bash"

if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null; then
    skip "dropping privileges" "not root, or no setpriv"
    done_testing
fi
in_own_network "dropping privileges" "$@"
user=nobody
uid=$(id -u $user)
seccomp=2
[[ $DA3DD == */asan/* ]] && seccomp=0 # filters are off under a sanitizer

chmod 755 "$scratch"
mkdir "$scratch/etc" "$scratch/run"
chown $user "$scratch/run"
model=$scratch/etc/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
chmod 644 "$model"
config=$scratch/etc/da3dd.yaml
cat >"$config" <<YAML
model: $model
interfaces: [{name: vb}]
outputs:
  - {type: socket, path: $scratch/run/scores.sock}
  - {type: file, path: $scratch/run/events.json}
scoring: {threshold: 0.9}
privileges: {user: $user}
YAML
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
# shellcheck disable=SC2317
pair() {
    ip link add va type veth peer name vb && ip link set va up && ip link set vb up
}

# starts [COMMAND...] -- ARGS...: da3dd -c CONFIG ARGS, run by COMMAND.
starts() {
    local by=()
    while [ "$1" != -- ]; do
        by+=("$1")
        shift
    done
    shift
    : >"$scratch/run/events.json"
    chown $user "$scratch/run/events.json"
    "${by[@]}" "$DA3DD" -c "$config" "$@" >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    says 1 "listening on vb"
}

# fields NAME: its values in the states of all threads, each with how often, as in "2 0000,1 2000".
fields() {
    cat /proc/"$pid"/task/*/status | grep "^$1:" | cut -f 2 | sort | uniq -c | sort -rn |
        awk '{printf "%s%s %s", sep, $1, $2; sep=","}'
}

none=0000000000000000
raw=0000000000002000
# confined NAME CAPABILITIES: the state of all three threads.
confined() {
    check "$1: another user" [ "$(fields Uid)" = "3 $uid" ]
    check "$1: capabilities" [ "$(fields CapEff)" = "$2" ]
    check "$1: none permitted beyond them" [ "$(fields CapPrm)" = "$2" ]
    check "$1: none ambient" [ "$(fields CapAmb)" = "3 $none" ]
    check "$1: no new privileges" [ "$(fields NoNewPrivs)" = "3 1" ]
    check "$1: seccomp" [ "$(fields Seccomp)" = "3 $seccomp" ]
}

# flows NAME: a capture is sent, its flows arrive.
flows() {
    : >"$scratch/run/events.json"
    python3 "$root/tests/integration/replay.py" va "$lab/mini.pcap" >/dev/null
    local i
    for ((i = 0; i < 100; i++)); do
        grep -q event_type "$scratch/run/events.json" && break
        sleep 0.1
    done
    check "$1" grep -q event_type "$scratch/run/events.json"
}

# stops NAME
stops() {
    kill -TERM "$pid"
    wait "$pid"
    check "$1: it ends with status 0" [ $? -eq 0 ]
    check "$1: its socket is removed" [ ! -e "$scratch/run/scores.sock" ]
}

pair
starts -- --set flow.idle=1s
check "the service starts as root" says 1 "confined: user on \($user\), "
confined "from root" "2 $none,1 $raw"
check "from root: no group but the user's" [ "$(fields Groups)" = "3 $(id -g $user)" ]
check "from root: nothing to be had by exec" [ "$(fields CapBnd)" = "3 $none" ]
flows "it captures"
sed -i 's/0.9/0.8/' "$config"
cp "$model" "$model.new" && mv "$model.new" "$model"
mv "$scratch/run/events.json" "$scratch/run/rotated.json"
kill -HUP "$pid"
check "it reloads, also a model that was replaced" says 1 "configuration and model $model loaded"
check "and makes its file anew" [ -e "$scratch/run/events.json" ]
ip link del va
says 1 "interface is gone"
pair
check "an interface that was made anew is opened" says 1 "interface is back"
flows "and captured from"
stops "from root"

starts setpriv --reuid $user --regid nogroup --clear-groups --inh-caps +net_raw --ambient-caps +net_raw -- \
    --set privileges.reopen=false
confined "from CAP_NET_RAW alone, reopen: false" "3 $none"
ip link set vb down
says 1 "interface is down"
ip link set vb up
check "an interface that was only down is back" says 1 "interface is back"
ip link del va
check "one that was removed is lost, and it says so" says 1 "vb: cannot be opened again: "
stops "reopen: false"

pair
setpriv --reuid $user --clear-groups --inh-caps -all "$DA3DD" -c "$config" >"$scratch/out" 2>"$scratch/err"
check "without CAP_NET_RAW it cannot listen, and says so" grep -q "vb: .*permi" "$scratch/err"
da3dd -c "$config" --set privileges.user=no-such-user
check "a user that is not there is an error" grep -q "privileges.user: 'no-such-user': there is no user" "$scratch/err"
done_testing
