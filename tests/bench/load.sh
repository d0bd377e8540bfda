#!/bin/sh
# load.sh [BUILD [COUNT]]: COUNT (100,000) certificates at as many addresses into PostgreSQL, the scan of the next day too,
# reconciled and reported. Prints how long each step takes, as who waits for it sees it.
set -eu
build=$(realpath -- "${1:-build/release}")
count=${2:-100000}
certsweep=$build/scanner/cli/certsweep
work=$(mktemp -d /tmp/certsweep-load.XXXXXX)
chmod 755 "$work"
CERTSWEEP_HOME=$work/home XDG_CONFIG_HOME=$work/config
export CERTSWEEP_HOME XDG_CONFIG_HOME
unset CERTSWEEP_DB

finish() {
    "$certsweep" db stop > /dev/null 2>&1 || :
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir -m 700 "$CERTSWEEP_HOME"
if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME"; fi
"$build/tests/bench/bench_bundle" "$count" "$work/first.bundle" "$work/second.bundle"
printf '[policy]\nname = bench\n[own ca: Agency]\nissuer = O=Agency\n' > "$work/policy.ini"
{
    echo 'common name,issuer,owner'
    awk -v n="$count" 'BEGIN { for (i = 0; i < n; i += 2) printf "host-%d.agency-%d.example,,Agency %d\n", i, i % 40, i % 40 }'
} > "$work/managed.csv"
{
    echo 'prefix,name suffix,owner'
    awk 'BEGIN { for (i = 0; i < 40; i++) printf ",agency-%d.example,Agency %d\n10.%d.0.0/16,,Network %d\n", i, i, i, i }'
} > "$work/owners.csv"
"$certsweep" db start > /dev/null 2>&1

step() {    # NAME COMMAND...
    name=$1
    shift
    from=$(date +%s.%N)
    "$@" > "$work/out" 2>&1 || { cat "$work/out"; exit 1; }
    to=$(date +%s.%N)
    awk -v name="$name" -v from="$from" -v to="$to" -v n="$count" \
        'BEGIN { printf "| %-30s | %6.1f s | %8.0f a second |\n", name, to - from, n / (to - from) }'
}
printf '| %s | time | rate |\n|---|---|---|\n' "$count certificates"
step 'load and reconcile, all new' "$certsweep" load "$work/first.bundle"
step 'import half as managed' "$certsweep" managed import --source bench "$work/managed.csv"
step 'import owners' "$certsweep" owners import "$work/owners.csv"
step 'use a policy' "$certsweep" policy use "$work/policy.ini"
step 'reconcile, all to be judged anew' "$certsweep" reconcile
step 'reconcile, nothing new' "$certsweep" reconcile
step 'load and reconcile the next day' "$certsweep" load "$work/second.bundle"
for report in summary unmanaged expiring weak foreign coverage; do
    step "report $report" "$certsweep" report $report --format csv
done
step 'report discovery' "$certsweep" report discovery -o "$work/report.html"
