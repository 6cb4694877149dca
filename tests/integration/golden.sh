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
if [ -d "${DA3DD_CAPTURES:-}/doh" ]; then
    while IFS= read -r capture; do
        agrees "$capture"
    done < <(find "$DA3DD_CAPTURES/doh" -name '*.pcap' -size -2000k | sort | head -n 12)
else
    skip "captures of other people" "no folder doh in DA3DD_CAPTURES"
fi

done_testing
