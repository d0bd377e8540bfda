#!/bin/sh
# state.sh [-b BUILD] [-n NIGHTS] [-x] [-l] [-k FOLDER] SIZE: a state's inventory in PostgreSQL. SIZE certificates at three endpoints
# each (bench_state), scanned NIGHTS times (3), SIZE / 5 managed, 2,000 owner rules; the same with SIZE / 10 before, for
# the exponents. Prints each step's wall time, the CPU of client and backends, WAL, and how it grew from SIZE / 10.
# -x  explains each statement while it runs (auto_explain) and fails where a nested loop had more than 10,000 outer rows, or few that
#     read millions, or an estimate was off by more than 1,000 times (state_plans.py); times then mean nothing
# -l  measures reading, too (lists.sh)
# -k  keeps what was generated in FOLDER, or takes it from there
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release nights=3 explain='' lists='' keep=''
while getopts b:n:xlk: option; do
    case $option in
    b) build=$OPTARG ;;
    n) nights=$OPTARG ;;
    x) explain=1 ;;
    l) lists=1 ;;
    k) keep=$OPTARG ;;
    *) sed -n 2,9p "$0" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
size=${1:?state.sh SIZE}
build=$(realpath -- "$build")
certsweep=$build/scanner/cli/certsweep
work=$(mktemp -d "${TMPDIR:-/tmp}/certsweep-state.XXXXXX")
chmod 755 "$work"
unset CERTSWEEP_DB
export XDG_CONFIG_HOME="$work/config"

finish() {
    for home in "$work"/home-*; do
        if [ -d "$home" ]; then CERTSWEEP_HOME=$home "$certsweep" db stop > /dev/null 2>&1 || :; fi
    done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# shellcheck source=tests/bench/backends.sh
. "$here/backends.sh"

step() {    # NAME UNITS COMMAND...
    name=$1 units=$2
    shift 2
    wal=$(sql 'SELECT pg_current_wal_lsn()') server=$(backends_us)
    : > "$work/measured"
    "$build/tests/bench/bench_measure" "$work/measured" "$@" > "$work/out" 2>&1
    backends_wait
    server=$(($(backends_us) - server))
    wal=$(sql "SELECT pg_current_wal_lsn() - '$wal'::pg_lsn")
    awk -v name="$name" -v units="$units" -v server="$server" -v wal="$wal" \
        '{ printf "%s\t%.0f\t%.0f\t%d\t%d\t%d\t%d\t%d\n", name, $3, $1 + $2, server, wal, $4, units, $5 }' "$work/measured" >> "$results"
    case $(awk '{ print $5 }' "$work/measured") in 0 | 1) ;; *) cat "$work/out" >&2; exit 1 ;; esac
}

explain_on() {
    "$certsweep" db stop > /dev/null 2>&1
    cat >> "$(echo "$CERTSWEEP_HOME"/pg*/data/postgresql.conf)" <<END
session_preload_libraries = 'auto_explain'
auto_explain.log_min_duration = 0
auto_explain.log_analyze = on
auto_explain.log_timing = off
auto_explain.log_nested_statements = on
auto_explain.log_format = json
END
    "$certsweep" db start > /dev/null 2>&1
}

run_size() {    # SIZE
    n=$1
    CERTSWEEP_HOME=$work/home-$n results=$work/results-$n data=${keep:-$work}/data-$n
    export CERTSWEEP_HOME
    mkdir -m 700 "$CERTSWEEP_HOME"
    if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME"; fi
    if [ ! -f "$data/part-$(printf %02d $((nights - 1))).bundle" ] || [ ! -f "$data/done" ]; then
        mkdir -p "$data"
        rm -f "$data"/night-* "$data"/again-* "$data"/part-*
        "$build/tests/bench/bench_state" "$n" "$nights" "$data"
        : > "$data/done"
    fi
    "$certsweep" db start > /dev/null 2>&1
    dsn=$("$certsweep" db dsn)
    if [ -n "$explain" ]; then explain_on; fi
    endpoints=$((3 * n))
    step 'make the schema' 1 "$certsweep" managed list
    step 'first load, facts, trust' "$endpoints" "$certsweep" load --no-reconcile "$data/night-00.bundle"
    step 'import managed' $((n / 5)) "$certsweep" managed import --no-reconcile --source bench "$data/managed.csv"
    step 'import CAs' 5 "$certsweep" managed import --no-reconcile --source cas "$data/cas.pem"
    step 'import owners' 2000 "$certsweep" owners import "$data/owners.csv"
    step 'use a policy' 1 "$certsweep" policy use "$data/policy.ini"
    step 'first judgement' "$n" "$certsweep" reconcile
    step 'nothing to judge' "$n" "$certsweep" reconcile
    step 'judge everything again' "$n" "$certsweep" reconcile --full
    step 'judge as of yesterday' "$n" "$certsweep" reconcile --as-of "$(date -u -d yesterday +%F)"
    step 'report as of yesterday' "$n" "$certsweep" report summary --as-of "$(date -u -d yesterday +%F)"
    step 'load the same again' "$endpoints" "$certsweep" load --no-reconcile "$data/night-00.bundle"
    step 'rescan, nothing changed' "$endpoints" "$certsweep" load --no-reconcile "$data/again-00.bundle"
    night=1
    while [ "$night" -lt "$nights" ]; do
        step "rescan $night, 1 % changed" "$endpoints" "$certsweep" load --no-reconcile "$data/night-$(printf %02d "$night").bundle"
        step "judge rescan $night" "$n" "$certsweep" reconcile
        night=$((night + 1))
    done
    hosts=$((2 * n < 65536 ? 2 * n : 65536))
    part=$((hosts + (n < hosts ? n : hosts)))
    step 'scan of a /16, 1 % changed' "$part" "$certsweep" load --no-reconcile "$data/part-$(printf %02d $((nights - 1))).bundle"
    step 'judge that scan' 1 "$certsweep" reconcile
    for report in summary unmanaged expiring weak coverage; do
        step "report $report, first page" 50 "$certsweep" report "$report" --limit 50
    done
    echo "database of $n: $(sql 'SELECT pg_size_pretty(pg_database_size(current_database()))')"
    if [ -n "$lists" ]; then "$here/lists.sh" -b "$build"; fi
    if [ -n "$explain" ]; then python3 "$here/state_plans.py" "$CERTSWEEP_HOME"/pg*/log* "$CERTSWEEP_HOME"/pg*/data/log/* || failed=1; fi
    "$certsweep" db stop > /dev/null 2>&1
    rm -rf "$CERTSWEEP_HOME"
}

failed=
run_size $((size / 10))
run_size "$size"
printf '| %s certificates, %s endpoints | wall | client CPU | backends CPU | CPU each | WAL each | client memory | exponent |\n' "$size" $((3 * size))
printf '|---|---|---|---|---|---|---|---|\n'
awk -F '\t' 'NR == FNR { cpu[$1] = $3 + $4; next }
    { total = $3 + $4
      exponent = (total > 300000 && cpu[$1] > 0) ? sprintf("%.2f", log(total / cpu[$1]) / log(10)) : ""
      printf "| %s | %.2f s | %.2f s | %.2f s | %.1f us | %.0f B | %.0f MiB | %s |\n", $1, $2 / 1e6, $3 / 1e6, $4 / 1e6, total / $7,
             $5 / $7, $6 / 1024, exponent }' \
    "$work/results-$((size / 10))" "$work/results-$size"
[ -z "$failed" ]
