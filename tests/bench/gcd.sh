#!/bin/sh
# gcd.sh [-b BUILD] [-p] COUNT [NEW]: `certsweep keys gcd` over COUNT distinct RSA moduli of 2,048 bits, of which ten pairs share a prime, then
# with NEW (1,000) more against them, one of which shares a prime with an old one. Prints CPU, wall time and memory of each run, and
# fails where one of these is not found. -p: tests each for being a prime, too, which takes 2 ms each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release prime_test=--no-prime-test
while getopts b:p option; do
    case $option in
    b) build=$OPTARG ;;
    p) prime_test='' ;;
    *) sed -n 2,4p "$0" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
count=${1:?gcd.sh COUNT} new=${2:-1000}
build=$(realpath -- "$build")
certsweep=$build/scanner/cli/certsweep
work=$(mktemp -d "${TMPDIR:-/tmp}/certsweep-gcd.XXXXXX")
chmod 755 "$work"
unset CERTSWEEP_DB
export CERTSWEEP_HOME="$work/home" XDG_CONFIG_HOME="$work/config"
trap '"$certsweep" db stop > /dev/null 2>&1 || :; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -m 700 "$CERTSWEEP_HOME"
if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME"; fi
"$certsweep" db start > /dev/null 2>&1
"$certsweep" scans > /dev/null 2>&1         # makes the schema
dsn=$("$certsweep" db dsn)

sql() { psql -XqtA -d "$dsn" -c "$1"; }

run() {     # NAME FOUND
    : > "$work/measured"
    "$build/tests/bench/bench_measure" "$work/measured" "$certsweep" keys gcd ${prime_test:+"$prime_test"} > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    awk -v name="$1" '{ printf "%s: CPU %.1f s, wall %.1f s, %d MiB\n", name, ($1 + $2) / 1e6, $3 / 1e6, $4 / 1024 }' "$work/measured"
    found=$(python3 "$here/gcd_moduli.py" planted 0 | while read -r hash; do
        sql "SELECT 1 FROM key_weakness JOIN public_key USING (spki_sha256) WHERE weakness = 'shared_prime' AND modulus_sha256 = '\\x$hash'"
    done | wc -l)
    if [ "$found" -ne "$2" ]; then echo "gcd.sh: $found of $2 keys that share a prime were found" >&2; exit 1; fi
}

python3 "$here/gcd_moduli.py" first "$count" | sql 'COPY public_key FROM STDIN'
run "$count moduli" 20
python3 "$here/gcd_moduli.py" later "$new" | sql 'COPY public_key FROM STDIN'
run "$new new against $count" 21
