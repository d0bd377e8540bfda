#!/bin/sh
# slash16.sh [BUILD]: a whole /16 of loopback (65,536 addresses, one server bound to all) into PostgreSQL: the main job at
# scale. Prints rate, CPU of certsweep (keeper and worker, not PostgreSQL's), peak memory, and checks the account: every
# address once, none missing, none twice.
set -eu
build=${1:-build/release}
certsweep=$build/scanner/cli/certsweep
measure=$build/tests/bench/bench_measure
replay=$build/tests/farm/replay
port=8479
work=$(mktemp -d /tmp/certsweep-slash16.XXXXXX)
chmod 755 "$work"
server=''
CERTSWEEP_HOME=$work/home CERTSWEEP_BUNDLES=$work/bundles XDG_CONFIG_HOME=$work/config
export CERTSWEEP_HOME CERTSWEEP_BUNDLES XDG_CONFIG_HOME
unset CERTSWEEP_DB

finish() {
    [ -z "$server" ] || kill "$server" 2> /dev/null || :
    "$certsweep" db stop > /dev/null 2>&1 || :
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir -m 700 "$CERTSWEEP_HOME"
if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME"; fi
if [ "$(id -u)" -eq 0 ]; then as='setpriv --reuid=certsweep --regid=certsweep --clear-groups'; else as=''; fi
# shellcheck disable=SC2086
ask() { (cd / && $as psql -X -A -t -d "$dsn" -c "$1"); }
"$certsweep" db start > /dev/null 2>&1
dsn=$("$certsweep" db dsn)
timeout 300 "$replay" -p $port -v 1.3 > "$work/replay.log" 2>&1 &
server=$!
sleep 1

"$measure" "$work/result" "$certsweep" scan -q --depth cert --rate max "127.72.0.0/16:$port" > "$work/out" 2> "$work/log" ||
    { cat "$work/log"; exit 1; }
read -r user system wall memory code < "$work/result"
[ "$code" = 0 ] || { cat "$work/log"; exit 1; }

awk -v user="$user" -v sys="$system" -v wall="$wall" -v memory="$memory" 'BEGIN {
    n = 65536
    printf "| what | figure |\n|---|---|\n"
    printf "| targets, all into PostgreSQL and reconciled | %d in %.1f s, %.0f a second |\n", n, wall / 1e6, n / wall * 1e6
    printf "| CPU of certsweep per target | %.1f us user, %.1f us system |\n", user / n, sys / n
    printf "| peak memory of the largest process | %.0f MiB |\n", memory / 1024
}'
wrong=0
expect() { [ "$2" = "$3" ] || { echo "WRONG: $1: $2, expected $3"; wrong=1; }; }
expect 'account of positions' "$(ask 'SELECT sum(count) FROM scan_outcome')" 65536
expect 'observed and quiet addresses' \
    "$(ask 'SELECT (SELECT count(DISTINCT address) FROM endpoint) + (SELECT coalesce(sum(bit_count(addresses)), 0) FROM quiet)')" 65536
expect 'endpoints asked twice' "$(ask 'SELECT count(*) - count(DISTINCT endpoint) FROM observation')" 0
expect 'chains' "$(ask 'SELECT count(*) FROM serving')" 65536
exit $wrong
