#!/bin/bash
# make table2: results are kept, and used again for the same program and data alone.
. "$(dirname "$0")/lib.bash"

mkdir -p "$scratch/data/tiny"
for part in train anomalies test; do
    printf 'a,label\n1,0\n2,1\n' | xz >"$scratch/data/tiny/$part.csv.xz"
done
cat >"$scratch/fake" <<'P'
#!/bin/sh
[ "$1" != --eval ] || echo '{"auc": 0.5, "ap": 0.25}'
P
chmod +x "$scratch/fake"

# runs: how many of them a start makes.
runs() {
    DA3DD=$scratch/fake DA3DD_DATA=$scratch/data "$root/tests/table2" --quick --jobs 1 \
        --out "$scratch/results" 2>&1 >"$scratch/table" | grep -c '^tiny '
}
check "every method, clean and polluted" [ "$(runs)" -eq 6 ]
check "gives a line of the table" [ "$(grep -c '^tiny .* 0.500±0.000' "$scratch/table")" -eq 6 ]
check "a second start makes none again" [ "$(runs)" -eq 0 ]
check "and prints the same" [ "$(grep -c '^tiny .* 0.500±0.000' "$scratch/table")" -eq 6 ]
echo "# changed" >>"$scratch/fake"
check "another program makes all" [ "$(runs)" -eq 6 ]
printf 'a,label\n1,0\n3,1\n' | xz >"$scratch/data/tiny/test.csv.xz"
check "and so do other data" [ "$(runs)" -eq 6 ]
check "of which all are kept" [ "$(wc -l <"$scratch/results/runs.csv")" -eq 19 ]
printf 'set,auc\ntiny,1\n' >"$scratch/results/runs.csv"
check "results with other columns are not taken for these" [ "$(runs)" -eq 6 ]
check "but kept" grep -q 'tiny,1' "$scratch/results/runs.old"

done_testing
