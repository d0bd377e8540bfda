#!/bin/sh
# one_session.sh CERTSWEEP: a device that answered and then stopped is asked one connection at a time from then on: in this scan, in
# later ones, which the database tells, and in this one after --resume, which the bundle tells. Other sites' hosts are others.
set -u
certsweep=$1
here=$(cd "$(dirname -- "$0")" && pwd)
address=127.44.1.1 device=''
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
on_end() { [ -z "$device" ] || kill "$device" 2> /dev/null; }
home_begin one-session
for tool in python3 sqlite3; do
    command -v $tool > /dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
# shellcheck source=tests/fixtures/nginx.sh
. "$here/../fixtures/nginx.sh"
self_signed device rsa:2048 200

start() {    # HOW
    python3 "$here/one_session.py" $address 24500 4 "$work/device.crt" "$work/device.key" "$1" "$work/most" > "$work/ready" 2> "$work/device.log" &
    device=$!
    tries=0
    until grep -q ready "$work/ready" || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
}
stop() {
    kill "$device" 2> /dev/null
    wait "$device" 2> /dev/null
    device=''
}
scan() {
    timeout 120 "$certsweep" scan $address "$@" > "$work/out" 2> "$work/log" || wrong "scan $*: $? $(cat "$work/log")"
}

# ---- it answers once, and stops
start stops
scan -p 24500 --depth posture -o "$work/first.bundle"
stop
items=$(sqlite3 "$work/first.bundle" "SELECT value FROM posture WHERE item = 'sessions_at_once'")
[ "$items" = 1 ] || wrong "the bundle does not hold it: $items; $(sqlite3 "$work/first.bundle" 'SELECT item, value, detail FROM posture')"
"$certsweep" load "$work/first.bundle" 2> "$work/log" || wrong "load: $(cat "$work/log")"

# ---- a later scan of the host: one at a time, on its other ports too
start holds
scan -p 24500-24503 --depth cert
stop
[ "$(cat "$work/most")" = 1 ] || wrong "$(cat "$work/most") connections at once to a host that takes one"

# ---- the same address at another site is another host
start holds
scan -p 24500-24503 --depth cert --site elsewhere
stop
[ "$(cat "$work/most")" = 2 ] || wrong "$(cat "$work/most") connections at once to a host of which nothing is known"
[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo 'one session at a time'
