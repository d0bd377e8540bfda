#!/bin/sh
# trouble.sh CERTSWEEP: what the machine may lack. A full disk under bundle, report and database, few descriptors, no route,
# a file that cannot be read, a wrong setting: each is a clear message that names the place, with its exit
# code, nothing half-written, and it goes on afterwards. Needs mount and network namespaces, or it skips.
# shellcheck disable=SC2086    # $patient is words
set -u
if [ "${2-}" != inside ]; then
    unshare --mount --net true 2> /dev/null || { echo 'SKIP: namespaces are not permitted here; no trouble was made'; exit 77; }
    exec unshare --mount --net "$0" "$1" inside
fi
certsweep=$1
# shellcheck source=tests/acceptance/inventories.sh
. "$(dirname -- "$0")/inventories.sh"
net=127.73.64
work_begin trouble
trap '"$certsweep" db stop > /dev/null 2>&1; umount "$work/small"; work_end' EXIT
ip link set lo up
mkdir "$work/small"
small() { mountpoint -q "$work/small" && umount "$work/small"; mount -t tmpfs -o "size=$1,mode=0755" none "$work/small"; }
larger() { mount -o "remount,size=$1" "$work/small"; }
left_behind() { find "$work/small" -mindepth 1; }
make_certificate only
serve only 8465

# ---- a full disk under the bundle: what is there is good, and the scan goes on where it was
small 600k
refused 4 'full' "$certsweep" scan $patient --depth cert --rate 8000 --prefix-rate 0 "$net.0/19:8465" -o "$work/small/x.bundle"
must "$certsweep" bundle check "$work/small/x.bundle"
larger 20M
must "$certsweep" scan --resume "$work/small/x.bundle"
must "$certsweep" bundle check "$work/small/x.bundle"
grep -q 'sealed' "$work/out" || wrong "resumed when there was room again, the bundle is not sealed: $(cat "$work/out")"
small 16k
refused 5 'No space left' "$certsweep" scan --depth cert "$net.1:8465" -o "$work/small/y.bundle"
[ -z "$(left_behind)" ] || wrong "a bundle that could not be made leaves: $(left_behind)"

# ---- under the database: the bundle is safe and says so; loaded later, all is there
"$certsweep" scan -q $patient --depth cert --rate 8000 --prefix-rate 0 "$net.0/19:8465" -o "$work/large.bundle" > /dev/null 2>&1
must "$certsweep" bundle check "$work/large.bundle"
answers=$(sed -n 's/^ *\([0-9]*\) observations.*/\1/p' "$work/out")      # a machine under load may miss some
small 10M
mkdir -m 700 "$work/small/home"
[ "$(id -u)" -ne 0 ] || chown certsweep: "$work/small/home"
CERTSWEEP_HOME=$work/small/home
export CERTSWEEP_HOME
refused 3 'No space left' "$certsweep" db start
[ -z "$(find "$work/small/home" -name 'data*')" ] || wrong "initdb on a full disk leaves: $(find "$work/small/home")"
larger 56M                      # the cluster takes 46 MB
must "$certsweep" db start
refused 3 'No space left' "$certsweep" load "$work/large.bundle"
larger 400M
must "$certsweep" db start
must "$certsweep" load "$work/large.bundle"
must "$certsweep" reconcile
loaded=$(ask 'SELECT count(*) FROM observation')
[ "$loaded" = "$answers" ] || wrong "loaded when there was room: $loaded of $answers observations"

# ---- under a report and its output
mkdir "$work/tiny"
mount -t tmpfs -o size=4k,mode=0755 none "$work/tiny"
refused 5 "No space left" "$certsweep" report discovery -o "$work/tiny/report.html"
[ -z "$(find "$work/tiny" -mindepth 1)" ] || wrong "half a report was left: $(find "$work/tiny" -mindepth 1)"
umount "$work/tiny"
"$certsweep" report summary > /dev/full 2> "$work/out"
[ $? -eq 5 ] || wrong 'a report into a full standard output does not end with 5'
"$certsweep" report columns certificates --format schema > /dev/full 2> "$work/out"
[ $? -eq 5 ] || wrong "a schema into a full standard output does not end with 5: $(cat "$work/out")"
"$certsweep" check > /dev/full 2> "$work/out"
[ $? -eq 3 ] || wrong 'a check whose line is lost is not UNKNOWN'
"$certsweep" check --owner 'a|b
c' > "$work/out"
[ "$(wc -l < "$work/out")" = 1 ] || wrong "an UNKNOWN of several lines: $(cat "$work/out")"
! grep -q '|' "$work/out" || wrong "an UNKNOWN that a monitoring system reads numbers from: $(cat "$work/out")"

# ---- few descriptors: slower, nothing lost
# shellcheck disable=SC3045    # dash has it
(ulimit -n 64 && exec "$certsweep" scan $patient --depth cert --rate max "$net.0/24:8465" -o "$work/few.bundle") > "$work/out" 2>&1 ||
    wrong "with 64 descriptors the scan ended with $?: $(cat "$work/out")"
grep -q '256 targets: 256 certificate' "$work/out" || wrong "with 64 descriptors: $(cat "$work/out")"

# ---- no route: an outcome, with its place, and the rest is asked
must "$certsweep" scan --depth cert 10.9.9.0/30:443 "[fd00::9]:443" "$net.1:8465" -o "$work/route.bundle" --jsonl-all="$work/lines"
[ "$(grep -c '"outcome":"unreachable","detail":"no route"' "$work/lines")" = 5 ] || wrong "no route: $(cat "$work/lines")"
grep -q '"outcome":"certificate"' "$work/lines" || wrong 'no route hid an address that has one'

# ---- a wrong setting is reported with its place
mkdir -p "$work/config/certsweep"
printf '[scan]\n\nrate = quick\n' > "$work/config/certsweep/certsweep.conf"
refused 2 'certsweep.conf:3: rate = quick' "$certsweep" scan --dry-run 127.0.0.1
rm -r "$work/config"

# ---- a file that this user may not read
if [ "$(id -u)" -eq 0 ]; then
    printf 'secret\n' > "$work/closed"
    chmod 600 "$work/closed"
    not_root() { setpriv --reuid=65534 --regid=65534 --clear-groups "$certsweep" "$@"; }
    chmod 711 "$work"
    refused 2 "closed: Permission denied" not_root scan --dry-run "@$work/closed"
    refused 2 "closed: Permission denied" not_root scan --dry-run -x "@$work/closed" 127.0.0.1
    refused 2 "closed: Permission denied" not_root scan --dry-run --scope "$work/closed" 127.0.0.1
    refused 5 "closed: Permission denied" not_root bundle check "$work/closed"
fi
echo "$failures wrong"
[ $failures -eq 0 ]
