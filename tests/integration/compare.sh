#!/bin/bash
# The benches on labelled tables: make compare's splits, inputs, ledger and tables, on a set made up
# here, and that make table2 runs on it. Their results are not judged: numbers of a few epochs.
. "$(dirname "$0")/lib.bash"
cd "$root" || exit 1
export PYTHONDONTWRITEBYTECODE=1 DA3DD DA3DD_DATA=$scratch/data
python=/usr/bin/python3
out=$scratch/compare

if ! "$python" -c 'import sklearn' 2>/dev/null; then
    skip "comparison with simple detectors" "no python3-sklearn"
    done_testing
fi

# Two columns that move together, a heavy tail, a word, and a constant; 'id' tells rows apart. An
# anomaly is off in two of them.
cat >"$scratch/make.py" <<'P'
import lzma, math, pathlib, random, sys

rng = random.Random(1)
count = 0

def row(anomalous):
    global count
    count += 1
    x = rng.gauss(0, 1)
    y = rng.gauss(0, 2) if anomalous else x + rng.gauss(0, .2)
    tail = math.exp(rng.gauss(3 if anomalous else 0, 1))
    return f"{count},{x:.4f},{y:.4f},{tail:.4f},{rng.choice(['tcp', 'udp'])},7"

def write(path, rows, header="id,x,y,tail,word,constant"):
    with lzma.open(path, "wt") as out:
        out.write("\n".join([header, *rows, ""]))

for name in ("blobs", "kdd"):
    folder = pathlib.Path(sys.argv[1]) / name
    folder.mkdir(parents=True)
    write(folder / "train.csv.xz", [row(False) for _ in range(300)])
    write(folder / "anomalies.csv.xz", [row(True) for _ in range(12)])
    test = [row(i % 4 == 0) + f",{int(i % 4 == 0)}" for i in range(120)]
    write(folder / "test.csv.xz", test, "id,x,y,tail,word,constant,label")
P
"$python" "$scratch/make.py" "$DA3DD_DATA"

cat >"$scratch/check_splits.py" <<'P'
import os, pathlib, sys
sys.path.append("tests/bench")
from experiments import polluted
from splits import split_set

def ids(rows):
    found = {row[0] for row in rows}
    assert len(found) == len(rows)
    return found

data = pathlib.Path(os.environ["DA3DD_DATA"])
given = split_set(data / "blobs", 0)
a, again, b = (split_set(data / "blobs", n) for n in (1, 1, 2))
assert a == again and a.test != b.test and a.test != given.test
for split in (given, a, b):
    assert (len(split.train), len(split.anomalies), len(split.test)) == (300, 12, 120)
    assert sum(split.labels) == 30 and "label" not in split.header
    everything = ids(split.train) | ids(split.anomalies) | ids(split.test)
    assert len(everything) == 300 + 12 + 120
    dirty = polluted(split.train, split.anomalies, 3, 1)
    assert len(dirty) == 309 and ids(dirty) - ids(split.train) < ids(split.anomalies)
    assert len(polluted(split.train, split.anomalies, 5, 1)) == 312
abnormal = ids(given.anomalies) | {r[0] for r, l in zip(given.test, given.labels) if l}
assert {r[0] for r, l in zip(a.test, a.labels) if l} | ids(a.anomalies) == abnormal
kdd, other = (split_set(data / "kdd", n) for n in (0, 1))
assert kdd.test == other.test and len(other.train) == 240 and ids(other.train) < ids(kdd.train)
P
check "splits are disjoint, reproducible, and as large as the given one; kdd keeps its test" \
    "$python" "$scratch/check_splits.py"

cat >"$scratch/check_inputs.py" <<'P'
import sys
sys.path.append("tests/bench")
import numpy
from inputs import Inputs, MinMax, RankGauss
from peers import ecod
from trials import recall_at

close = numpy.testing.assert_allclose
rank = RankGauss(numpy.array([0., 10, 10, 20]))
close(rank(numpy.array([0., 10, 20, 5])), [-1.15035, 0, 1.15035, -.575175], atol=1e-5)
close(rank(numpy.array([60., 1e300, -1e300])), [1.15035 + numpy.log(3), 6, -6], atol=1e-5)
close(RankGauss(numpy.array([3., 3, 5]))(numpy.array([3., 5, 4])), [0, 1, .5])
close(RankGauss(numpy.array([3., 3]))(numpy.array([3., 4])), [0, numpy.log(2)])
close(MinMax(numpy.array([2., 4]))(numpy.array([3., 9, -9])), [.5, 3.5, -2.5])
inputs = Inputs([("1", "tcp"), ("", "udp"), ("3", "udp")], "min-max")
close(inputs([("2", "udp"), ("NaN", "icmp")]), [[.5, 0, 1, 0], [.5, 0, 0, 1]])
close(ecod(numpy.array([[1.], [2], [3]]), 1)(numpy.array([[9.]])), -numpy.log(1 / 4))
scores = numpy.array([1., 2, 3, 4, 3.5, 4, 5])
assert recall_at(.25, scores, numpy.array([0, 0, 0, 0, 1, 1, 1])) == 1
assert recall_at(0, scores, numpy.array([0, 0, 0, 0, 1, 1, 1])) == 1 / 3
P
check "inputs, ECOD and recall are what they say" "$python" "$scratch/check_inputs.py"

cat >"$scratch/check_differences.py" <<'P'
import argparse, sys
sys.path.append("tests/bench")
from tables import print_differences
from trials import Result, run_of

options = argparse.Namespace(methods=["default", "min-max"], sets=["a", "b"], pollution=[0],
                             splits=[1, 2], seeds=[1], epochs="", digest="x")
ledger = argparse.Namespace(results={})
for name, split, default, ablation in (("a", 1, .9, .75), ("a", 2, .7, .75), ("b", 1, .5, .5),
                                       ("b", 2, .6, .6)):
    for method, auc in (("default", default), ("min-max", ablation)):
        ledger.results[run_of(options, name, 0, split, method, 1)] = Result(auc, *7 * [0], "")
print_differences(options, ledger)
P
check "an ablation is held against the default on the same split" grep -qE \
    '^min-max +0 % +-0\.0500 +\+0\.0000 +-0\.0250±0\.0500$' \
    <("$python" "$scratch/check_differences.py")

# bench NAME COMMAND...: it succeeds, with its output in $scratch/out.
bench() {
    local name=$1
    shift
    status=0
    "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    check "$name" [ "$status" -eq 0 ]
}
compare=(tests/bench/compare --quick --out "$out" --pollution "0,5")
methods=(--sets "blobs,lab" --methods "default,only-prototypes,peers")
bench "two of da3dd's methods and all peers, clean and polluted" "${compare[@]}" "${methods[@]}"
check "every run is a line of the ledger" [ "$(wc -l <"$out/runs.csv")" -eq $((1 + 2 * 16 + 2)) ]
check "every mean is a line of the table" [ "$(wc -l <"$out/table.csv")" -eq $((1 + 2 * 16 + 2)) ]
check "the best simple method in hindsight is named" \
    grep -qE '^Best single simple method in hindsight, 5 % .*blobs [01]\.[0-9]+ \(' "$scratch/out"
check "the lab's attacks are told by kind" grep -qE '^scan-syn +[01]\.[0-9]{3}±' "$scratch/out"
check "training with fewer anomalies than asked for says so" \
    grep -qE '^blobs +3\.8% default' "$scratch/out"
cp "$out/runs.csv" "$scratch/before"
cp "$scratch/out" "$scratch/table"
bench "a second start" "${compare[@]}" "${methods[@]}"
check "it does nothing anew" cmp -s "$out/runs.csv" "$scratch/before"
check "it prints the same" cmp -s "$scratch/out" "$scratch/table"

bench "the split as given" "${compare[@]}" --sets blobs --methods default --splits 0 --pollution 0
"$DA3DD" --train "$DA3DD_DATA/blobs/train.csv.xz" --epochs 5,2 --model "$scratch/model" --quiet
"$DA3DD" --eval "$DA3DD_DATA/blobs/test.csv.xz" --label-column label --model "$scratch/model" \
    --quiet --json >"$scratch/eval"
cat >"$scratch/same.py" <<'P'
import csv, json, sys
ours = list(csv.DictReader(open(sys.argv[1])))[-1]
theirs = json.load(open(sys.argv[2]))
assert ours["split"] == "0"
for mine, its in (("auc", theirs["auc"]), ("ap", theirs["ap"]),
                  ("recall_1", theirs["attacks"]["share_at_fpr_0.01"]),
                  ("recall_01", theirs["attacks"]["share_at_fpr_0.001"])):
    assert abs(float(ours[mine]) - its) < 1e-5, (mine, ours[mine], its)
P
check "its AUC, AP and recalls are those of --eval" \
    "$python" "$scratch/same.py" "$out/runs.csv" "$scratch/eval"

# refused NAME PATTERN ARGS...: the bench says why, and fails.
refused() {
    local name=$1 pattern=$2
    shift 2
    status=0
    "${compare[@]}" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    check "$name" grep -qE "^[1-9][0-9]* .*$pattern" <(echo "$status $(<"$scratch/err")")
}
refused "a method that there is not" "no method 'magic', but default, views" --methods magic
refused "a set that there is not" "no folder with nosuch/train" --sets nosuch
status=0
DA3DD=/bin/false tests/bench/compare --quick --out "$scratch/failed" --sets blobs \
    --methods default,ecod/min-max >"$scratch/out" 2>"$scratch/err" || status=$?
check "where da3dd fails, the bench fails" [ "$status" -eq 1 ]
check "it says which run" grep -q '^blobs 0 1 default .*: /bin/false --train' "$scratch/err"
check "the others have their lines" grep -q '^blobs .*ecod/min-max' "$scratch/out"

printf 'id,label\n1,2\n' | xz >"$DA3DD_DATA/kdd/test.csv.xz"
refused "a label that is none" "line 2: label '2' is neither 0 nor 1" --sets kdd --methods default
rm -r "$DA3DD_DATA/kdd"

bench "the paper's table" tests/table2 --quick --out "$scratch/table2"
check "it has a line for each method and pollution" \
    [ "$(grep -cE '^blobs .* (DA3D|Simple|A3) ' "$scratch/out")" -eq 6 ]

done_testing
