#!/bin/bash
# Every form in which the same capture may come gives the same rows; every broken one is answered.
. "$(dirname "$0")/lib.bash"

mini=$lab/mini.pcap
recode=$root/tests/integration/recode.py
da3dd --extract "$mini" && cp "$scratch/out" "$scratch/expected"
check "mini.pcap has rows" [ "$(wc -l <"$scratch/expected")" -gt 20 ]

# same NAME ARGS...: da3dd --extract gives the expected rows.
same() {
    local name=$1
    shift
    succeeds "$name is read" --extract "$@"
    check "$name gives the same rows" cmp -s "$scratch/expected" "$scratch/out"
}

for form in nanosecond big-endian pcapng; do
    python3 "$recode" "$form" "$mini" "$scratch/$form.pcap"
    same "$form" "$scratch/$form.pcap"
done
gzip -c "$mini" >"$scratch/mini.gz" && same "gzip" "$scratch/mini.gz"
xz -c "$mini" >"$scratch/mini.xz" && same "xz" "$scratch/mini.xz"
zstd -qc "$mini" >"$scratch/mini.zst" && same "zstd" "$scratch/mini.zst"
same "standard input, a file" - <"$mini"
same "standard input, gzip" - <"$scratch/mini.gz"
same "standard input, a pipe" - < <(cat "$mini")
same "standard input, gzip through a pipe" - < <(cat "$scratch/mini.gz")

# A capture cut into two files at a frame is one timeline.
python3 - "$mini" "$scratch" <<'P'
import struct, sys
data = open(sys.argv[1], "rb").read()
at, middle = 24, len(data) // 2
while at < middle:
    at += 16 + struct.unpack("<I", data[at + 8 : at + 12])[0]
open(sys.argv[2] + "/part1.pcap", "wb").write(data[:at])
open(sys.argv[2] + "/part2.pcap", "wb").write(data[:24] + data[at:])
P
same "two files" "$scratch/part1.pcap" "$scratch/part2.pcap"
mkdir -p "$scratch/folder/deeper"
cp "$scratch/part1.pcap" "$scratch/folder/a1.pcap"
cp "$scratch/part2.pcap" "$scratch/folder/deeper/b2.pcap"
echo "not a capture" >"$scratch/folder/a2.txt"
same "a directory" "$scratch/folder"
check "a file in it that is no capture is named" grep -q "a2.txt: not a capture.*skipped" "$scratch/err"

succeeds "a filter" --extract "$mini" udp port 53
check "a filter leaves only what it names" \
    [ "$(tail -n +2 "$scratch/out" | awk -F, '$5 != "UDP" || ($2 != 53 && $4 != 53)' | wc -l)" -eq 0 ]
check "a filter leaves something" [ "$(wc -l <"$scratch/out")" -gt 1 ]
mv "$scratch/out" "$scratch/filtered"
succeeds "a filter behind --" --extract "$mini" -- udp port 53
check "a filter behind -- is the same" cmp -s "$scratch/filtered" "$scratch/out"

# slow: a writer that hands over its first byte long before the others.
slow() {
    head -c 1 "$1"
    sleep 0.3
    tail -c +2 "$1"
}
same "a slow pipe of gzip" - < <(slow "$scratch/mini.gz")
{
    head -c 24 >/dev/null
    same "a file that was read from before" -
} < <(head -c 24 /dev/zero && cat "$scratch/mini.gz")
"$DA3DD" --extract "$scratch/mini.gz" --quiet <&- >"$scratch/out" 2>"$scratch/err"
check "a closed standard input" cmp -s "$scratch/expected" "$scratch/out"

refuses "a second capture that is none" 1 "a2.txt: not a capture" \
    --extract "$mini" "$scratch/folder/a2.txt"
check "does not take back the rows of the first" cmp -s "$scratch/expected" "$scratch/out"
cp "$scratch/mini.xz" "$scratch/folder/b3"
mkdir "$scratch/bin"
for tool in grep mktemp; do ln -s "$(command -v $tool)" "$scratch/bin/$tool"; done
PATH=$scratch/bin refuses "a directory with a file that cannot be unpacked" 1 \
    "b3: compressed, and its decompressor is not installed" --extract "$scratch/folder"
rm "$scratch/folder/b3"
: >"$scratch/folder/a3"
same "a directory with an empty file" "$scratch/folder"

: >"$scratch/empty"
refuses "an empty file" 1 "empty: empty file" --extract "$scratch/empty"
refuses "an empty standard input" 1 "-: empty file" --extract - </dev/null
echo "hello, this is text and no capture at all" >"$scratch/text"
refuses "not a capture" 1 "text: not a capture" --extract "$scratch/text"
mkdir "$scratch/none"
refuses "a directory without captures" 1 "no usable flow in 0 files" --extract "$scratch/none"
refuses "a capture without a flow" 1 "mini.pcap: no usable flow" --extract "$mini" port 65533
python3 "$recode" cut=20 "$mini" "$scratch/short"
refuses "a capture cut in its header" 1 "short: not a capture" --extract "$scratch/short"
python3 "$recode" cut=10000 "$mini" "$scratch/cut"
succeeds "a truncated capture is used up to the cut" --extract "$scratch/cut"
check "and a warning says where" grep -qE "cut: after [0-9]+ frames: .*used up to there" "$scratch/err"
check "and gives rows" [ "$(wc -l <"$scratch/out")" -gt 1 ]
head -c 9000 "$scratch/mini.gz" >"$scratch/cut.gz"
succeeds "a truncated gzip is used up to the cut" --extract "$scratch/cut.gz"
check "and a warning says so" grep -qE "cut.gz: after [0-9]+ frames: .*used up to there" "$scratch/err"
{ head -c 20 "$mini"; printf '\x7d\x01\x00\x00'; tail -c +25 "$mini"; } >"$scratch/linktype"
refuses "a link type without IP" 1 "linktype: link type .* is not supported" \
    --extract "$scratch/linktype"
chmod 000 "$scratch/text"
if [ "$(id -u)" -eq 0 ]; then
    skip "an unreadable file" "root reads everything"
else
    refuses "an unreadable file" 1 "text: Permission denied" --extract "$scratch/text"
fi
"$DA3DD" --extract "$mini" >/dev/full 2>"$scratch/err"
check "a full disk behind standard output is an error" [ $? -eq 1 ]
check "and says so" grep -q "standard output: No space left" "$scratch/err"

done_testing
