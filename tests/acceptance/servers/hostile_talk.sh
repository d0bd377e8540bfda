#!/bin/sh
# hostile_talk.sh [-m] BUILD: endpoints that talk without end, at depth cert. Each is left at a count (records, messages, bytes, reads), never
# at the deadline, and what was readable of it is kept. -m measures instead: what such an endpoint costs, in milliseconds of CPU (user
# and system, keeper and worker, from wait4), with all connections that are made to it; a scan of many endpoints less a scan of few, so
# that the start of the program is not counted.
set -eu
measure=
if [ "$1" = -m ]; then
    measure=1
    shift
fi
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
address=127.86.1.1
many=12 few=2
command -v python3 > /dev/null || { echo 'SKIP: python3 is not installed'; exit 77; }
server=
on_end() { test -z "$server" || kill "$server" 2> /dev/null || :; }
servers_begin hostile-talk
python3 "$here/hostile_talk.py" $address 22000 $many > "$work/servers" 2> "$work/servers.log" &
server=$!
for _ in $(seq 100); do
    grep -q '^ready' "$work/servers" && break
    sleep 0.1
done

# scan FIRST COUNT: microseconds of CPU to $cpu
scan() {
    rm -f "$work/bundle"*
    cpu=$(python3 -c 'import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(int(1e6 * (usage.ru_utime + usage.ru_stime)))
sys.exit(os.waitstatus_to_exitcode(status))' "$certsweep" scan "$address" -p "$1-$(($1 + $2 - 1))" --depth cert --rate max --probe tls \
        -o "$work/bundle" --jsonl-all="$work/found" 2> "$work/log") || { echo "FAILED: the scan ended with $?"; cat "$work/log"; exit 1; }
}

failed=0
while read -r ports name outcomes; do
    [ "$ports" != ready ] || break
    base=0
    if [ "$measure" ]; then
        scan "${ports%-*}" $few
        base=$cpu
    fi
    scan "${ports%-*}" $many
    printf '%-24s' "$name"
    [ -z "$measure" ] || printf '%8d us ' $(((cpu - base) / (many - few)))
    sed -n 's/.*"outcome":"\([a-z_]*\)","detail":\("[^"]*"\|null\).*/\1 \2/p' "$work/found" > "$work/outcomes"
    sort "$work/outcomes" | uniq -c | sort -rn | tr -s ' \n' ' '
    echo
    right=$(grep -Exc "$outcomes" "$work/outcomes" || :)
    [ "$right" -eq $many ] || { echo "WRONG: $name: $right of $many endpoints ended with $outcomes"; failed=1; }
done < "$work/servers"
exit $failed
