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

# extract RULE CSV: what the tool read for it; _udp53 and _tcp in the name say by which filter.
extract() {
    local rule=$1 name capture filter=()
    name=$(basename "$2" .csv)
    case $name in
    *_udp53) filter=(-- udp port 53) ;;
    *_tcp) filter=(-- tcp) ;;
    esac
    capture=$(capture_of "${name%_udp53}")
    "$DA3DD" --extract "$DA3DD_CAPTURES/$capture" --rows "$rule" --quiet "${filter[@]}" \
        >"$scratch/$rule/$name.csv" 2>>"$scratch/err"
}

for rule in dohmeter kdd99; do
    mkdir "$scratch/$rule"
    for csv in "$DA3DD_ORACLES/$rule"/*.csv; do
        extract "$rule" "$csv"
    done
    relay python3 "$root/tests/golden/compare_tool.py" "$rule" "$scratch/$rule" \
        "$DA3DD_ORACLES/$rule"
done

done_testing
