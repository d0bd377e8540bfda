#!/bin/sh
# tarpits.sh BUILD [SLOTS [DEADLINE_MS]]: 1,000 tarpits that accept and say nothing, among 9,000 servers that answer at once,
# on loopback. With so many connections at once (100) and that deadline for an attempt (1,000 ms) the tarpits alone
# hold the slots for 1,000 / SLOTS rounds of the deadline. A tarpit is known when it is drawn, and while tarpits hold all
# slots no other target is asked: so the time that the 9,000 take by themselves on this machine (asked first, alone) comes on
# top of the rounds, some 0.3 s whatever the slots are. The whole run may take 5 % longer than both.
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

# scan NAME TARGETS...: its milliseconds to $took
scan() {
    name=$1
    shift
    begin=$(date +%s%N)
    timeout 250 "$certsweep" scan "$@" --depth cert --rate max --connections "$slots" --handshake-timeout "$deadline" \
        --attempt-timeout "$deadline" -o "$work/$name.bundle" 2> "$work/$name.log" ||
        { echo "FAILED: the scan ended with $?"; cat "$work/$name.log"; exit 1; }
    took=$((($(date +%s%N) - begin) / 1000000))
}
answering=127.40.64.0-127.40.99.39:24401
scan alone $answering
alone=$took
scan all $answering 127.40.100.0-127.40.103.231:24402
grep 'targets:' "$work/all.log"
grep -q '9,000 certificate' "$work/all.log" || { echo 'WRONG: not all 9,000 servers were read'; exit 1; }
grep -q '1,000 timeout_handshake' "$work/all.log" || { echo 'WRONG: not all 1,000 tarpits ended by their deadline'; exit 1; }
rounds=$(((1000 + slots - 1) / slots))
held=$((rounds * deadline))
allowed=$((held + alone))
percent() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%+.1f %%", (a - b) * 100 / b }'; }
echo "$took ms; slots and deadlines hold for $held ms ($(percent $took $held)), the 9,000 alone take $alone ms: $(percent $took $allowed), +5 % may be"
[ $((took * 100)) -le $((allowed * 105)) ]
