#!/bin/sh
# tarpits.sh BUILD [SLOTS [DEADLINE_MS]]: 1,000 tarpits that accept and say nothing, among 9,000 servers that answer at once,
# on loopback. With so many connections at once (100) and that deadline for an attempt (1,000 ms) the tarpits alone
# hold the slots for 1,000 / SLOTS rounds of the deadline. The whole run may take 5 % longer.
set -u
build=$1 slots=${2:-100} deadline=${3:-1000}
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
work=$(mktemp -d /tmp/certsweep-tarpits.XXXXXX)
chmod 755 "$work"
servers=''
finish() {
    for pid in $servers; do kill "$pid" 2> /dev/null; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
export XDG_CONFIG_HOME="$work/config"

timeout 300 "$build/tests/farm/replay" -p 24401 -v 1.3 > "$work/replay" 2>&1 &
servers=$!
echo '127.40.100.0+1000:24402 behave=silence' > "$work/faces"
timeout 300 "$build/tests/farm/farm" "$work/faces" > "$work/farm" 2>&1 &
servers="$servers $!"
tries=0
until grep -qs '^ready' "$work/farm" && [ -n "$(ss -Hltn 'sport = :24401')" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo 'FAILED: the servers did not start'; cat "$work/farm" "$work/replay"; exit 1; }
    sleep 0.1
done

begin=$(date +%s%N)
timeout 250 "$certsweep" scan 127.40.64.0-127.40.99.39:24401 127.40.100.0-127.40.103.231:24402 --depth cert --rate max \
    --connections "$slots" --handshake-timeout "$deadline" --attempt-timeout "$deadline" -o "$work/bundle" 2> "$work/log" ||
    { echo "FAILED: the scan ended with $?"; cat "$work/log"; exit 1; }
took=$((($(date +%s%N) - begin) / 1000000))
rounds=$(((1000 + slots - 1) / slots))
allowed=$((rounds * deadline))
grep 'targets:' "$work/log"
grep -q '9,000 certificate' "$work/log" || { echo 'WRONG: not all 9,000 servers were read'; exit 1; }
grep -q '1,000 timeout_handshake' "$work/log" || { echo 'WRONG: not all 1,000 tarpits ended by their deadline'; exit 1; }
echo "$took ms; deadlines and slots allow $allowed ms; that is $(((took - allowed) * 100 / allowed)) % more, 5 % may be"
[ $((took * 100)) -le $((allowed * 105)) ]
