# shellcheck shell=bash
# The hosts of the lab, and how they are built.  Sourced by `run`.
#
# One namespace is the switch and router (`sw`): bridge br0 is the LAN
# (10.20.0.0/16, 2001:db8:20::/64), bridge br1 the outside (203.0.113.0/24,
# 2001:db8:cafe::/64); it routes between them.  tcpdump listens on br0: that is
# every LAN frame exactly once (LAN to LAN, and LAN to outside).
# Every host is one namespace, joined to its bridge by a cable of links.py.

PREFIX=${PREFIX:-da3lab-}
SW=${PREFIX}sw

# name side address delay_ms jitter_ms loss_pct rate_mbit vlan
# (delay is one way; side l = LAN, o = outside)
HOSTS_NORMAL='
web     l 1.10  0.15 0.05 0    900 0
files   l 1.11  0.2  0.1  0    900 0
mail    l 1.12  0.2  0.1  0    900 0
ns      l 1.53  0.15 0.05 0    900 0
mon     l 1.20  0.2  0.1  0    900 0
client1 l 2.11  0.3  0.1  0    400 0
client2 l 2.12  0.4  0.2  0    400 0
client3 l 2.13  2.5  2.5  0.1  60  0
client4 l 2.14  3.5  4    0.3  30  0
client5 l 2.15  0.5  0.2  0    100 0
client6 l 2.16  9    3    0.2  20  0
client7 l 2.17  14   5    0.2  16  0
client8 l 2.18  1.5  2    0.1  80  0
branch1 l 2.31  6    1.5  0.1  50  0
branch2 l 2.32  1    0.5  0    100 0
branch3 l 2.33  11   4    0.2  20  0
cam     l 3.21  1.2  0.8  0    10  20
nvr     l 3.20  0.2  0.1  0    100 20
www     o 10    16   3    0.05 100 0
cdn     o 11    4    1    0    200 0
far     o 12    55   9    0.4  40  0
doh     o 53    7    1.2  0    100 0
auth    o 5     12   3    0    100 0
ntp     o 123   9    2.5  0    100 0
road    o 77    22   6    0.3  20  0
'
# The attackers and the infected hosts: the address names the attack.
HOSTS_ATTACK='
a-syn   o 61    18   3    0.05 100 0
a-conn  o 62    14   2    0.05 100 0
a-udp   o 63    25   4    0.1  100 0
a-ver   o 64    20   3    0.05 100 0
a-slow  o 65    30   5    0.1  100 0
a-ssh   o 66    17   4    0.1  100 0
a-flood o 67    12   2    0    100 0
a-http  o 68    24   4    0.1  100 0
a-icmp  o 69    12   2    0    100 0
tund    o 40    28   5    0.1  50  0
tund2   o 41    21   4    0.1  50  0
drop    o 90    40   6    0.1  40  0
c2      o 80    33   5    0.1  40  0
c2b     o 81    19   4    0.1  40  0
b-dns   l 2.71  0.6  0.4  0    100 0
b-dns2  l 2.72  2    1.5  0.1  60  0
b-doh   l 2.73  1.2  0.8  0    100 0
b-doh2  l 2.74  6    2    0.1  40  0
b-exf   l 2.75  0.4  0.2  0    200 0
b-c2    l 2.76  0.8  0.4  0    100 0
b-c2b   l 2.77  3    2    0.1  50  0
b-scan  l 2.78  0.4  0.2  0    400 0
'

hosts() {
    if [ -n "${ONLY_HOSTS:-}" ]; then
        grep -E "^($ONLY_HOSTS) " <<<"$HOSTS_NORMAL"
        return
    fi
    echo "$HOSTS_NORMAL"
    if [ "${WITH_ATTACKS:-0}" = 1 ]; then echo "$HOSTS_ATTACK"; fi
}

# addr NAME: the IPv4 address of a host
addr() {
    hosts | awk -v n="$1" '$1 == n {
        print ($2 == "l" ? "10.20." $3 : "203.0.113." $3) }'
}

# addr6 NAME
addr6() {
    hosts | awk -v n="$1" '$1 == n { s = $3; sub(/\./, ":", s)
        print ($2 == "l" ? "2001:db8:20::" s : "2001:db8:cafe::" s) }'
}

# on NAME CMD...: run a command as that host (network, host name, resolver)
on() {
    local name=$1
    shift
    # shellcheck disable=SC2016
    ip netns exec "$PREFIX$name" unshare -u sh -c \
        'hostname "$0"; exec "$@"' "$name.lab.example" "$@"
}

topology_up() {
    local name side rest n=0 mac
    ip netns add "$SW"
    ip -n "$SW" link set lo up
    local br
    for br in br0 br1; do
        ip -n "$SW" link add "$br" type bridge forward_delay 0 mcast_snooping 0
        ip -n "$SW" link set "$br" address 02:00:5e:00:00:0${br#br} up
    done
    ip netns exec "$SW" sh -c '
        echo 1 >/proc/sys/net/ipv4/ip_forward
        echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
    ip -n "$SW" addr add 10.20.0.1/16 dev br0
    ip -n "$SW" addr add 203.0.113.1/24 dev br1
    ip -n "$SW" addr add 2001:db8:20::1/64 dev br0 nodad
    ip -n "$SW" addr add 2001:db8:cafe::1/64 dev br1 nodad

    : >"$TMP/links"
    while read -r name side rest; do
        [ -n "$name" ] || continue
        ip netns add "$PREFIX$name"
        mkdir -p "/etc/netns/$PREFIX$name"
        hosts_files "$name" "$side"
        # shellcheck disable=SC2086
        set -- $rest
        echo "$name $SW $2 $3 $4 $5 $6" >>"$TMP/links"
    done < <(hosts)

    python3 "$LAB/links.py" "$PREFIX" "$TMP/links" "$TMP/links.ready" "$SEED" &
    LINKS_PID=$!
    wait_for "links" test -s "$TMP/links.ready"

    while read -r name side rest; do
        [ -n "$name" ] || continue
        n=$((n + 1))
        mac=$(printf '02:00:5e:00:01:%02x' "$n")
        br=br0
        [ "$side" = l ] || br=br1
        ip netns exec "$SW" sh -c \
            "echo 1 >/proc/sys/net/ipv6/conf/$name/disable_ipv6"
        ip -n "$SW" link set "$name" master "$br" up
        ip -n "$PREFIX$name" link set lo up
        ip netns exec "$PREFIX$name" sh -c \
            'echo 0 >/proc/sys/net/ipv6/conf/eth0/router_solicitations'
        ip -n "$PREFIX$name" link set eth0 address "$mac" up
        if [ "$side" = l ]; then
            ip -n "$PREFIX$name" addr add "$(addr "$name")/16" dev eth0
            ip -n "$PREFIX$name" addr add "$(addr6 "$name")/64" dev eth0 nodad
            ip -n "$PREFIX$name" route add default via 10.20.0.1
            ip -n "$PREFIX$name" route add default via 2001:db8:20::1
        else
            ip -n "$PREFIX$name" addr add "$(addr "$name")/24" dev eth0
            ip -n "$PREFIX$name" addr add "$(addr6 "$name")/64" dev eth0 nodad
            ip -n "$PREFIX$name" route add default via 203.0.113.1
            ip -n "$PREFIX$name" route add default via 2001:db8:cafe::1
        fi
    done < <(hosts)
}

hosts_files() {
    local dir=/etc/netns/$PREFIX$1 ns
    case $1 in
    branch* | client7 | client8 | b-doh*) ns=127.0.0.1 ;;       # their own DoH forwarder
    b-dns2) ns=$(addr ns) ;;
    doh) ns=127.0.0.1 ;;
    *) if [ "$2" = l ]; then ns=$(addr ns); else ns=$(addr doh); fi ;;
    esac
    printf 'nameserver %s\noptions timeout:3 attempts:2\n' "$ns" \
        >"$dir/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost\n%s %s.lab.example %s\n' \
        "$(addr "$1")" "$1" "$1" >"$dir/hosts"
}

topology_down() {
    local ns pids round
    for round in TERM KILL; do
        for ns in $(ip netns list | awk -v p="$PREFIX" \
            'index($1, p) == 1 { print $1 }'); do
            pids=$(ip netns pids "$ns" 2>/dev/null)
            # shellcheck disable=SC2086
            [ -z "$pids" ] || kill "-$round" $pids 2>/dev/null
        done
        [ -z "${LINKS_PID:-}" ] || kill "-$round" "$LINKS_PID" 2>/dev/null
        [ "$round" = KILL ] || sleep 1
    done
    LINKS_PID=
    for ns in $(ip netns list | awk -v p="$PREFIX" \
        'index($1, p) == 1 { print $1 }'); do
        ip netns del "$ns"
        rm -rf "/etc/netns/$ns"
    done
}
