#!/bin/bash
# What feature sets say of themselves, and categories from a capture to a model and back.
. "$(dirname "$0")/lib.bash"

"$DA3DD" --list-features --man >"$scratch/out" 2>"$scratch/err"
check "da3dd-features(7) is what the program prints" \
    cmp "$root/man/da3dd-features.7" "$scratch/out"

"$DA3DD" --list-features --features kdd >"$scratch/out"
check "--list-features: a line for each of 41 columns and a head" \
    [ "$(wc -l <"$scratch/out")" -eq 42 ]
check "of 8 fields each" [ "$(awk -F '\t' 'NF != 8' "$scratch/out" | wc -l)" -eq 0 ]
check "no line without definition and source" \
    [ "$(awk -F '\t' '$5 == "" || $7 == ""' "$scratch/out" | wc -l)" -eq 0 ]
for set in flow doh kdd; do
    "$DA3DD" --list-features --features $set | tail -n +2 | cut -f 2 | paste -sd , >"$scratch/listed"
    "$DA3DD" --extract "$lab/mini.pcap" --features $set -q | head -n 1 | cut -d , -f 7- >"$scratch/header"
    check "$set: the listed columns are those of --extract" \
        cmp "$scratch/listed" "$scratch/header"
done
refuses "--man without --list-features" 2 "--man goes with --list-features" \
    --man --extract "$lab/mini.pcap"

"$DA3DD" --extract "$lab/mini.pcap" --features kdd -q | cut -d , -f 8-10 | sort -u >"$scratch/out"
check "categories are named" grep -qx 'tcp,http_443,SF' "$scratch/out"

# The order in which NSL-KDD publishes them.
columns=duration,protocol_type,service,flag,src_bytes,dst_bytes,land,wrong_fragment,urgent,hot
columns+=,num_failed_logins,logged_in,num_compromised,root_shell,su_attempted,num_root
columns+=,num_file_creations,num_shells,num_access_files,num_outbound_cmds,is_host_login
columns+=,is_guest_login,count,srv_count,serror_rate,srv_serror_rate,rerror_rate,srv_rerror_rate
columns+=,same_srv_rate,diff_srv_rate,srv_diff_host_rate,dst_host_count,dst_host_srv_count
columns+=,dst_host_same_srv_rate,dst_host_diff_srv_rate,dst_host_same_src_port_rate
columns+=,dst_host_srv_diff_host_rate,dst_host_serror_rate,dst_host_srv_serror_rate
columns+=,dst_host_rerror_rate,dst_host_srv_rerror_rate
check "kdd has NSL-KDD's columns in its order" [ "$(cat "$scratch/listed")" = "$columns" ]

succeeds "--train --features kdd" --train "$lab/mini.pcap" --features kdd --model "$scratch/kdd.da3d" \
    --epochs 1 --encoder 8,3 --alarm 8,4 --quiet
da3dd -r "$lab/mini.pcap" --model "$scratch/kdd.da3d" --quiet
check "-r with such a model scores every flow" \
    [ "$(grep -c '"feature_set":"kdd-v1"' "$scratch/out")" -eq 66 ]

done_testing
