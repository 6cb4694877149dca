#!/bin/bash
# TAP: what systemd.sh does inside of the container. As the only service but systemd's own.
set -u
cd /test || exit 1
trap 'journalctl -q -o cat -u da3dd -u da3dd.socket | grep -v " -> " >log' EXIT

check() {
    local name=$1
    shift
    if "$@"; then echo "ok - $name"; else echo "not ok - $name"; fi
}

# within SECONDS COMMAND...: it succeeds by then, tried ten times a second.
within() {
    local tries=$(($1 * 10)) i
    shift
    for ((i = 0; i < tries; i++)); do
        "$@" && return
        sleep 0.1
    done
    return 1
}

# property NAME VALUE: of the unit.
property() {
    [ "$(systemctl show -P "$1" da3dd)" = "$2" ]
}

logged() {
    journalctl -q -u da3dd -o cat | grep -q -- "$1"
}

# expected_flows FILE: has it all flows of the recording?
expected_flows() {
    grep -o '"community_id":"[^"]*"' "$1" | sort -u | comm -13 - expected | wc -l | grep -qx 0
}

retrain_refused() {
    journalctl -q -u da3dd-retrain -o cat | grep -q "refused: there are too few flows"
}

lost_nothing() {
    systemctl show -P StatusText da3dd | grep -q " 0 frames and 0 flows lost"
}

read_scores() {
    socat -u UNIX-CONNECT:/run/da3dd/scores.sock "OPEN:$1,creat,append" &
}

# replay CAPTURE: onto the wire.
replay() {
    tcpreplay -q --pps=15000 -i va "$1" >>err 2>&1
}

echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add va mtu 65535 type veth peer name vb mtu 65535
ip link set va up
ip link set vb up
mkdir -p /etc/systemd/system/da3dd.service.d
printf '[Service]\nWatchdogSec=4s\nTimeoutAbortSec=2s\n' >/etc/systemd/system/da3dd.service.d/test.conf
systemctl daemon-reload

systemctl start da3dd
check "systemctl start" [ $? -eq 0 ]
property ActiveState active || exit
check "active" property ActiveState active
check "READY was told" property SubState running
check "and the status" lost_nothing
pid=$(systemctl show -P MainPID da3dd)
check "its user" [ "$(stat -c %U "/proc/$pid")" = da3dd ]
check "its filters" logged "user on (da3dd), .*seccomp on, Landlock on"

read_scores scores
within 5 [ -e scores ]
sleep 0.5
replay attacks.pcap
check "the recording's flows on scores.sock" within 15 expected_flows scores
# All of them are alerts, see the threshold.
alerts_are_the_same() {
    journalctl -q -u da3dd -o json >journal
    cmp -s <(grep -o '"DA3DD_COMMUNITY_ID":"[^"]*"' journal | cut -d '"' -f 4 | sort) \
        <(grep -o '"community_id":"[^"]*"' scores | cut -d '"' -f 4 | sort)
}
check "each has one line there and one alert in the journal" within 15 alerts_are_the_same
check "alerts in the journal" [ "$(grep -c '"DA3DD_EVENT_TYPE":"alert"' journal)" -gt 0 ]
for field in DA3DD_SRC_IP DA3DD_DEST_IP DA3DD_COMMUNITY_ID DA3DD_SCORE MESSAGE_ID; do
    check "with $field" grep -q "\"$field\":" journal
done

sed -i 's/threshold: 0.000001/threshold: 0.999999/' /etc/da3dd/da3dd.yaml
systemctl reload da3dd
check "systemctl reload" within 5 logged "configuration and model /var/lib/da3dd/model.da3d loaded"
check "the same process" property MainPID "$pid"
check "active again" within 5 property ActiveState active
check "no drop" lost_nothing
: >scores
replay mini.pcap
check "the changed threshold" within 15 grep -q '"threshold":0.999999' scores

da3ddctl retrain >>err
check "da3ddctl retrain starts the unit that retrains" within 20 retrain_refused
check "which has not failed" [ "$(systemctl show -P Result da3dd-retrain)" = success ]
check "and of which the service has seen the outcome" within 5 grep -q '"action":"refused"' scores
check "it retrains daily" [ "$(systemctl is-active da3dd-retrain.timer)" = active ]

kill -STOP "$pid"
check "a halted service is started anew by the watchdog" within 15 property NRestarts 1
check "and is ready" within 5 property SubState running
check "as another process" [ "$(systemctl show -P MainPID da3dd)" != "$pid" ]
check "because of the watchdog" grep -q -i "watchdog timeout" <(journalctl -q -o cat -u da3dd)
within 5 [ -S /run/da3dd/scores.sock ]
read_scores after
sleep 0.5
replay mini.pcap
check "it scores again" within 15 grep -q '"event_type"' after

since=$(date +%s%3N)
systemctl stop da3dd
took=$(($(date +%s%3N) - since))
check "a clean stop" property Result success
check "in less than 5 s ($took ms)" [ "$took" -lt 5000 ]
check "without a process left" [ -z "$(pgrep da3dd)" ]
rm -f /run/da3dd/retrain # a request stays
check "or a file" [ -z "$(find /run/da3dd /var/log/da3dd -mindepth 1)" ]
check "anywhere" [ -z "$(find /etc /var /run /tmp /dev -xdev -user da3dd -not -type d -not -path '/var/lib/*')" ]
check "or memory shared" [ -z "$(ipcs -m | grep da3dd)" ]
check "or a changed model" cmp -s /var/lib/da3dd/model.da3d model.da3d

systemctl start da3dd.socket
read_scores activated
check "a reader of da3dd.socket starts the service" within 10 property SubState running
sleep 0.5
replay mini.pcap
check "and gets its lines" within 15 grep -q '"event_type"' activated
systemctl stop da3dd da3dd.socket
check "with the socket gone at the end" [ ! -e /run/da3dd/scores.sock ]

systemctl start da3dd.socket da3dd-control.socket
da3ddctl status >answer
check "da3ddctl starts it by da3dd-control.socket" grep -q "^vb *up" answer
check "and is told what confines it" grep -q "^confined   user on (da3dd), " answer
read_scores both
sleep 0.5
replay mini.pcap
check "with both sockets handed over" within 15 grep -q '"event_type"' both
sed -i 's/threshold: 0.999999/threshold: 2/' /etc/da3dd/da3dd.yaml
check "a refused reload is told to who asks" grep -q "da3dd.yaml: line .*threshold: '2'" <(da3ddctl reload 2>&1)
systemctl stop da3dd da3dd.socket da3dd-control.socket
check "nothing is left at the end" [ -z "$(find /run/da3dd -mindepth 1 2>/dev/null)" ]
echo "# the end"
