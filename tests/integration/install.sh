#!/bin/bash
# make install and uninstall under DESTDIR.
. "$(dirname "$0")/lib.bash"

cd "$root" || exit 1
make --no-print-directory install DESTDIR="$scratch/root" PREFIX=/usr >"$scratch/out" 2>"$scratch/err"
check "make install" [ $? -eq 0 ]
DA3DD=$scratch/root/usr/sbin/da3dd
succeeds "the program runs from there" -V
check "with its manual page" [ -s "$scratch/root/usr/share/man/man8/da3dd.8" ]
check "that of its features" [ -s "$scratch/root/usr/share/man/man7/da3dd-features.7" ]
"$scratch/root/usr/sbin/da3ddctl" -V >"$scratch/out"
check "da3ddctl runs from there" [ $? -eq 0 ]
check "with its manual page" [ -s "$scratch/root/usr/share/man/man8/da3ddctl.8" ]
check "completion of both" \
    bash -uc "for f in '$scratch'/root/usr/share/bash-completion/completions/*; do . \"\$f\"; done
              complete -p da3dd da3ddctl >/dev/null"
check "its event schema" cmp -s etc/schema.json "$scratch/root/usr/share/da3dd/schema.json"
check "its user" [ -s "$scratch/root/usr/lib/sysusers.d/da3dd.conf" ]
config=$scratch/root/etc/da3dd/da3dd.yaml
succeeds "its configuration, which is OK" -T -c "$config"
echo "model: /m" >"$config"
make --no-print-directory install DESTDIR="$scratch/root" PREFIX=/usr >"$scratch/out" 2>"$scratch/err"
check "installing again leaves the configuration alone" grep -qx "model: /m" "$config"
make --no-print-directory uninstall DESTDIR="$scratch/root" PREFIX=/usr >"$scratch/out" 2>"$scratch/err"
check "so does uninstalling" [ -s "$config" ]
cp etc/da3dd.yaml "$config"
make --no-print-directory uninstall DESTDIR="$scratch/root" PREFIX=/usr >"$scratch/out" 2>"$scratch/err"
check "make uninstall" [ $? -eq 0 ]
check "leaves no file" [ -z "$(find "$scratch/root" -type f)" ]

# The units as an administrator's systemd would see them, where the program is.
if ! command -v systemd-analyze >/dev/null; then
    skip "the units" "no systemd-analyze"
    done_testing
fi
make --no-print-directory install PREFIX="$scratch/local" SYSCONFDIR="$scratch/etc" >"$scratch/out" 2>"$scratch/err"
units=$scratch/local/lib/systemd/system
check "the unit starts the program that was installed" grep -q \
    "^ExecStart=$scratch/local/sbin/da3dd -c $scratch/etc/da3dd/da3dd.yaml$" "$units/da3dd.service"
check "so does that of retraining" grep -q \
    "^ExecStart=$scratch/local/sbin/da3dd --retrain --quiet -c $scratch/etc/da3dd/da3dd.yaml$" "$units/da3dd-retrain.service"
systemd-analyze verify --man=no "$units"/da3dd* >"$scratch/out" 2>"$scratch/err"
check "systemd-analyze verify" [ $? -eq 0 ]
check "says nothing" [ ! -s "$scratch/err" ]
systemd-analyze security --offline=true --threshold=17 "$units/da3dd.service" >"$scratch/out" 2>"$scratch/err"
check "exposure is 1.7 or less" [ $? -eq 0 ]
systemd-analyze security --offline=true --threshold=17 "$units/da3dd-retrain.service" >"$scratch/out" 2>"$scratch/err"
check "that of retraining as well" [ $? -eq 0 ]

done_testing
