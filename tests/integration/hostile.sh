#!/bin/bash
# Captures that were made to break parsers, and others found in the wild: read to their end.
. "$(dirname "$0")/lib.bash"

if [ ! -d "${DA3DD_CAPTURES:-}/hostile" ]; then
    skip "hostile captures" "no folder hostile in DA3DD_CAPTURES"
    done_testing
fi
model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
crashed=0 read=0 refused=0
while IFS= read -r -d '' capture; do
    timeout 60 "$DA3DD" -r "$capture" --model "$model" --quiet >/dev/null 2>"$scratch/err"
    case $? in
    0) read=$((read + 1)) ;;
    1)
        refused=$((refused + 1))
        grep -qE '^da3dd: error: .+: (not a capture|link type|empty file|no usable flow)' "$scratch/err" ||
            fail "$(basename "$capture"): refused without a reason"
        ;;
    *)
        crashed=$((crashed + 1))
        fail "$(basename "$capture"): crashed or hung"
        ;;
    esac
done < <(find "$DA3DD_CAPTURES/hostile" -type f -print0 | sort -z)
check "every hostile capture is read to its end ($read read, $refused refused)" [ $crashed -eq 0 ]
check "most of them are read" [ "$read" -gt "$refused" ]

done_testing
