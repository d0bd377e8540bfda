#!/bin/sh
# crowd.sh CERTSWEEP REPLAY [VERSION BYTES OUTCOME]...: ten thousand connections in flight at once, to servers whose chains have BYTES
# (the replaying server, tests/farm/replay.c, answers after 2 s and sends as it is read). All of them must end with
# OUTCOME, and the worker's peak (VmHWM) may be 100 MB at most; how long
# a busy machine needs, client and server both, is not what is tested. Without cases: those that take seconds. The costly
# ones, 10 GB each: crowd.sh CERTSWEEP REPLAY 1.2 1040000 certificate 1.3 1040000 certificate
set -u
certsweep=$1 replay=$2
shift 2
[ $# -gt 0 ] || set -- 1.2 260000 certificate 1.3 260000 certificate 1.2 1060000 too_large 1.3 1060000 too_large
count=10000 port=14990 first=127.93.0.0 last=127.93.39.15
descriptors=$(sed -n 's/^Max open files *[^ ]* *\([^ ]*\).*/\1/p' /proc/self/limits)
if [ "$descriptors" != unlimited ] && [ "$descriptors" -lt $((count + 200)) ]; then
    echo "SKIP: this user may open $descriptors descriptors, $count connections want more"
    exit 77
fi
work=$(mktemp -d /tmp/certsweep-crowd.XXXXXX)
chmod 755 "$work"
server='' keeper=''
# shellcheck disable=SC2317    # the trap calls it
finish() {
    for pid in $keeper $server; do kill "$pid" 2> /dev/null; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
export XDG_CONFIG_HOME="$work/config"
failed=0

# What the scan's worker holds, memory and descriptors, until the scan has ended: the most of each.
watch() {
    peak=0 most=0 worker=''
    while kill -0 "$keeper" 2> /dev/null; do
        [ -n "$worker" ] || worker=$(pgrep -P "$keeper" -x certsweep-worke | head -n 1)
        if [ -n "$worker" ] && [ "$(cat "/proc/$worker/comm" 2> /dev/null)" = certsweep-worke ]; then
            now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$worker/status" 2> /dev/null)
            [ "${now:-0}" -le "$peak" ] || peak=$now
            # shellcheck disable=SC2012    # numbers
            now=$(ls "/proc/$worker/fd" 2> /dev/null | wc -l)
            [ "$now" -le "$most" ] || most=$now
        fi
        sleep 0.1
    done
}

crowd() {                           # VERSION BYTES OUTCOME
    "$replay" -p $port -v "$1" -b "$2" -c 8 -d 2000 > "$work/ready" &
    server=$!
    for _ in $(seq 100); do
        grep -qs ready "$work/ready" && break
        sleep 0.1
    done
    begin=$(date +%s)
    rm -f "$work"/bundle*
    "$certsweep" scan $first-$last:$port --depth cert --rate max --connections $count -o "$work/bundle" \
        --connect-timeout 60000 --handshake-timeout 60000 --attempt-timeout 120000 \
        --jsonl-all="$work/lines" > "$work/log" 2>&1 &
    keeper=$!
    watch
    wait "$keeper"
    code=$? keeper=''
    kill $server
    wait $server 2> /dev/null
    server=''
    right=$(grep -c "\"outcome\":\"$3\"" "$work/lines")
    printf 'TLS %s, chains of %7d bytes: %5d of %d %s, %5d descriptors at once, peak %6d kB, %d s\n' \
        "$1" "$2" "$right" $count "$3" "$most" "$peak" $(($(date +%s) - begin))
    # if the worker's descriptors cannot be read (0), rely on the rest
    if [ $code != 0 ] || [ "$right" != $count ] || { [ "$most" != 0 ] && [ "$most" -lt $count ]; } ||
        [ "$peak" = 0 ] || [ "$peak" -gt 100000 ]; then
        failed=1
        grep -o '"outcome":"[a-z_]*"' "$work/lines" | sort | uniq -c
        tail -n 3 "$work/log"
    fi
}

while [ $# -ge 3 ]; do
    crowd "$1" "$2" "$3"
    shift 3
done
exit $failed
