#!/bin/sh
# packages.sh SOURCE: both Debian packages are made, carry what they should, and the program in them runs. The
# sensor's must not depend on PostgreSQL, and has none of its commands.
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "packages.sh: $*" >&2; exit 1; }

for kind in package package-sensor; do
    (cd "$source" && cmake --preset $kind -B "$work/$kind" && cmake --build "$work/$kind" && cd "$work/$kind" && cpack) \
        > "$work/log" 2>&1 || { tail -40 "$work/log" >&2; fail "$kind is not built"; }
done

for name in certsweep certsweep-sensor; do
    kind=package
    [ $name = certsweep ] || kind=package-sensor
    deb=$(echo "$work/$kind/$name"_*.deb)
    [ -f "$deb" ] || fail "no $name in $work/$kind"
    root=$work/root-$name
    dpkg-deb -x "$deb" "$root"
    for file in usr/bin/certsweep usr/lib/systemd/system/certsweep.service usr/lib/systemd/system/certsweep.timer usr/lib/tmpfiles.d/certsweep.conf \
        usr/libexec/certsweep/run-plans usr/share/man/man1/certsweep.1 usr/share/man/man1/certsweep-scan.1 \
        "usr/share/doc/$name/copyright"; do
        [ -s "$root/$file" ] || fail "$name lacks $file"
    done
    "$root/usr/bin/certsweep" --version
    grep -q '^ExecStart=/usr/libexec/certsweep/run-plans /usr/bin/certsweep$' \
        "$root/usr/lib/systemd/system/certsweep.service" || fail "$name: the service starts something else"
done

depends=$(dpkg-deb -f "$work"/package-sensor/certsweep-sensor_*.deb Depends Recommends)
case $depends in *libpq* | *postgresql*) fail "the sensor wants PostgreSQL: $depends" ;; esac
if "$work/root-certsweep-sensor/usr/bin/certsweep" --help | grep -q '^  db'; then fail "the sensor has db commands"; fi
for file in usr/lib/systemd/system/certsweep-database.service usr/lib/systemd/system/certsweep-notices.service \
    usr/lib/systemd/system/certsweep-notices.timer usr/share/doc/certsweep/examples/ticket-jira.json; do
    [ -s "$work/root-certsweep/$file" ] || fail "the package lacks $file"
done
[ ! -e "$work/root-certsweep-sensor/usr/lib/systemd/system/certsweep-notices.timer" ] || fail "the sensor tells owners"
[ -x "$work/root-certsweep/usr/bin/certsweep" ] && "$work/root-certsweep/usr/bin/certsweep" --help | grep -q '^  db ' ||
    fail "the package lacks the db commands"
