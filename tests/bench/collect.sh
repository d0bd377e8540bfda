#!/bin/sh
# collect.sh [-b BUILD] [-r] PATH...: `certsweep collect` beside ripgrep's search for "BEGIN CERTIFICATE" in the same cached files, three
# rounds in turns. Prints CPU, wall time and memory of each; collect's start and end (an empty folder) is a row of its own. With -r
# also the recall, counted against grep and openssl (collect_recall.py). Not for folders that hold archives: ripgrep opens none.
# BUILD (build/release) must have bench_measure: configure it with -DCERTSWEEP_TESTS=ON. Needs rg.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release
recall=
while getopts b:r option; do
    case $option in
    b) build=$OPTARG ;;
    r) recall=yes ;;
    *) sed -n 2,5p "$0" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
: "${1:?collect.sh PATH...}"
build=$(realpath -- "$build")
certsweep=$build/scanner/cli/certsweep
for program in "$certsweep" "$build/tests/bench/bench_measure"; do
    [ -x "$program" ] || { echo "collect.sh: $program is not built; see -h" >&2; exit 2; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/certsweep-collect.XXXXXX")
chmod 755 "$work"
unset CERTSWEEP_DB
export CERTSWEEP_HOME="$work/home" XDG_CONFIG_HOME="$work/config" CERTSWEEP_BUNDLES="$work/bundles"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -m 700 "$CERTSWEEP_HOME" "$CERTSWEEP_BUNDLES" "$work/empty"
if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME" "$CERTSWEEP_BUNDLES"; fi

measure() {     # NAME COMMAND...
    name=$1
    shift
    : > "$work/measured"
    "$build/tests/bench/bench_measure" "$work/measured" "$@" > "$work/out" 2>&1 || [ $? -le 5 ] || { cat "$work/out" >&2; exit 1; }
    awk -v name="$name" '{ printf "%-24s CPU %6.2f s  wall %6.2f s  %4d MiB\n", name, ($1 + $2) / 1e6, $3 / 1e6, $4 / 1024 }' "$work/measured"
}

find "$@" -type f -exec cat {} + > /dev/null 2>&1 || :      # into the cache
for round in 1 2 3; do
    rm -f "$work"/*.bundle*
    measure "ripgrep ($round)" rg -j1 -uuu -c 'BEGIN CERTIFICATE' "$@"
    measure "collect ($round)" "$certsweep" collect -q --host bench -o "$work/c.bundle" --jsonl="$work/lines" "$@"
    measure "collect, empty ($round)" "$certsweep" collect -q --host bench -o "$work/e.bundle" "$work/empty"
done
if [ -n "$recall" ]; then python3 "$here/collect_recall.py" "$work/lines" "$@"; fi
