#!/bin/bash
# Explanations of captures: they agree with the events, they add up, they name what is odd.
. "$(dirname "$0")/lib.bash"

model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 20 --quiet --model "$model"
"$DA3DD" -r "$lab/test.pcap.gz" --model "$model" --quiet >"$scratch/events"
succeeds "explanations as JSON" --explain "$lab/test.pcap.gz" --model "$model" --top 40 --json --quiet
cp "$scratch/out" "$scratch/explained"
cat >"$scratch/verify.py" <<'P'
import json, sys

events = {}
for line in open(sys.argv[1]):
    event = json.loads(line)
    events[event["flow_id"], event["flow"]["start"]] = event
explained = [json.loads(line) for line in open(sys.argv[2])]
logits = [e["event"]["da3d"]["logit"] for e in explained]
assert len(explained) == 40 and logits == sorted(logits, reverse=True), logits
assert logits[0] == max(e["da3d"]["logit"] for e in events.values())
for e in explained:
    event = events[e["event"]["flow_id"], e["event"]["flow"]["start"]]
    top = event["da3d"].pop("top")
    features = e["features"]
    for of_event, of_page in zip(top, features):
        assert of_event == {key: of_page[key] for key in of_event}, (of_event, of_page)
    assert len(top) == 5 and len(features) == 10 and event == e["event"], event
    contribs = [f["contrib"] for f in features]
    assert contribs == sorted(contribs, reverse=True) and contribs[0] > 0, contribs
    whole = event["da3d"]["logit"] - e["baseline"]
    assert abs(sum(contribs) + e["rest"] - whole) < 0.001 * abs(whole), (contribs, e["rest"], whole)
    assert all(len(f["nearest"]) == 4 and f["definition"] and f["unit"] for f in features), features
    assert all(f["typical"][0] <= f["typical"][-1] for f in features if "typical" in f), features
P
check "events, order and sums agree" python3 "$scratch/verify.py" "$scratch/events" "$scratch/explained"

succeeds "a page" --explain "$lab/test.pcap.gz" --model "$model" --top 2 --quiet
check "of each flow" [ "$(grep -cE '^Flow [0-9]+: ' "$scratch/out")" -eq 2 ]
check "says how unusual it is" grep -qE '^How unusual: logit [0-9.]+, reaches the threshold of' "$scratch/out"
check "has the features, and the others" \
    [ "$(grep -cE '^  +[+-][0-9.]+  [A-Za-z_0-9]+' "$scratch/out")" -eq 22 ]
check "fits a screen" [ "$(wc -l <"$scratch/out")" -lt 80 ]

id=$(head -1 "$scratch/events" | grep -oP '"flow_id":\K[0-9]+')
succeeds "one flow" --explain "$lab/test.pcap.gz" --model "$model" --flow "$id" --quiet
check "is that one" [ "$(grep -cE "^Flow $id: " "$scratch/out")" -ge 1 ]
check "and no other" [ "$(grep -cE '^Flow ' "$scratch/out")" -eq "$(grep -c "\"flow_id\":$id," "$scratch/events")" ]

"$DA3DD" --train "$lab/train.pcap.gz" --features kdd --epochs 2 --quiet --model "$scratch/kdd.da3d"
succeeds "categories" --explain "$lab/test.pcap.gz" --model "$scratch/kdd.da3d" --json --quiet --top 200
check "are told by name" python3 - "$scratch/out" <<'P'
import json, sys
words = set()
for line in open(sys.argv[1]):
    for f in json.loads(line)["features"]:
        if f["feature"] in ("protocol_type", "service", "flag"):
            assert isinstance(f["value"], str), f
            assert all(isinstance(word, str) for word in f["nearest"] + f["typical"]), f
            words.add(f["value"])
assert words, "no category contributes"
P

"$DA3DD" -r "$lab/test.pcap.gz" --model "$scratch/kdd.da3d" --quiet >"$scratch/kdd.events"
"$DA3DD" --extract "$lab/test.pcap.gz" --features kdd --quiet >"$scratch/kdd.csv"
check "contributions are those of independent code" env PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 "$root/tests/golden/explanations.py" "$scratch/kdd.da3d" "$scratch/kdd.events" \
    "$scratch/kdd.csv" "$scratch/out"

"$DA3DD" --train "$lab/train.pcap.gz" --method paper --epochs 1,1 --encoder 12,6,2 --alarm 16,8 --quiet \
    --model "$scratch/paper.da3d"
succeeds "the published method" --explain "$lab/mini.pcap" --model "$scratch/paper.da3d" --quiet
check "has no prototypes to show" grep -qE '^Flow ' "$scratch/out"

refuses "no such flow" 1 "there is no flow 1$" --explain "$lab/mini.pcap" --model "$model" --flow 1
refuses "a flow that is none" 2 "--flow: 0 is no flow" --explain "$lab/mini.pcap" --model "$model" --flow 0
refuses "no flows wanted" 2 "--top: a number from 1 to 1000" --explain "$lab/mini.pcap" --model "$model" --top 0
refuses "no model" 2 "--model FILE is missing" --explain "$lab/mini.pcap"
refuses "options of another mode" 2 "--top has no effect with -r" -r "$lab/mini.pcap" --model "$model" --top 3

done_testing
