#!/bin/bash
# The command line: what it says of itself, and how it answers what makes no sense.
. "$(dirname "$0")/lib.bash"

version=$(sed -n 's/^#define DA3DD_VERSION "\(.*\)"/\1/p' "$root/daemon/version.h")
succeeds "-V" -V
check "-V prints the version" grep -qx "da3dd $version" "$scratch/out"
succeeds "--help" --help
missing=
for word in --train -r --eval --extract --model; do
    grep -q -e "$word" "$scratch/out" || missing+=" $word"
done
check "--help names every mode${missing:+; missing:$missing}" [ -z "$missing" ]
succeeds "--build-info" --build-info
check "--build-info names libpcap" grep -q "libpcap version" "$scratch/out"

undocumented=
for option in $("$DA3DD" --help | grep -oE -- '--[a-z-]+' | sort -u); do
    grep -q -e "Fl ${option#-}" "$root/man/da3dd.8" || undocumented+=" $option"
done
check "every option stands in da3dd(8)${undocumented:+; missing:$undocumented}" [ -z "$undocumented" ]

refuses "nothing to do" 2 "nothing to do"
refuses "two things to do" 2 "more than one thing" -r "$lab/mini.pcap" --extract "$lab/mini.pcap"
check "--help begins with three usages" [ "$("$DA3DD" --help | sed '/^$/q' | grep -c da3dd)" -eq 3 ]
refuses "an unknown option" 2 "^da3dd: error: unknown option '--frobnicate'; see da3dd --help$" \
    --frobnicate
refuses "an unknown letter" 2 "error: unknown option '-x'; see" -qx
refuses "an ambiguous option" 2 "error: unknown option '--e'; see" --e
refuses "an option without its argument" 2 "error: option '--model' needs an argument" \
    -r "$lab/mini.pcap" --model
refuses "a letter without its argument" 2 "error: option '-r' needs an argument" -r
refuses "an argument for an option without one" 2 "error: option '--quiet=1' takes no argument" \
    --quiet=1
refuses "no model" 2 "--model FILE is missing" -r "$lab/mini.pcap"
refuses "no labels" 2 "--labels" --eval "$lab/mini.pcap" --model x
refuses "an unknown feature set" 2 "no set 'x'" --extract "$lab/mini.pcap" --features x
refuses "a feature set where the model knows its own" 2 "--features goes with" \
    -r "$lab/mini.pcap" --model x --features doh
refuses "an unknown row rule" 2 "--rows: 'x' is not one of native.dohmeter.kdd99" \
    --extract "$lab/mini.pcap" --rows x
refuses "a row rule with another tool's features" 2 "--rows kdd99 gives the columns of .*kdd" \
    --extract "$lab/mini.pcap" --rows kdd99 --features doh
refuses "a row rule for a model" 2 "--rows dohmeter goes with --extract" \
    --train "$lab/mini.pcap" --model x --rows dohmeter
refuses "an unknown method" 2 "--method: 'x' is not one of default.paper" --model x --method x
refuses "a seed that is not a number" 2 "--seed: 'x'" --train "$lab/mini.pcap" --model x --seed x
refuses "a negative batch" 2 "--batch: '-1'" --train "$lab/mini.pcap" --model x --batch -1
refuses "a dropout of 1" 2 "error: --dropout: 1 is not 0 to 0.9" --train "$lab/mini.pcap" --model x --dropout 1
refuses "a dropout of nan" 2 "--dropout: 'nan'" --train "$lab/mini.pcap" --model x --dropout nan
refuses "an encoder that is no list" 2 "--encoder: '5,,2'" \
    --train "$lab/mini.pcap" --model x --encoder 5,,2
refuses "a discriminator with an empty layer" 2 "--discriminator: '0' is not a list of 1 to 16" \
    --train "$lab/mini.pcap" --model x --discriminator 0
refuses "a generator that is no list" 2 "--generator-widths: 'gan' is not a list" \
    --train "$lab/mini.pcap" --model x --generator-widths gan
refuses "more noise than any layer takes" 2 "--noise: '16385' is not a whole number" \
    --train "$lab/mini.pcap" --model x --noise 16385
refuses "a false alarm rate of 0" 2 "--target-fpr: 0 is not" \
    --train "$lab/mini.pcap" --model x --target-fpr 0
for value in 0.51 -0.1 x nan; do
    refuses "a trim of '$value'" 2 "--trim: '?$value'? is not (a number|0 to 0.5)" \
        --train "$lab/mini.pcap" --model x --trim "$value"
done
refuses "a trim where no view could leave rows out" 2 "error: --trim: rows are left out of the views" \
    --train "$lab/mini.pcap" --model x --method paper --trim 0.1
for value in x 1023K 2T -1 99999999999999999999 ""; do
    refuses "a memcap of '$value'" 2 "^da3dd: error: --flow-memcap: '$value' is not a size from 1M" \
        --extract "$lab/mini.pcap" --flow-memcap "$value"
done
refuses "no samples" 2 "--flow-max-samples: '0' is not a whole number from 1" \
    --extract "$lab/mini.pcap" --flow-max-samples 0
refuses "an idle time of two days" 2 "--flow-idle: '172800' is not a whole number of seconds" \
    --extract "$lab/mini.pcap" --flow-idle 172800
refuses "three epoch numbers" 2 "--epochs: '2,3' is not" \
    --train "$lab/mini.pcap" --model x --epochs 1,2,3
refuses "zero epochs" 2 "--epochs: 0 is not 1 to 1000000" --train "$lab/mini.pcap" --model x --epochs 0
refuses "zero epochs of the second stage" 2 "--epochs: 0 is not 1" \
    --train "$lab/mini.pcap" --model x --epochs 1,0
refuses "a code without a hidden layer" 2 "--encoder: 1 layers, not 2 to 16" \
    --train "$lab/mini.pcap" --model x --encoder 5
refuses "a convolutional encoder of two layers" 2 "--encoder: 2 layers, not the 4" \
    --train "$lab/mini.pcap" --model x --layers conv --encoder 8,4
refuses "a learning rate of 0" 2 "--learning-rate: 0 is not" \
    --train "$lab/mini.pcap" --model x --learning-rate 0
refuses "no noise" 2 "--noise: 0 is not 1 to" --train "$lab/mini.pcap" --model x --noise 0
refuses "an unknown generator" 2 "--generator: 'x' is not one of gan.gaussian.none" \
    --train "$lab/mini.pcap" --model x --generator x
refuses "trivial anomalies neither on nor off" 2 "--trivial: 'yes' is not one of off.on" \
    --train "$lab/mini.pcap" --model x --trivial yes
refuses "no anomalies at all" 2 "--generator: no anomalies to learn on" \
    --train "$lab/mini.pcap" --model x --generator none --trivial off
refuses "activations of nobody" 2 "not one of decoder.encoder.both" \
    --train "$lab/mini.pcap" --model x --activations critic
refuses "a choice cut short" 2 "not one of off.on" \
    --train "$lab/mini.pcap" --model x --trivial o
refuses "two choices" 2 "not one of off.on" --train "$lab/mini.pcap" --model x --trivial "off|on"
refuses "an unknown clip" 2 "not one of gradient-norm.weights" \
    --train "$lab/mini.pcap" --model x --clip-kind norm
refuses "a clip of 0" 2 "--clip: 0 is not" --train "$lab/mini.pcap" --model x --clip 0
for option in --sigma --lambda-n --lambda-g --clip; do
    refuses "a negative number for $option" 2 "error: $option: -1 is not" \
        --train "$lab/mini.pcap" --model x "$option" -1
done
# Options that would do nothing.
refuses_unread() {
    refuses "$1 where nobody reads it" 2 "$1 has no effect with $2: see" "${@:3}"
}
refuses_unread --epochs -r -r "$lab/mini.pcap" --model x --epochs 1,2
refuses_unread --generator --eval --eval "$lab/mini.pcap" --labels x --model x --generator none
refuses_unread --flow-idle --score --score "$lab/mini.pcap" --model x --flow-idle 3
refuses_unread --tunnels --score --score "$lab/mini.pcap" --model x --tunnels outer
refuses_unread --json --score --score "$lab/mini.pcap" --model x --json
refuses_unread --labels -r -r "$lab/mini.pcap" --model x --labels y
refuses_unread --model --extract --extract "$lab/mini.pcap" --model x
refuses_unread --flow-active --list-features --list-features --flow-active 3
refuses_unread --seed "-i and -c" -i lo --model x --seed 1
refuses "flow options for tables that are evaluated" 2 "options of flows are for captures" \
    --eval "$lab/mini.pcap" --label-column x --model x --flow-idle 3
succeeds "but help is given whatever else stands there" --help --json
refuses "a filter that is none" 2 "filter 'nosuch.pcap'.*nor is there a file" \
    --extract "$lab/mini.pcap" nosuch.pcap
refuses "a filter behind --" 2 "filter 'tcp tcp'" --extract "$lab/mini.pcap" -- tcp tcp
refuses "a missing capture" 2 "^da3dd: error: /nonexistent: No such file" --extract /nonexistent

done_testing
