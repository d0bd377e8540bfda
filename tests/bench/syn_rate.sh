#!/bin/sh
# SYNs a second over a veth pair into a /12 of which one address in 1,024 answers, and what was found of it; masscan
# and ZMap beside us in the same namespaces where they are installed. Root is needed.
#
# syn_rate.sh SYN_RUN [ADDRESSES_BITS]     bits of the network: 12 gives 1,048,576 addresses
set -u
run=$1 bits=${2:-12}
a='' b='' listener=''
# shellcheck disable=SC2317  # the trap runs it
clean() {
    kill "$listener" 2>/dev/null
    namespaces_remove
}
trap clean EXIT INT TERM
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../fixtures/namespaces.sh"
namespaces_join rate 'the rate of SYNs is' || exit 1
ip netns exec "$b" sysctl -qw net.ipv4.tcp_syncookies=2 net.core.somaxconn=65536
# answering: x.y.z.7 where z is a multiple of 4, as one address in 1,024
ip netns exec "$b" nft -f - <<'RULES'
table ip sparse {
    chain in {
        type filter hook prerouting priority -300;
        tcp dport 443 ip daddr & 0.0.3.255 != 0.0.0.7 drop
    }
}
RULES
ip netns exec "$b" python3 -c '
import socket, time
s = socket.create_server(("0.0.0.0", 443), backlog=65535)
time.sleep(600)' >/dev/null 2>&1 </dev/null &
listener=$!
sleep 1
expected=$((1 << (32 - bits - 10)))
network=10.64.0.0/$bits
echo "open ports in $network: $expected"
for i in 1 2 3; do
    printf 'certsweep, as fast as it goes, run %s: ' "$i"
    ip netns exec "$a" "$run" 443 0 0 1000 "$network" | grep -oE '(open|sent|seconds|cpu|send_failures|drops) [0-9.]+' | paste -sd' ' -
done
printf 'certsweep, default rate 10000/s, a /16: '
ip netns exec "$a" "$run" 443 10000 1 2000 10.64.0.0/16 | grep -oE '(open|sent|seconds|cpu|drops) [0-9.]+' | paste -sd' ' -
took() {        # COMMAND: what it prints and its seconds
    start=$(date +%s.%N)
    found=$(ip netns exec "$a" sh -c "$1" 2>/dev/null)
    echo "open $found seconds $(echo "$(date +%s.%N) $start" | awk '{printf "%.2f", $1 - $2}')"
}
mac=$(ip netns exec "$b" cat /sys/class/net/rate-b/address)
if command -v masscan >/dev/null; then
    printf 'masscan, rate 1000000, 1 s of waiting: '
    took "masscan $network -p443 --rate 1000000 --wait 1 --interface rate-a --router-mac $(echo "$mac" | tr : -) | grep -c open"
fi
if command -v zmap >/dev/null; then
    printf 'zmap, 10G, 1 s of waiting: '
    took "zmap -q -p 443 -B 10G -c 1 -i rate-a -b /dev/null -G $mac $network | wc -l"
fi
