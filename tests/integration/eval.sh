#!/bin/bash
# Evaluation against labels: the report equals what the events and the labels say.
. "$(dirname "$0")/lib.bash"

model=$scratch/model.da3d
labels=$lab/test.labels.csv
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 2 --encoder 12,6,2 --alarm 16,8 --quiet --model "$model"
"$DA3DD" -r "$lab/test.pcap.gz" --model "$model" --quiet >"$scratch/events"
succeeds "evaluation" --eval "$lab/test.pcap.gz" --labels "$labels" --model "$model" --quiet
check "it prints AUC and AP" grep -qE '^AUC [01]\.[0-9]{4} AP [01]\.[0-9]{4}$' "$scratch/out"
succeeds "evaluation as JSON" --eval "$lab/test.pcap.gz" --labels "$labels" --model "$model" \
    --quiet --json
cat >"$scratch/verify.py" <<'P'
import calendar, csv, json, sys, time

report = json.load(open(sys.argv[1]))
rules = list(csv.DictReader(open(sys.argv[3])))

def seconds(text):
    whole = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    return whole + float(text[19:26])

def label(event):
    start = seconds(event["flow"]["start"])
    for rule in rules:
        if rule["address"] in (event["src_ip"], event["dest_ip"]):
            low, high = rule["start"] or "-inf", rule["end"] or "inf"
            if float(low) - 1e-6 <= start <= float(high) + 1e-6:
                return rule["label"]
    return None

events = [json.loads(line) for line in open(sys.argv[2])]
found = {}
for event in events:
    tally = found.setdefault(label(event), [0, 0])
    tally[0] += 1
    tally[1] += event["event_type"] == "alert"
normal = found.pop(None)
assert [report["normal"]["flows"], report["normal"]["alerted"]] == normal, normal
for kind in report["kinds"]:
    assert [kind["flows"], kind["alerted"]] == found.get(kind["label"], [0, 0]), kind
good = sorted(e["da3d"]["logit"] for e in events if label(e) is None)
bad = sorted(e["da3d"]["logit"] for e in events if label(e) is not None)
import bisect
wins = sum(bisect.bisect_left(good, b) + bisect.bisect_right(good, b) for b in bad)
auc = wins / 2 / len(good) / len(bad)
assert abs(auc - report["auc"]) < 1e-4, (auc, report["auc"])
P
check "counts per attack and AUC are those of the events" \
    python3 "$scratch/verify.py" "$scratch/out" "$scratch/events" "$labels"

# bad NAME PATTERN TEXT: labels that are refused.
bad() {
    printf '%b' "$3" >"$scratch/labels"
    refuses "$1" 1 "labels: $2" --eval "$lab/mini.pcap" --labels "$scratch/labels" --model "$model"
}
bad "empty labels" "empty file" ""
bad "labels without their header" "line 1: the header" "a,10.0.0.1,,\n"
bad "a label line with three fields" "line 2: 4 fields" "label,address,start,end\na,10.0.0.1,\n"
bad "a label line with five fields" "line 2: more than 4" "label,address,start,end\na,10.0.0.1,,,\n"
bad "a label without a name" "line 2: a label of" "label,address,start,end\n,10.0.0.1,,\n"
bad "an address that is none" "line 3: 'x' is not an IP" "label,address,start,end\na,::1,,\na,x,,\n"
bad "a time that is none" "line 2: 'noon' is not a time" "label,address,start,end\na,::1,noon,\n"
bad "an end before its start" "line 2: start 3 is after end 2" "label,address,start,end\na,::1,3,2\n"
printf 'label,address,start,end\na,::1,,\n' >"$scratch/labels"
refuses "nothing to evaluate" 1 "mini.pcap: no usable flow" \
    --eval "$lab/mini.pcap" --labels "$scratch/labels" --model "$model" port 65533
printf '\xef\xbb\xbflabel,address,start,end\na,::1,,\n' >"$scratch/labels"
succeeds "labels behind a byte order mark" \
    --eval "$lab/mini.pcap" --labels "$scratch/labels" --model "$model"
refuses "labels that are a folder" 1 "Is a directory" \
    --eval "$lab/mini.pcap" --labels "$scratch" --model "$model"
refuses "missing labels" 1 "nosuch: No such file" \
    --eval "$lab/mini.pcap" --labels "$scratch/nosuch" --model "$model"

done_testing
