#!/bin/bash
# Captures that were made to break parsers, and others found in the wild: read to their end.
. "$(dirname "$0")/lib.bash"

if [ ! -d "${DA3DD_CAPTURES:-}/hostile" ]; then
    skip "hostile captures" "no folder hostile in DA3DD_CAPTURES"
    done_testing
fi
model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
# What has no IP by its link type: MTP2, BACnet, MFR, CAN, IEEE 802.15.4, D-Bus, vsock.
unsupported="140 165 182 227 230 231 271"
crashed=0 read=0 refused=0
while IFS= read -r -d '' capture; do
    timeout 60 "$DA3DD" -r "$capture" --model "$model" --quiet >/dev/null 2>"$scratch/err"
    case $? in
    0) read=$((read + 1)) ;;
    1)
        refused=$((refused + 1))
        cat "$scratch/err" >>"$scratch/refusals"
        grep -qE '^da3dd: error: .+: (not a capture|link type|empty file)' "$scratch/err" ||
            fail "$(basename "$capture"): refused without a reason"
        ;;
    *)
        crashed=$((crashed + 1))
        fail "$(basename "$capture"): crashed or hung"
        ;;
    esac
done < <(find "$DA3DD_CAPTURES/hostile" -type f -print0 | sort -z)
check "every hostile capture is read to its end ($read read, $refused refused)" [ $crashed -eq 0 ]
check "refused by link type are those without IP alone" [ "$unsupported" = \
    "$(sed -n 's/.*: link type \([0-9]*\) .*/\1/p' "$scratch/refusals" | sort -nu | xargs)" ]
check "most of them are read" [ "$read" -gt "$refused" ]

done_testing
