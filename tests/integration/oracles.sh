#!/bin/bash
# da3dd --rows against the rows that the reference tools themselves wrote of the same captures.
. "$(dirname "$0")/lib.bash"

if [ ! -d "${DA3DD_CAPTURES:-}/doh" ] || [ ! -d "${DA3DD_ORACLES:-}" ]; then
    skip "rows of the reference tools" "no DA3DD_CAPTURES or DA3DD_ORACLES"
    done_testing
fi

# A tool's file is named after its capture: doh_korving_NAME.csv is doh/korving/NAME.pcap. Captures
# may have moved since, but for the first folder; their own names then tell.
declare -A captures
while IFS= read -r path; do
    name=${path//\//_} stem=${path##*/}
    captures[${name%.*}]=$path
    captures[${path%%/*} ${stem%.*}]=$path
done < <(cd "$DA3DD_CAPTURES" && find . -type f -printf '%P\n')

capture_of() {
    local stem=$1
    [ -n "${captures[$1]:-}" ] && echo "${captures[$1]}" && return
    while [ "$stem" != "${stem#*_}" ]; do
        stem=${stem#*_}
        [ -n "${captures[${1%%_*} $stem]:-}" ] && echo "${captures[${1%%_*} $stem]}" && return
    done
}

# agrees RULE CSV: _udp53 and _tcp say what the tool was told to read.
agrees() {
    local rule=$1 name capture filter=()
    name=$(basename "$2" .csv)
    case $name in
    *_udp53) filter=(-- udp port 53) ;;
    *_tcp) filter=(-- tcp) ;;
    esac
    capture=$(capture_of "${name%_udp53}")
    "$DA3DD" --extract "$DA3DD_CAPTURES/$capture" --rows "$rule" --quiet "${filter[@]}" \
        >"$scratch/ours.csv" 2>"$scratch/err"
    python3 "$root/tests/golden/compare_tool.py" "$rule" "$scratch/ours.csv" "$2" >"$scratch/out" 2>&1
    check "$rule: $name" [ $? -eq 0 ]
}

for csv in "$DA3DD_ORACLES"/dohmeter/*.csv; do
    agrees dohmeter "$csv"
done

done_testing
