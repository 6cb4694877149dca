#!/bin/bash
# The model file: reproducible, written whole or not at all, refused when anything is wrong with it.
. "$(dirname "$0")/lib.bash"

capture=$lab/train.pcap.gz
model=$scratch/model.da3d
train=(--train "$capture" --method paper --epochs 1 --encoder "12,6,2" --alarm "16,8" --quiet)

succeeds "training" "${train[@]}" --model "$model" --seed 7
check "nothing but the model is left behind" [ "$(find "$scratch" -name '.da3dd-*' | wc -l)" -eq 0 ]
succeeds "training again" "${train[@]}" --model "$scratch/again.da3d" --seed 7
check "same seed, same bytes" cmp -s "$model" "$scratch/again.da3d"
succeeds "training with another seed" "${train[@]}" --model "$scratch/other.da3d" --seed 8
cmp -s "$model" "$scratch/other.da3d"
check "another seed, other bytes" [ $? -eq 1 ]
da3dd -r "$lab/mini.pcap" --model "$model" && cp "$scratch/out" "$scratch/scores"
check "the model scores" [ "$(wc -l <"$scratch/scores")" -gt 20 ]

for variant in "--generator gaussian --activations encoder --sigma 3" \
    "--generator none --activations both" "--trivial off --clip-kind weights --clip 0.05" \
    "--lambda-n 1 --lambda-g 1"; do
    # shellcheck disable=SC2086  # options and their values
    succeeds "training with $variant" "${train[@]}" --model "$scratch/variant.da3d" --seed 7 $variant
    cmp -s "$model" "$scratch/variant.da3d"
    check "it is another model" [ $? -eq 1 ]
    da3dd -r "$lab/mini.pcap" --model "$scratch/variant.da3d"
    check "it scores as many flows" [ "$(wc -l <"$scratch/out")" -eq "$(wc -l <"$scratch/scores")" ]
done

# parameters OPTION...: how many a model has; the code is 2 wide.
parameters() {
    da3dd --train "$capture" --method paper --epochs 1 --encoder "12,6,2" --alarm "16,8" \
        --model "$scratch/sized.da3d" "$@"
    sed -n 's/^da3dd: \([0-9]*\) parameters;.*/\1/p' "$scratch/err"
}

sized=$(parameters --discriminator 3 --generator-widths 4 --noise 2)
check "a generator 2 wider has 2 * (2 + 1 + 2) parameters more" [ $((sized + 10)) -eq \
    "$(parameters --discriminator 3 --generator-widths 6 --noise 2)" ]
check "3 more random numbers have 3 * 4 parameters more" [ $((sized + 12)) -eq \
    "$(parameters --discriminator 3 --generator-widths 4 --noise 5)" ]
check "discriminator and critic 2 wider have 2 * 2 * (2 + 1 + 1) parameters more" \
    [ $((sized + 16)) -eq "$(parameters --discriminator 5 --generator-widths 4 --noise 2)" ]

cp "$model" "$scratch/old"
for bytes in 1 8 20; do
    (
        ulimit -f "$bytes"
        da3dd "${train[@]}" --model "$model" --seed 9
        [ "$status" -eq 1 ] && grep -q "model.da3d: File too large" "$scratch/err"
    )
    check "a write that fails after $bytes blocks is one error" [ $? -eq 0 ]
    check "and leaves the old model" cmp -s "$model" "$scratch/old"
    check "and nothing else" [ "$(find "$scratch" -name '.da3dd-*' | wc -l)" -eq 0 ]
done
refuses "a folder that is not there" 1 "No such file" "${train[@]}" --model /nonexistent/m.da3d
refuses "a folder as the model" 1 "not a regular file" "${train[@]}" --model "$scratch"
refuses "a model without a name" 1 "does not name a file" "${train[@]}" --model ""
refuses "a model that ends in a slash" 1 "does not name a file" "${train[@]}" --model "$scratch/m/"
refuses "a model with too long a name" 1 "File name too long" \
    "${train[@]}" --model "$scratch/$(printf 'm%.0s' {1..300})"
mkfifo "$scratch/fifo"
refuses "a pipe as the model" 1 "not a regular file" -r "$lab/mini.pcap" --model "$scratch/fifo"
refuses "no usable flow" 1 "no usable flow" "${train[@]}" --model "$scratch/none.da3d" -- port 65533
check "and no model" [ ! -e "$scratch/none.da3d" ]
refuses "too few flows" 1 "none.da3d: training: .*too few" --train "$lab/mini.pcap" --model "$scratch/none.da3d" -- icmp
{
    echo a,b
    seq -f '%g,1' 100
} >"$scratch/table.csv"
refuses "a training that diverges" 1 "none.da3d: training: diverged in epoch [0-9]+ of stage 1" \
    --train "$scratch/table.csv" --model "$scratch/none.da3d" --quiet --learning-rate 1 \
    --epochs 2000,1 --alarm 4 --encoder "$(printf '40,%.0s' {1..15})2"
check "leaves no model" [ ! -e "$scratch/none.da3d" ]
succeeds "nothing to score is no fault" -r "$lab/mini.pcap" --model "$model" -- port 65533
check "and gives no line" [ ! -s "$scratch/out" ]

refuses "a missing model" 1 "nosuch: No such file" -r "$lab/mini.pcap" --model "$scratch/nosuch"
: >"$scratch/empty"
refuses "an empty model" 1 "empty: empty file" -r "$lab/mini.pcap" --model "$scratch/empty"
refuses "a capture as a model" 1 "not a da3dd model" -r "$lab/mini.pcap" --model "$lab/mini.pcap"

# alter WHAT: python expression over the file's bytes `b`; re-signed where the digest must fit.
alter() {
    python3 - "$model" "$scratch/altered" "$1" <<'P'
import hashlib, sys
b = bytearray(open(sys.argv[1], "rb").read())
def sign(b):
    return bytes(b[:-32]) + hashlib.sha256(bytes(b[:-32])).digest()
def patch(at, new):
    return bytes(b[:at]) + new + bytes(b[at + len(new):])
open(sys.argv[2], "wb").write(eval(sys.argv[3]))
P
}

size=$(stat -c %s "$model")
for cut in 1 31 32 100 $((size / 2)) $((size - 9)); do
    alter "b[:-$cut]"
    refuses "a model short of $cut bytes" 1 "damaged|not a da3dd model" \
        -r "$lab/mini.pcap" --model "$scratch/altered"
done
alter "bytes(b) + b'x'"
refuses "a model with a byte more" 1 "damaged" -r "$lab/mini.pcap" --model "$scratch/altered"
wrong=0
for at in $(seq 0 997 $((size - 1))) $((size - 1)); do
    alter "patch($at, bytes([b[$at] ^ 1]))"
    da3dd -r "$lab/mini.pcap" --model "$scratch/altered"
    [ "$status" -eq 1 ] && grep -qE "altered: (damaged|not a da3dd)" "$scratch/err" || wrong=$at
done
check "a model altered in any byte is refused (byte $wrong)" [ "$wrong" -eq 0 ]
alter "sign(patch(8, b'\\x63\\0\\0\\0'))"
refuses "a model of another version" 1 "version 99" -r "$lab/mini.pcap" --model "$scratch/altered"
alter "sign(bytes(b).replace(b'flow-v4', b'flow-v9'))"
refuses "a model of another feature set" 1 "feature set 'flow-v9'" \
    -r "$lab/mini.pcap" --model "$scratch/altered"
alter "sign(bytes(b).replace(b'FlowSentRate', b'FlowSentRite'))"
refuses "a model with another column" 1 "FlowSentRite" -r "$lab/mini.pcap" --model "$scratch/altered"
alter "sign(bytes(b[:-40]) + b[-32:])"
refuses "a signed model that is cut" 1 "altered: " -r "$lab/mini.pcap" --model "$scratch/altered"

# How flows are made is the model's, unless an option says otherwise.
other="$scratch/other.da3d"
succeeds "training on other flows" "${train[@]}" --model "$other" --seed 7 \
    --flow-idle 3 --flow-max-samples 16 --tunnels outer
da3dd -r "$lab/mini.pcap" --model "$other" && cp "$scratch/out" "$scratch/as_trained"
grep -q "trained with other flows" "$scratch/err"
check "scoring as in training brings no warning" [ $? -eq 1 ]
da3dd -r "$lab/mini.pcap" --model "$other" --flow-idle 3 --flow-max-samples 16 --tunnels outer
check "and is what the same options give" cmp -s "$scratch/out" "$scratch/as_trained"
da3dd -r "$lab/mini.pcap" --model "$other" --flow-idle 40 --tunnels gre,vxlan
check "other options bring one warning, which names them" grep -qE \
    "other.da3d: .*flow.idle 3s, here 40s; flow.tunnels outer, here gre,vxlan; scores may mislead" \
    "$scratch/err"
check "and only one" [ "$(grep -c "scores may mislead" "$scratch/err")" -eq 1 ]
cmp -s "$scratch/out" "$scratch/as_trained"
check "they are other flows" [ $? -eq 1 ]
alter "sign(bytes(b).replace(b'flow.idle' + bytes(23) + bytes(6) + b'\x44\x40',
                             b'flow.idle' + bytes(23) + bytes(6) + b'\x44\xc0'))"
refuses "a model of impossible flows" 1 "altered: .*flow.idle cannot be -40" \
    -r "$lab/mini.pcap" --model "$scratch/altered"

done_testing
