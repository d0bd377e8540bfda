#!/bin/sh
# reads_make_nothing.sh CERTSWEEP: a command that only reads makes no database where there is none. It says that there is no inventory yet and
# which command makes one, and ends with 3 (check: with 3, UNKNOWN); what the program brings along is listed all the same.
set -u
PATH=$PATH:/usr/sbin:/sbin
certsweep=$1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../../fixtures/own_home.sh"
home_begin reads

# reads CODE WORD COMMAND...
reads() {
    wanted=$1 word=$2
    shift 2
    timeout 60 "$certsweep" "$@" > "$work/out" 2>&1
    code=$?
    [ $code -eq "$wanted" ] || wrong "$* ended with $code, expected $wanted: $(cat "$work/out")"
    grep -qF -- "$word" "$work/out" || wrong "$*: no \"$word\" in: $(cat "$work/out")"
    [ -z "$(ls -A "$CERTSWEEP_HOME")" ] || { wrong "$*: made a database"; "$certsweep" db stop > /dev/null 2>&1; rm -rf "${CERTSWEEP_HOME:?}"/*; }
}

none="there is no inventory in $CERTSWEEP_HOME yet: certsweep scan TARGET makes it"
for command in report 'report summary' 'report findings --owner X' 'report certificate x.example' 'report discovery' 'report summary --as-of 2026-01-31' 'find x.example' \
    'export cbom' 'export events' scans 'owners list' 'owners explain 10.1.2.3' 'managed list' 'managed sources' 'managed decisions' 'rules list' 'db check' \
    "db dump $work/none.dump" 'db prune --before 2020-01-31' 'notices --due' 'keys gcd' 'check --format prometheus'; do
    # shellcheck disable=SC2086    # words
    reads 3 "$none" $command
done
reads 3 "CERTSWEEP UNKNOWN - $none" check
reads 0 'pci-dss-4' policy list
reads 0 'there is no inventory yet' policy list
reads 0 '"name":"pci-dss-4"' policy list --format json
reads 0 'built in: there is no inventory yet' policy show
reads 0 '[policy]' policy show
reads 0 'pci' policy show pci-dss-4
reads 0 'K02' rules explain K02
reads 0 'not made yet' db status
[ ! -e "$work/none.dump" ] || wrong 'a dump of nothing was written'
"$certsweep" policy show -o "$work/mine.ini" > /dev/null 2>&1
must "$certsweep" policy use "$work/mine.ini"
[ -n "$(ls -A "$CERTSWEEP_HOME")" ] || wrong 'policy use made no inventory'
must "$certsweep" report summary
must "$certsweep" scans
must "$certsweep" policy list
[ $failures -eq 0 ]
