#!/bin/sh
# What systemd says of our units' confinement: the scan's at most 2.7 (network, raw sockets, two users to become), every other
# 2.0. And what PostgreSQL needs of them. usage: unit_security.sh FOLDER. Exit 77: no systemd-analyze, or too old a one.
set -eu
folder=$1
systemd-analyze security --help 2> /dev/null | grep -q -e --offline || { echo 'SKIP: no systemd-analyze with --offline'; exit 77; }
failures=0
wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }
count=0
for unit in "$folder"/*.service; do
    name=${unit##*/}
    count=$((count + 1))
    most=2.0
    [ "$name" != certsweep.service ] || most=2.7
    said=$(systemd-analyze security --offline=true --no-pager "$unit" 2>&1)
    level=$(printf '%s\n' "$said" | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
    [ -n "$level" ] || { echo "$said"; wrong "$name: no level"; continue; }
    echo "$name: $level (at most $most)"
    awk -v level="$level" -v most="$most" 'BEGIN { exit !(level <= most) }' ||
        { wrong "$name"; printf '%s\n' "$said" | grep -v '^✓'; }
    if printf '%s\n' "$said" | grep -i 'ignoring'; then wrong "$name has a line that systemd does not understand"; fi
    grep -q '^RemoveIPC=no$' "$unit" || wrong "$name removes PostgreSQL's shared memory"
    grep -q '^SystemCallFilter=.*\<seccomp\>' "$unit" || wrong "$name does not let a worker confine itself"
    grep -q '^MemoryDenyWriteExecute=yes$' "$unit" || wrong "$name lets memory be written and run"
done
[ $count -gt 0 ] || wrong "no unit in $folder"
[ $failures -eq 0 ]
