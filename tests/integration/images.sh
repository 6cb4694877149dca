#!/bin/bash
# Images in IDX files: learned, scored and evaluated; what is wrong with one is named.
. "$(dirname "$0")/lib.bash"

cd "$scratch" || exit 1
cat >make.py <<'P'
import random
import struct

random.seed(6)
SIDE = 28

def picture(label):
    """0: a bright square, 1: a bright frame; somewhere, on noise."""
    size, y, x = random.randint(8, 12), random.randint(2, 14), random.randint(2, 14)
    pixels = [[random.randint(0, 30) for _ in range(SIDE)] for _ in range(SIDE)]
    for i in range(size):
        for j in range(size):
            if label == 0 or i in (0, size - 1) or j in (0, size - 1):
                pixels[y + i][x + j] = random.randint(180, 255)
    return bytes(sum(pixels, []))

def write(name, labels):
    with open(name + ".images", "wb") as file:
        file.write(struct.pack(">IIII", 0x803, len(labels), SIDE, SIDE))
        file.write(b"".join(picture(label) for label in labels))
    with open(name + ".labels", "wb") as file:
        file.write(struct.pack(">II", 0x801, len(labels)) + bytes(labels))

write("train", [i % 4 == 3 for i in range(160)])
write("test", [i % 2 for i in range(60)])
whole = open("train.images", "rb").read()
with open("short.images", "wb") as file:
    file.write(whole[:-1])
with open("long.images", "wb") as file:
    file.write(whole + b"x")
with open("header.images", "wb") as file:
    file.write(whole[:9])
with open("none.images", "wb") as file:
    file.write(struct.pack(">IIII", 0x803, 0, SIDE, SIDE))
with open("huge.images", "wb") as file:
    file.write(struct.pack(">IIII", 0x803, 1, 1 << 31, 1 << 31))
for side in (32, 100):
    with open(f"side{side}.images", "wb") as file:
        file.write(struct.pack(">IIII", 0x803, 100, side, side) + bytes(100 * side * side))
P
python3 make.py
model=$scratch/model.da3d
net=(--epochs 1 --encoder "4,3,2,4" --alarm 8 --batch 32)
labels=(--labels train.labels --normal-label 0)

succeeds "training on images" --train train.images "${labels[@]}" "${net[@]}" --model "$model"
check "normal ones are told by their labels" \
    grep -q "read 160 images of 28 x 28 pixels: 120 normal" err
gzip -c <train.images >train.images.gz
gzip -c <train.labels >train.labels.gz
succeeds "training on compressed images and labels" --train train.images.gz \
    --labels train.labels.gz --normal-label 0 "${net[@]}" --model packed.da3d
check "gives the same model" cmp -s packed.da3d "$model"
succeeds "scoring" --score test.images --model "$model"
check "a header and one line for each image" [ "$(wc -l <out)" -eq 61 ]
succeeds "evaluation" --eval test.images --labels test.labels --normal-label 0 --model "$model"
check "over all images" grep -qE '^AUC [0-9.]+ AP [0-9.]+' out
succeeds "training without labels: all are normal" --train train.images "${net[@]}" \
    --model all.da3d
succeeds "dense layers on images" --train train.images --layers dense --epochs 1 --encoder "16,4" \
    --alarm 8 --model dense.da3d
succeeds "dense layers on images of any size" --train side32.images --layers dense --epochs 1 \
    --encoder "16,4" --alarm 8 --model side.da3d
for read in encoder both; do
    succeeds "an alarm network that reads $read" --train train.images --activations "$read" \
        "${net[@]}" --model read.da3d
    succeeds "and its scores" --score test.images --model read.da3d
done

train() { refuses "$1" 1 "$2" --train "$3" "${net[@]}" --model new.da3d "${@:4}"; }
train "images that are cut off" 'short.images: cut off in item 160 of 160' short.images
train "images that go on" 'long.images: goes on behind item 160' long.images
train "half a header" 'header.images: cut off in its header' header.images
train "no images" 'none.images: holds nothing' none.images
train "images of an absurd size" 'huge.images: its header says' huge.images
train "images that are too large" '100 x 100 pixels: more than 4096' side100.images
train "images that convolutions cannot take" 'take heights and widths of 28, 44, 60' side32.images
train "labels that are images" 'train.images: not an IDX file of labels' train.images \
    --labels train.images
train "labels of other images" '60 labels, and train.images has 160' train.images \
    --labels test.labels
train "no normal image" 'none of 160 images is normal' train.images --labels train.labels \
    --normal-label 7
train "an option of tables" '--label-column.* for tables' train.images --label-column x
train "an option of captures" 'for captures' train.images --features doh
refuses "an encoder of other depth" 1 '3 layers, not the 4' --train train.images --encoder "4,3,2" \
    --model new.da3d
refuses "convolutions over a table" 1 'convolutional layers are for images' \
    --train "$root/tests/lab/captures/train.pcap.gz" --layers conv --model new.da3d
check "nothing was written" [ ! -e new.da3d ]
refuses "images of another shape" 1 'side32.images: images of 32 x 32 pixels, not 28 x 28' \
    --score side32.images --model "$model"
refuses "a table with a model of images" 1 'make.py: not an IDX file of images' --score make.py \
    --model "$model"
refuses "a capture with a model of images" 1 'image-v1' -r "$lab/mini.pcap" --model "$model"

fashion=/usr/share/datasets/fashion-mnist
if [ -d "$fashion" ]; then
    succeeds "scoring Fashion-MNIST" --score "$fashion/t10k-images-idx3-ubyte.gz" --model "$model"
    check "every image" [ "$(wc -l <out)" -eq 10001 ]
else
    skip "Fashion-MNIST" "package dataset-fashion-mnist is not installed"
fi

done_testing
