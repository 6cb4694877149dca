#!/bin/bash
# da3dd --rows against an independent calculation of the reference tools' rows, in order.
. "$(dirname "$0")/lib.bash"

golden=$root/tests/golden

for seed in 1 2 3 4 5; do
    python3 "$golden/random_capture.py" $seed 3000 >"$scratch/random$seed.pcap"
done
for rule in dohmeter kdd99; do
    mkdir "$scratch/ours" "$scratch/theirs"
    # test.pcap.gz has more than the 10000 packets after which DoHMeter collects
    for capture in "$scratch"/*.pcap "$lab"/mini.pcap "$lab"/test.pcap.gz; do
        name=$(basename "${capture%.gz}" .pcap).csv
        "$DA3DD" --extract "$capture" --rows $rule --quiet >"$scratch/ours/$name" 2>>"$scratch/err"
        python3 "$golden/tool_rows.py" $rule "$capture" >"$scratch/theirs/$name"
    done
    relay python3 "$golden/compare_tool.py" $rule "$scratch/ours" "$scratch/theirs"
    rm -r "$scratch/ours" "$scratch/theirs"
done

done_testing
