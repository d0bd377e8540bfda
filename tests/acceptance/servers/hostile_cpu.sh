#!/bin/sh
# hostile_cpu.sh BUILD: what an endpoint that talks without end costs, in milliseconds of CPU (user and system, keeper and worker,
# from wait4), at depth cert with all connections that are made to it. A scan of many endpoints less a scan of few, so that the
# start of the program is not counted. The limits are counts (records, messages, bytes, reads); 50 ms is what they have to come to.
set -eu
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
address=127.86.1.1
many=12 few=2
command -v python3 > /dev/null || { echo 'SKIP: python3 is not installed'; exit 77; }
server=
on_end() { test -z "$server" || kill "$server" 2> /dev/null || :; }
servers_begin hostile-cpu
python3 "$here/hostile_talk.py" $address 22000 $many > "$work/servers" 2> "$work/servers.log" &
server=$!
for _ in $(seq 100); do
    grep -q '^ready' "$work/servers" && break
    sleep 0.1
done

# cpu FIRST COUNT: microseconds to $cpu
cpu() {
    rm -f "$work/bundle"*
    cpu=$(python3 -c 'import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(int(1e6 * (usage.ru_utime + usage.ru_stime)))
sys.exit(os.waitstatus_to_exitcode(status))' "$certsweep" scan "$address" -p "$1-$(($1 + $2 - 1))" --depth cert --rate max --probe tls \
        -o "$work/bundle" --jsonl-all="$work/found" 2> "$work/log") || { echo "FAILED: the scan ended with $?"; cat "$work/log"; exit 1; }
}

failed=0
printf '%-24s %8s  %s\n' server 'CPU ms' 'outcomes'
while read -r ports name; do
    [ "$ports" != ready ] || break
    first=${ports%-*} cost=50001
    for _ in 1 2; do                    # a crowded machine makes CPU dearer: what is over the limit is measured once more
        [ $cost -gt 50000 ] || break
        cpu "$first" $few
        base=$cpu
        cpu "$first" $many
        cost=$(((cpu - base) / (many - few)))
    done
    [ $cost -ge 0 ] || cost=0           # less than what two starts of the program differ by
    outcomes=$(sed -n 's/.*"outcome":"\([a-z_]*\)","detail":\("[^"]*"\|null\).*/\1 \2/p' "$work/found" | sort | uniq -c | sort -rn | head -n 2 | tr -s ' \n' ' ')
    printf '%-24s %4d.%03d  %s\n' "$name" $((cost / 1000)) $((cost % 1000)) "$outcomes"
    [ $cost -le 50000 ] || { echo "WRONG: $name costs more than 50 ms"; failed=1; }
done < "$work/servers"
exit $failed
