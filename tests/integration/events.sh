#!/bin/bash
# Scores as events: one line per flow, in order, as etc/schema.json says, the same every time.
. "$(dirname "$0")/lib.bash"

model=$scratch/model.da3d
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 2 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
succeeds "scoring" -r "$lab/mini.pcap" --model "$model"
cp "$scratch/out" "$scratch/events"
"$DA3DD" --extract "$lab/mini.pcap" --quiet >"$scratch/rows"
check "one line per row of --extract" \
    [ "$(wc -l <"$scratch/events")" -eq $(($(wc -l <"$scratch/rows") - 1)) ]
"$DA3DD" -r "$lab/mini.pcap" --model "$model" --quiet >"$scratch/again"
check "the same lines again" cmp -s "$scratch/events" "$scratch/again"
"$DA3DD" -r "$lab/test.pcap.gz" --model "$model" --quiet >"$scratch/test"
check "alerts among the attacks" grep -q '"event_type":"alert"' "$scratch/test"
check "scores that are no alerts" grep -q '"event_type":"score"' "$scratch/test"

cat >"$scratch/validate.py" <<'P'
import csv, json, sys
import jsonschema

schema = json.load(open(sys.argv[1]))
validator = jsonschema.Draft7Validator(schema)
jsonschema.Draft7Validator.check_schema(schema)
events = [json.loads(line) for path in sys.argv[3:] for line in open(path)]
for event in events:
    validator.validate(event)
    da3d = event["da3d"]
    assert (event["event_type"] == "alert") == (da3d["logit"] >= da3d["threshold_logit"]), event
rows = list(csv.DictReader(open(sys.argv[2])))
for row, event in zip(rows, events):
    assert (row["src_ip"], row["dest_ip"], row["proto"]) == (
        event["src_ip"], event["dest_ip"], event["proto"]), (row, event)
    if "src_port" in event:
        assert int(row["src_port"]) == event["src_port"], event
    sent = float(row["FlowBytesSent"]), float(row["FlowBytesReceived"])
    assert sent == (event["flow"]["bytes_toserver"], event["flow"]["bytes_toclient"]), event
logits = {e["da3d"]["logit"]: e["da3d"]["p_value"] for e in events}
ordered = [logits[k] for k in sorted(logits)]
assert all(a >= b for a, b in zip(ordered, ordered[1:])), "p-values fall as logits rise"
P
check "every line is valid, agrees with --extract and is ranked by its logit" \
    python3 "$scratch/validate.py" "$root/etc/schema.json" "$scratch/rows" "$scratch/events" \
    "$scratch/test"

done_testing
