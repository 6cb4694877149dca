#!/bin/bash
# The service under a real systemd, in a container: installed, started, watched, reloaded, stopped.
# DA3DD_SYSTEMD_ROOT names a system to boot over (a folder with systemd and what da3dd is linked
# with; "/" is this one); nothing is written to it. Or DA3DD_SYSTEMD=1 lets debootstrap make one.
. "$(dirname "$0")/lib.bash"

not_here() {
    skip "the service under systemd" "$1"
    done_testing
}
[ "$(id -u)" -eq 0 ] || not_here "not root"
command -v systemd-nspawn >/dev/null || not_here "no systemd-nspawn"
[[ $DA3DD == */asan/* ]] && not_here "what make install installs is another program"
system=${DA3DD_SYSTEMD_ROOT-}
if [ -z "$system" ]; then
    if [ "${DA3DD_SYSTEMD-}" != 1 ] || ! command -v debootstrap >/dev/null; then
        not_here "no DA3DD_SYSTEMD_ROOT; DA3DD_SYSTEMD=1 would make one by debootstrap"
    fi
    system=$scratch/system
    packages=systemd,libpcap0.8,libevent-core-2.1-7,libopenblas0-pthread,libjson-c5,libgcrypt20
    packages+=,libsodium23,libsystemd0,libyaml-0-2,libcap-ng0,libseccomp2,iproute2,procps,socat,tcpreplay
    debootstrap --variant=minbase --include="$packages" bookworm "$system" >"$scratch/out" 2>"$scratch/err" ||
        not_here "debootstrap failed"
fi

machine=$scratch/machine
mkdir "$scratch/over" "$machine"
# shellcheck disable=SC2317  # by trap
clean_up() {
    umount -q "$machine" "$scratch/over"
    rm -rf "$scratch"
}
trap clean_up EXIT
over() {
    mount -t tmpfs tmpfs "$scratch/over" && mkdir "$scratch/over/upper" "$scratch/over/work" &&
        mount -t overlay overlay "$machine" \
            -o "lowerdir=$system,upperdir=$scratch/over/upper,workdir=$scratch/over/work"
}
over || not_here "no overlay file system"

make -C "$root" --no-print-directory install DESTDIR="$machine" PREFIX=/usr >"$scratch/out" 2>"$scratch/err"
check "make install DESTDIR" [ $? -eq 0 ]
mkdir -p "$machine/test" "$machine/var/lib/da3dd"
"$DA3DD" --train "$lab/train.pcap.gz" --epochs 1 --encoder 12,6,2 --alarm 16,8 --quiet \
    --model "$machine/var/lib/da3dd/model.da3d"
zcat "$lab/test.pcap.gz" >"$machine/test/attacks.pcap"
cp "$lab/mini.pcap" "$machine/var/lib/da3dd/model.da3d" "$machine/test"
"$DA3DD" -r "$machine/test/attacks.pcap" --model "$machine/var/lib/da3dd/model.da3d" --quiet |
    grep -o '"community_id":"[^"]*"' | sort -u >"$machine/test/expected"
cp "$root/tests/integration/systemd_inside.bash" "$machine/test/inside"
sed -i 's/name: eth0/name: vb/; s/idle: model/idle: 2s/; s/threshold: 0$/threshold: 0.000001/
    s/rate: 120/rate: 0/; s/queue: 4096/queue: 100000/; s/fold: 1m/fold: 0/' "$machine/etc/da3dd/da3dd.yaml"
cat >"$machine/etc/systemd/system/test.service" <<'U'
[Unit]
Requires=basic.target
After=basic.target
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/bash /test/inside
StandardOutput=file:/test/tap
StandardError=file:/test/err
TimeoutStartSec=110
U

timeout -s KILL 120 systemd-nspawn --quiet --directory="$machine" --boot --keep-unit --register=no \
    --private-network --link-journal=no \
    --system-call-filter="landlock_create_ruleset landlock_add_rule landlock_restrict_self" \
    systemd.unit=test.service >"$scratch/boot" 2>&1 </dev/null
if [ ! -s "$machine/test/tap" ]; then
    sed 's/^/# /' "$scratch/boot" | tail -n 20
    not_here "no container can be booted here"
fi
relay cat "$machine/test/tap"
if grep -q '^not ok' "$machine/test/tap"; then
    tests_failed=1
    sed 's/^/#   /' "$machine/test/err" "$machine/test/log" | tail -n 40
fi
check "all of it has been looked at" grep -q "^# the end$" "$machine/test/tap"
done_testing
