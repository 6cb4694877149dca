#!/bin/bash
# da3dd --extract against an independent calculation of the same rows.
. "$(dirname "$0")/lib.bash"

golden=$root/tests/golden

# agrees CAPTURE: both calculate the same rows, to 1e-9.
agrees() {
    local name
    name=$(basename "$1")
    "$DA3DD" --extract "$1" --features doh --quiet >"$scratch/ours.csv" 2>"$scratch/err"
    python3 "$golden/doh_native.py" "$1" >"$scratch/theirs.csv" 2>>"$scratch/err"
    check "$name: 29 columns of every flow" \
        python3 "$golden/compare.py" "$scratch/ours.csv" "$scratch/theirs.csv"
}

for capture in mini.pcap train.pcap.gz test.pcap.gz; do
    agrees "$lab/$capture"
done
if [ -d "${DA3DD_CAPTURES:-}" ]; then
    for capture in "$DA3DD_CAPTURES"/doh/onetwogleb/*/*.pcap "$DA3DD_CAPTURES"/attack/scan/*; do
        agrees "$capture"
    done
else
    skip "captures of other people" "DA3DD_CAPTURES is not set"
fi

done_testing
