# Sourced by the integration tests: TAP, a scratch folder, and da3dd with its two streams kept.
# DA3DD is the program under test.
# shellcheck shell=bash
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DA3DD=${DA3DD:-$root/build/da3dd}
# shellcheck disable=SC2034  # for the tests
lab=$root/tests/lab/captures
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tests_run=0 tests_failed=0

# Counted where they are printed: neither in a subshell, as behind a pipe, nor with their output
# redirected.
pass() {
    echo "ok - $1"
    tests_run=$((tests_run + 1))
}

fail() {
    echo "not ok - $1"
    tests_run=$((tests_run + 1)) tests_failed=1
    show out
    show err
}

# show STREAM: how the latest output of the program begins, in whole lines.
show() {
    [ -f "$scratch/$1" ] && head -c 600 "$scratch/$1" | awk -v of="$1" '{ print "#   " of ": " $0 }'
}

skip() {
    pass "$1 # SKIP $2"
}

# check NAME COMMAND...: the command succeeds.
check() {
    local name=$1
    shift
    if "$@"; then pass "$name"; else fail "$name"; fi
}

# relay COMMAND...: one that prints TAP itself, without a plan; its results count as the script's.
relay() {
    "$@" >"$scratch/tap" || tests_failed=1
    cat "$scratch/tap"
    tests_run=$((tests_run + $(grep -cE '^(not )?ok ' "$scratch/tap")))
}

# da3dd ARGS...: runs it with its output in $scratch/out and $scratch/err and its status in $status.
da3dd() {
    status=0
    "$DA3DD" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
}

# succeeds NAME ARGS... / refuses NAME STATUS PATTERN ARGS...: how da3dd ends, and on which message.
succeeds() {
    local name=$1
    shift
    da3dd "$@"
    check "$name" [ "$status" -eq 0 ]
}

refuses() {
    local name=$1 expected=$2 pattern=$3
    shift 3
    da3dd "$@"
    if [ "$status" -eq "$expected" ] && grep -qE -- "$pattern" "$scratch/err"; then
        pass "$name"
    else
        echo "# status $status, expected $expected and /$pattern/"
        fail "$name"
    fi
}

# needs_own_network NAME: skips the whole script where there can be no network namespace for it.
needs_own_network() {
    unshare -n true 2>/dev/null && command -v ip >/dev/null && return
    skip "$1" "no network namespace of its own, or no ip"
    done_testing
}

# in_own_network NAME "$@": starts the script again in one, unless it is there already.
in_own_network() {
    [ "${2-}" = inside ] && return
    needs_own_network "$1"
    rm -rf "$scratch" # exec leaves no trap to do so
    exec unshare -n "$0" inside
}

# ctl ARGS...: runs da3ddctl with the service's $socket, as da3dd does.
ctl() {
    status=0
    timeout 20 "${DA3DD%/*}/da3ddctl" --socket "$socket" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
}

# answers NAME PATTERN ARGS... / declines NAME STATUS PATTERN ARGS...
answers() {
    local name=$1 pattern=$2
    shift 2
    ctl "$@"
    if [ "$status" -eq 0 ] && grep -qE -- "$pattern" "$scratch/out"; then
        pass "$name"
    else
        fail "$name"
    fi
}
declines() {
    local name=$1 expected=$2 pattern=$3
    shift 3
    ctl "$@"
    if [ "$status" -eq "$expected" ] && [ "$(grep -cE -- "^da3ddctl: error: $pattern" "$scratch/err")" -eq 1 ]; then
        pass "$name"
    else
        fail "$name"
    fi
}

# wire_up: a wire from va to vb in the script's own network, silent but for what is sent.
wire_up() {
    echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    ip link add va mtu 65535 type veth peer name vb mtu 65535
    ip link set va up
    ip link set vb up
}

# says COUNT PATTERN: has the service logged so many such lines, within 10 s?
says() {
    local i
    for ((i = 0; i < 100; i++)); do
        [ "$(grep -cE -- "$2" "$scratch/err")" -ge "$1" ] && return
        sleep 0.1
    done
    return 1
}

# The plan at the end tells that the script came so far.
done_testing() {
    echo "1..$tests_run"
    exit $tests_failed
}
