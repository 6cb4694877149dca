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

done_testing
