#!/bin/sh
# wrong_input.sh CERTSWEEP: what a command says of input that is of the wrong kind: the error and what led to it, and nothing beside.
set -u
PATH=$PATH:/usr/sbin:/sbin
certsweep=$1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../../fixtures/own_home.sh"
home_begin wrong

# refused CODE LINES WORD COMMAND...: it ends so, says so, and fills no more lines than that.
refused() {
    wanted=$1 most=$2 word=$3
    shift 3
    timeout 100 "$certsweep" "$@" > "$work/out" 2>&1
    code=$?
    lines=$(wc -l < "$work/out")
    if [ $code -ne "$wanted" ] || [ "$lines" -gt "$most" ] || ! grep -qF -- "$word" "$work/out"; then
        wrong "$* ended with $code in $lines lines: $(cat "$work/out")"
    fi
}

: > "$work/empty.ini"
i=0
while [ $i -lt 400 ]; do
    i=$((i + 1))
    printf 'no "record %d, \001\002\n' $i
done > "$work/binary.csv"
must "$certsweep" reconcile
refused 2 1 'there is no policy in it' policy use "$work/empty.ini"
refused 5 3 'missing' load "$work/missing.bundle"
refused 5 6 'binary.csv' managed import --source account "$work/binary.csv"
refused 3 1 'Is the server running' report --db 'host=127.0.0.1 port=1 dbname=x'
refused 3 1 'Is the server running' check --db 'host=127.0.0.1 port=1 dbname=x'
if "$certsweep" report --db 'host=127.0.0.1 port=1 dbname=x' 2>&1 | grep -qF 'x09'; then
    wrong 'a tab is printed as its code'
fi
refused 5 1 'no decision that holds has this number' managed undo nothing.example
for format in csv json jsonl; do
    "$certsweep" report summary --format $format > /dev/full 2> "$work/out"
    grep -q 'No space left on device' "$work/out" || wrong "$format on a full disk: $(cat "$work/out")"
done
[ $failures -eq 0 ]
