#!/bin/bash
# The demonstration that README promises, whole.
. "$(dirname "$0")/lib.bash"

DA3DD=$DA3DD "$root/tests/demo" "$scratch/demo" >"$scratch/out" 2>"$scratch/err"
check "the demo runs" [ $? -eq 0 ]
check "it leaves a model" [ -s "$scratch/demo/normal.da3d" ]
check "it leaves JSON lines" [ -s "$scratch/demo/scores.jsonl" ]
auc=$(sed -n 's/^AUC \([0-9.]*\) AP .*/\1/p' "$scratch/out")
echo "# AUC ${auc:-none}"
check "its AUC is at least 0.95" awk -v auc="${auc:-0}" 'BEGIN { exit !(auc >= 0.95) }'

done_testing
