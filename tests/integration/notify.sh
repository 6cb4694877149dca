#!/bin/bash
# What a service manager is told, by one that only listens; and the socket that it hands over.
. "$(dirname "$0")/lib.bash"

if ! unshare -rn true 2>/dev/null || ! command -v ip >/dev/null; then
    skip "the service manager's view" "no network namespace of its own, or no ip"
    done_testing
fi
model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
relay unshare -rn python3 "$root/tests/integration/notify.py" "$DA3DD" "$model" "$scratch"
done_testing
