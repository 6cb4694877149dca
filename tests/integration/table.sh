#!/bin/bash
# Tables of flow records: learned, scored and evaluated; what is wrong with one is named.
. "$(dirname "$0")/lib.bash"

cd "$scratch" || exit 1
cat >make.py <<'P'
import random

random.seed(5)

def rows(n, attacks):
    for i in range(n):
        bad = i % 5 == 4 and attacks
        size = random.gauss(900, 30) if bad else random.gauss(300, 40)
        yield [f"{size:.3f}", "?" if i % 7 == 0 else f"{size / 2 + random.gauss(0, 5):.2f}",
               random.choice(["icmp", "odd"] if bad else ["tcp", "tcp", "udp"]),
               str(random.choice([53, 80, 443])), f'"host, {i}"',
               ("flood" if i % 2 else "scan") if bad else "BENIGN"]

def write(path, header, order, table):
    with open(path, "w", newline="") as file:
        file.write(",".join(header[i] for i in order) + "\r\n")
        for row in table:
            file.write(",".join(row[i] for i in order) + "\r\n")

header = ["bytes", "answer", "proto", "port", "host", "label"]
write("train.csv", header, range(6), rows(1200, True))
table = list(rows(600, True))
write("test.csv", header, range(6), table)
write("moved.csv", header, [5, 3, 0, 2, 1, 4], table)
write("plain.csv", header, [0, 1, 2, 3], table)
P
python3 make.py
model=$scratch/model.da3d
train=(--train train.csv --label-column label --drop host --categorical port --epochs 3
    --encoder "8,6,2" --alarm "16,8")

succeeds "training on a table" "${train[@]}" --model "$model"
check "rows are called rows, and too few held out are told" grep -q \
    "warning: 192 rows held out are too few for --target-fpr 0.01: it takes 500 to keep" err
check "normal rows and categories are told" \
    grep -q "read 1200 rows: 960 normal; 4 columns, 2 of them categorical: 10 inputs" err
succeeds "scoring, the label and the dropped column ignored" --score test.csv --model "$model"
check "with one warning that names them" [ "$(grep -c "ignored: 'host', 'label'" err)" -eq 1 ]
cp out scores
check "a header and one line for each row" [ "$(wc -l <scores)" -eq 601 ]
check "of four columns" [ "$(head -n 1 scores)" = logit,score,p_value,alert ]
succeeds "scoring with the columns in another order" --score moved.csv --model "$model" --quiet
check "gives the same scores" cmp -s out scores
succeeds "scoring without any other column" --score plain.csv --model "$model" --quiet
check "gives the same scores too" cmp -s out scores
check "without a warning" [ ! -s err ]
for form in gzip xz zstd; do
    command -v "$form" >/dev/null || continue
    "$form" -c <test.csv >packed
    succeeds "scoring behind $form" --score packed --model "$model" --quiet
    check "gives the same scores" cmp -s out scores
done
gzip -c <train.csv >packed
"$DA3DD" "${train[@]/#train.csv/-}" --model piped.da3d --quiet <train.csv
check "training on standard input gives the same model" cmp -s piped.da3d "$model"
gzip -c train.csv | "$DA3DD" "${train[@]/#train.csv/-}" --model piped.da3d --quiet
check "and so it does through a pipe, compressed" cmp -s piped.da3d "$model"
gzip -dc "$lab/train.pcap.gz" | gzip -c | "$DA3DD" --train - --epochs 1 --encoder 4,2 --alarm 4 \
    --model captured.da3d --quiet
check "where a capture is recognised too" [ -s captured.da3d ]
"$DA3DD" --score - --model "$model" --quiet <test.csv 2>err | cmp -s - scores
check "standard input is scored" [ $? -eq 0 ]

succeeds "evaluation" --eval test.csv --label-column label --model "$model" --roc roc.csv \
    --roc-svg roc.svg
cp out eval.text
check "prints AUC and AP" grep -qE '^AUC [01]\.[0-9]{4} AP [01]\.[0-9]{4}$' out
check "and a line for each attack" [ "$(grep -cE '^(scan|flood) +60 ' out)" -eq 2 ]
succeeds "evaluation as JSON" --eval moved.csv --label-column label --model "$model" --json
cat >verify.py <<'P'
import bisect, csv, json, xml.dom.minidom

report = json.load(open("out"))
rows = [float(row["logit"]) for row in csv.DictReader(open("scores"))]
alerts = [row["alert"] == "1" for row in csv.DictReader(open("scores"))]
labels = [row["label"] for row in csv.DictReader(open("test.csv", newline=""))]
good = sorted(s for s, l in zip(rows, labels) if l == "BENIGN")
bad = [s for s, l in zip(rows, labels) if l != "BENIGN"]
auc = sum(bisect.bisect_left(good, b) + bisect.bisect_right(good, b) for b in bad)
auc /= 2 * len(good) * len(bad)
assert abs(auc - report["auc"]) < 1e-5, (auc, report["auc"])
ap = sum(sum(x >= b for x in bad) / (sum(x >= b for x in bad) + len(good) - bisect.bisect_left(good, b))
         for b in bad) / len(bad)
assert abs(ap - report["ap"]) < 1e-5, (ap, report["ap"])
for fpr in (0.001, 0.01, 0.05):
    best = max(sum(b >= t for b in bad) for t in set(rows) | {float("inf")}
               if len(good) - bisect.bisect_left(good, t) <= fpr * len(good))
    assert abs(report["attacks"][f"share_at_fpr_{fpr}"] - best / len(bad)) < 1e-5, fpr
for kind in report["kinds"]:
    mine = [a for a, l in zip(alerts, labels) if l == kind["label"]]
    assert [kind["flows"], kind["alerted"]] == [len(mine), sum(mine)], kind
points = [[float(x) for x in row] for row in list(csv.reader(open("roc.csv")))[1:]]
assert points[0] == [0, 0, float("inf")] and points[-1][:2] == [1, 1]
area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))
assert abs(area - auc) < 1e-5, (area, auc)
picture = xml.dom.minidom.parse("roc.svg")
assert any(p.getAttribute("class") == "curve" for p in picture.getElementsByTagName("path"))
P
check "AUC, AP, recall, ROC points and picture agree with a calculation of their own" python3 verify.py
check "the report calls rows so" grep -qE '^600 rows seen' eval.text
for class in BENIGN flood; do
    grep -E "label|,$class" test.csv >one.csv
    succeeds "evaluation of $class rows alone" --eval one.csv --label-column label --model "$model"
    check "has no AUC" grep -qx 'AUC - AP -' out
    check "and says why, once" [ "$(grep -c 'warning: no .* neither AUC' err)" -eq 1 ]
    [ "$class" = BENIGN ] || check "nor shares at false alarms" grep -qE '^flood .*%( +-){3}$' out
    check "nothing is NaN" [ "$(grep -ci nan out)" -eq 0 ]
    succeeds "as JSON" --eval one.csv --label-column label --model "$model" --json
    check "it is null" python3 -c "import json; r = json.load(open('out'))
assert r['auc'] is r['ap'] is None
assert '$class' == 'BENIGN' or r['attacks']['share_at_fpr_0.01'] is None"
    refuses "no ROC curve of it" 1 "no ROC curve: it needs both normal rows and attacks" \
        --eval one.csv --label-column label --model "$model" --roc one.roc
done
succeeds "other values may be the normal ones" --eval test.csv --label-column label \
    --normal-label "BENIGN,scan" --model "$model"
check "and are then no attack" [ "$(grep -c '^scan' out)" -eq 0 ]

printf 'bytes,Gr\xc3\xb6\xc3\x9fe,what\n' >utf8.csv
for i in {1..80}; do printf '%s,%s, N\xc3\xb6 \n' "$i" "$((i % 9))"; done >>utf8.csv
succeeds "names and labels beyond ASCII" --train utf8.csv --label-column what --epochs 1 \
    --normal-label 'N\xc3\xb6' --drop 'Gr\xc3\xb6\xc3\x9fe' --model utf8.da3d
check "are written escaped" grep -q "80 normal; 1 columns" err

succeeds "are taken as the table has them too" --train utf8.csv --label-column what --epochs 1 \
    --normal-label 'Nö' --drop 'Größe' --quiet --model raw.da3d
check "and mean the same" cmp -s utf8.da3d raw.da3d

# What cannot be learned of is told.
{
    echo uid,bytes,zero,none
    for i in {1..200}; do echo "C$i,$((i % 9)),0,"; done
} >ids.csv
small=(--epochs 1 --encoder "4,2" --alarm 4)
succeeds "a column of identifiers" --train ids.csv "${small[@]}" --model ids.da3d
check "is left out, and told so with the way to keep it" grep -qF \
    "column 'uid': 200 different values in 200 rows, as identifiers have: left out (--categorical 'uid' keeps it)" err
check "columns that never change are named once" \
    grep -q "missing, in every normal row: 'zero', 'none'$" err
check "what is left is learned" grep -q "200 normal; 3 columns, 0 of them categorical: 4 inputs" err
succeeds "or is kept where it is named" --train ids.csv "${small[@]}" --categorical uid \
    --model ids.da3d
check "as categories" grep -q "200 normal; 4 columns, 1 of them categorical: 205 inputs" err
refuses "nothing but columns that never change" 1 \
    "error: ids.csv: every column is the same in all normal rows: nothing to learn" \
    --train ids.csv --drop "uid,bytes" --model none.da3d
refuses "nothing but identifiers" 1 "ids.csv: no column is left as an input" \
    --train ids.csv --drop "bytes,zero,none" --model none.da3d

# Inputs whose networks need more memory than there is.
if [ "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" -lt 100000000 ]; then
    refuses "networks larger than the memory" 1 \
        "inputs: training takes [0-9.]+ GiB of memory at least, and the machine has" --train ids.csv \
        --encoder "$(printf '16384,%.0s' {1..15})2" --model none.da3d
else
    skip "networks larger than the memory" "this machine has too much"
fi
{
    echo a,b
    for i in {1..1200}; do echo "w$((i % 1010)),$((i % 7))"; done
} >wide.csv
refuses "many inputs" 1 "warning: 1012 inputs: training takes [0-9.]+ GiB of memory at least" \
    --train wide.csv --categorical a --holdout 0.99 --model none.da3d

# What is odd in a row that is scored is counted, and scoring goes on.
printf 'bytes,answer,proto,port\n,1,tcp,80\ninf,1,,80\n300,150,gre,81\n' >odd.csv
succeeds "missing, infinite and unseen values are scored" --score odd.csv --model "$model"
check "all of them" [ "$(wc -l <out)" -eq 4 ]
check "what was never missing is named" grep -q "column 'bytes': 1 cells missing, where none" err
check "of categories too" grep -q "column 'proto': 1 cells missing.*line 3" err
check "and what is infinite" grep -q "column 'bytes': 1 cells infinite.*line 3" err

printf 'bytes,answer,proto,port\n1,2,tcp,80\n1,"x\ny",tcp,80\nz,v,tcp,80\n' >text.csv
succeeds "text for numbers is scored" --score text.csv --model "$model"
check "as if it were missing" [ "$(sed 1d text.csv | wc -l) $(wc -l <out)" = "4 4" ]
check "the first such cell is told" grep -qF \
    "line 3, column 'answer': 'x\x0ay' is not a number: counted as missing" err
check "once" [ "$(grep -c 'is not a number' err)" -eq 1 ]
check "and how many there are" grep -q "'answer': 2 cells not numbers, .* first on line 3" err
check "in each column" grep -q "'bytes': 1 cells not numbers, taken as missing, .* line 5" err

# As CIC-IDS2017's files have them.
printf 'bytes,answer,proto,port,bytes,extra,extra\n300,150,tcp,80,7,8,9\n,,,,,,\n,,,,,,\n' >twins.csv
succeeds "columns of one name, and rows of commas alone" --score twins.csv --model "$model"
check "the second column has a name of its own" \
    grep -q "twins.csv: 2 columns have another's name, the first is read as 'bytes.1'" err
check "and is known by it" grep -q "ignored: 'bytes.1', 'extra', 'extra.1'" err
check "empty rows are skipped and counted" \
    grep -q "twins.csv: 2 rows of empty cells skipped, the first on line 3" err
check "and have no score" [ "$(wc -l <out)" -eq 2 ]

# bad NAME PATTERN TEXT: a table that is refused when it is scored.
bad() {
    printf '%b' "$3" >bad.csv
    refuses "$1" 1 "error: bad.csv: $2" --score bad.csv --model "$model"
}
header=bytes,answer,proto,port
bad "an empty table" "empty file" ""
: | "$DA3DD" --score - --model "$model" 2>err
check "an empty pipe is an empty file" grep -q "error: -: empty file" err
bad "a table without rows" "no rows" "$header\n"
bad "a missing column" "there is no column 'port'$" "bytes,answer,proto\n1,2,tcp\n"
bad "a renamed column, with a hint" "there is no column 'proto'; is it 'Protos'" "bytes,answer,Protos,port\n"
bad "tabs" "line 1: looks tab-separated: da3dd reads commas" "bytes\tport\n1\t2\n"
bad "semicolons" "line 1: looks semicolon-separated: da3dd reads commas" "bytes;port\n1;2\n"
bad "a log of Zeek" "line 1: looks like a tab-separated log of Zeek" "#separator \\\\x09\n#fields\n"
bad "a column without a name" "line 1: column 5 has no name" "$header,\n"
bad "no header" "line 1: column names are expected" "1,2,3,4\n"
bad "too few fields" "line 3: 3 fields, and the header has 4" "$header\n1,2,tcp,80\n1,2,tcp\n"
bad "too many fields" "line 2: more than 4 fields" "$header\n1,2,tcp,80,\n"
bad "a quote that is not closed" "line 2: a quote is not closed" "$header\n1,2,\"tcp,80\n"
bad "a quote within a field" "line 2, column 'proto': a quote inside" "$header\n1,2,t\"cp,80\n"
bad "text behind a quote" "line 2, column 'proto': text behind" "$header\n1,2,\"t\"cp,80\n"
bad "a zero byte" "line 2, column 'proto': a zero byte" "$header\n1,2,t\\0000cp,80\n"
check "rows before a bad one are scored" [ "$(printf '%b' "$header\n1,2,tcp,80\n1,2,tcp\n" |
    "$DA3DD" --score - --model "$model" --quiet 2>/dev/null | wc -l)" -eq 2 ]
head -c 3000 packed >cut.gz
refuses "a table whose compression is cut off" 1 "cut.gz: cut off|cut.gz: line" \
    --score cut.gz --model "$model"
refuses "a missing table" 2 "nosuch: No such file" --score nosuch --model "$model"

refuses "no such label column" 1 "test.csv: there is no column 'lable'; is it 'label'" \
    --eval test.csv --label-column lable --model "$model"
printf '%s,label\n1,2,tcp,80,\n' "$header" >bad.csv
refuses "a row without its label" 1 "bad.csv: line 2, column 'label': '' is not a label" \
    --eval bad.csv --label-column label --model "$model"
refuses "no such column to drop" 1 "train.csv: there is no column 'hots'; is it 'host'" \
    --train train.csv --drop hots --model none.da3d
refuses "no such identity" 1 "train.csv: there is no column 'hots'; is it 'host'" \
    --train train.csv --identity hots --model none.da3d
refuses "a numeric column with text" 1 "train.csv: line 2, column 'proto': '[a-z]+' is not a number" \
    --train train.csv --numeric bytes,proto --model none.da3d
# Who it is: of 25 only, in one row of 50 somebody else.
cat >who.py <<'P'
import random

random.seed(7)
for name, n in (("who.csv", 1500), ("whose.csv", 300)):
    with open(name, "w") as file:
        print("x,y,who", file=file)
        for i in range(n):
            x = random.gauss(0, 1)
            who = random.randrange(2**53) if i % 50 == 49 else 1000 + i % 25
            print(f"{x},{x + random.gauss(0, .1)},{who}", file=file)
P
python3 who.py
succeeds "training with an identity" --train who.csv --identity who --model who.da3d --epochs 3
check "of which networks see nothing" grep -q "3 columns, 0 of them categorical: 2 inputs" err
succeeds "scoring with it" --score whose.csv --model who.da3d --quiet
cp out whose.scores
check "every new one stands out" python3 -c 'import csv
p = [float(row["p_value"]) for row in csv.DictReader(open("whose.scores"))]
new = p[49::50]
assert sum(value < max(new) for value in p) < 60, (new, sorted(p)[:60])'
check "scores are those of independent code" env PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 "$root/tests/golden/scores.py" who.da3d whose.csv whose.scores
sed 1s/who/ends/ who.csv >ends.csv
succeeds "training on who it is as a number" --train ends.csv --model ends.da3d --epochs 1
check "brings a warning" grep -q "column 'ends' is learned as a number: --identity 'ends' makes" err
succeeds "training on who it is" --train ends.csv --identity ends --model ends.da3d --epochs 1
check "brings none" [ "$(grep -c "learned as a number" err)" -eq 0 ]
sed 's/,\([0-9]*\)$/,host \1/' who.csv >named.csv
succeeds "training with names" --train named.csv --identity who --model named.da3d --epochs 3 --quiet
printf 'x,y,who\n0,0,host 1003\n0,0,host 9\n' | "$DA3DD" --score - --model named.da3d --quiet >out
check "which are known or not" python3 -c 'import csv
known, new = [float(row["logit"]) for row in csv.DictReader(open("out"))]
assert known < new'

refuses "a column of two kinds" 1 "column 'port' cannot be more than one of" \
    --train train.csv --numeric port --categorical port --model none.da3d
refuses "identities alone" 1 "train.csv: every column is the same in all normal rows" \
    --train train.csv --label-column label --identity bytes,answer,proto,port,host --model none.da3d
refuses "no normal row" 1 "column 'label' says normal of no row" \
    --train train.csv --label-column label --normal-label ok --model none.da3d
refuses "nothing left to learn from" 1 "no column is left" \
    --train plain.csv --drop "bytes,answer,proto,port" --model none.da3d
refuses "tables that differ" 1 "plain.csv: 4 columns, and the first table has 6" \
    --train train.csv plain.csv --model none.da3d
check "and no model of any of these" [ ! -e none.da3d ]

refuses "a capture where a table is expected" 1 "mini.pcap: a capture" \
    --score "$lab/mini.pcap" --model "$model"
refuses "a table where a capture is expected" 1 "test.csv: not a capture" --extract test.csv
refuses "captures for a model of tables" 1 "trained on a table" -r "$lab/mini.pcap" --model "$model"
refuses "a table for a model of captures" 1 "trained on captures \(feature set 'flow-v4'\)" \
    --score test.csv --model captured.da3d
refuses "options of tables for captures" 1 "are for tables" \
    --train "$lab/mini.pcap" --drop bytes --model none.da3d
refuses "options of captures for tables" 1 "train.csv is a table" \
    --train train.csv --features doh --model none.da3d
refuses "flow options for tables" 1 "are for captures, and train.csv is a table" \
    --train train.csv --flow-idle 3 --model none.da3d
refuses "tunnels for tables" 1 "are for captures, and train.csv is a table" \
    --train train.csv --tunnels outer --model none.da3d
refuses "both kinds of labels" 2 "--eval needs --labels FILE" \
    --eval test.csv --labels x --label-column label --model "$model"
refuses "a ROC curve of nothing" 2 "go with --eval" --score test.csv --roc x --model "$model"
for curve in --roc --roc-svg; do
    refuses "$curve in a folder that is not there" 1 "/nonexistent/roc: No such file" \
        --eval test.csv --label-column label --model "$model" $curve /nonexistent/roc
    check "is told before the evaluation" [ ! -s out ]
    refuses "$curve on a folder" 1 "$scratch: Is a directory" \
        --eval test.csv --label-column label --model "$model" $curve "$scratch"
    refuses "$curve without a name" 1 "error: : No such file" \
        --eval test.csv --label-column label --model "$model" $curve ""
done
echo old >old.csv
refuses "an evaluation that fails" 1 "" \
    --eval test.csv --label-column nosuch --model "$model" --roc old.csv --roc-svg new.svg
check "leaves an older curve, and no new one" [ "$(cat old.csv)" = old ] && [ ! -e new.svg ]
mkfifo curve.fifo
cat curve.fifo >curve.read &
succeeds "a curve to a pipe" --eval test.csv --label-column label --model "$model" --roc curve.fifo
wait $!
check "is written" grep -q '^fpr,tpr,threshold' curve.read
refuses "kinds of columns at scoring" 2 "go with --train" --score test.csv --drop x --model "$model"

if [ -d "${DA3DD_DATA:-}/mammography" ]; then
    succeeds "mammography" --train "$DA3DD_DATA/mammography/train.csv.xz" --epochs 5 --quiet \
        --encoder 12,10,8,6,3,2 --alarm 100,50,25,10 --model real.da3d
    succeeds "is evaluated" --eval "$DA3DD_DATA/mammography/test.csv.xz" --label-column label \
        --model real.da3d
    check "better than by chance" grep -qE '^AUC 0\.[6-9]' out
else
    skip "mammography" "DA3DD_DATA is not set"
fi

done_testing
