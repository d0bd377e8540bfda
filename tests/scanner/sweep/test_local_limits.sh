#!/bin/sh
# What this machine lacks is no finding: a SYN that its firewall, its connection tracking or a full neighbour table keeps
# back, and ports that have run out. A scan in a namespace of its own shrinks, waits and asks again, and finds the same.
#
#     a (scanner) 10.99.0.1 ── veth ── 10.99.0.2 b (all hosts of 10.64.0.0/12, which refuse; some of 10.99.0.0/20)
#
# Connection tracking that is full drops a SYN as the output hook of nft does: connect() hears of neither. Its real table
# has one size for the whole machine, so it is made small only where CERTSWEEP_TEST_MACHINE=1 says that nobody else
# needs it now. The neighbour table is the machine's too; a /20 on one link is enough to fill it (gc_thresh3, 1,024).
#
# test_local_limits.sh PROGRAM FARM
set -u
program=$1 farm=$2
a='' b=''
folder=$(mktemp -d) || exit 1
chmod 755 "$folder"
server='' tracked=''
failed=0
# shellcheck disable=SC2317  # the trap runs it
clean() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    [ -z "$tracked" ] || sysctl -qw "net.netfilter.nf_conntrack_max=$tracked"
    namespaces_remove
    rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT TERM
command -v nft > /dev/null || { echo "SKIP: no nft: local limits are NOT tested"; exit 77; }
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
# shellcheck disable=SC2034  # namespaces_join reads it
namespaces_prefix=20
namespaces_join limit 'local limits are' || exit 1
export HOME="$folder" XDG_CONFIG_HOME="$folder" XDG_DATA_HOME="$folder"
set -e
for host in 3 4 5 6 7; do ip -n "$b" addr add "10.99.15.$host/20" dev limit-b; done
# both ends share the machine's neighbour table: the answers of b shall not need a place in it
ip -n "$b" neigh add 10.99.0.1 lladdr "$(in_a cat /sys/class/net/limit-a/address)" dev limit-b nud permanent
set +e

# scan NAME ARGUMENTS: what it says to $out. A second and a half: a SYN is repeated after one.
scan() {
    name=$1
    shift
    out=$(in_a timeout 150 "$program" scan "$@" --rate 3000 --prefix-rate 0 --depth cert --connect-timeout 1500 \
        --jsonl-all="$folder/$name.lines" -o "$folder/$name.bundle" 2>&1) || { echo "FAILED: $name: exit $?"; failed=1; }
    echo "$name: $(echo "$out" | grep -E 'targets?:')"
}
says() {        # TEXT, in what was said last
    case $out in
    *"$1"*) ;;
    *) echo "FAILED: expected \"$1\" in: $out"; failed=1 ;;
    esac
}
count() { grep -c "$1" "$folder/$name.lines"; }

# 500 SYNs a second get out, four times as many are sent
in_a nft -f - <<'RULES'
table inet narrow {
    chain out {
        type filter hook output priority 0;
        tcp flags & (syn|ack) == syn limit rate over 500/second burst 50 packets drop
    }
}
RULES
scan narrow 10.64.0.0/21:443
says 'a SYN has not left this machine'
says '2,048 targets: 2,048 refused'
in_a nft delete table inet narrow

# a firewall of our own that forbids a part for good: this is said of that part, and the scan ends
in_a nft -f - <<'RULES'
table inet forbidden {
    chain out {
        type filter hook output priority 0;
        ip daddr 10.64.0.64/26 drop
    }
}
RULES
scan forbidden 10.64.0.0/24:443
says '256 targets: 192 refused, 64 unreachable'
[ "$(count '"outcome":"unreachable","detail":"not possible from here: a SYN has not left this machine')" = 64 ] ||
    { echo "FAILED: not said of all 64 why"; failed=1; }
in_a nft delete table inet forbidden

# a link with more silent addresses than the machine remembers neighbours
scan neighbours 10.99.0.0/20:443
says 'a SYN has not left this machine'
[ "$(count '"outcome":"refused"')" = 7 ] || { echo "FAILED: not all 7 hosts were found: $out"; failed=1; }
[ "$(count 'not possible from here')" -le 40 ] || { echo "FAILED: given up: $out"; failed=1; }

scan neighbours-by-syn 10.99.0.0/20:443 --syn
[ "$(count '"outcome":"refused"')" = 7 ] || { echo "FAILED: not all 7 hosts were found by SYNs: $out"; failed=1; }

# what the firewall keeps back of SYNs is asked by connections, which tell it from silence
in_a nft -f - <<'RULES'
table inet kept {
    chain out {
        type filter hook output priority 0;
        ip daddr 10.99.15.3 drop
    }
}
RULES
scan kept-by-syn 10.99.15.3-10.99.15.7:443,8443 --syn
says '10 targets: 8 refused, 2 unreachable'
[ "$(count '"outcome":"unreachable","detail":"not possible from here: a SYN has not left this machine')" = 2 ] ||
    { echo "FAILED: not said of both why: $out"; failed=1; }
in_a nft delete table inet kept

# connection tracking that is full
if [ "${CERTSWEEP_TEST_MACHINE:-0}" = 1 ] && tracked=$(sysctl -n net.netfilter.nf_conntrack_max 2>/dev/null); then
    in_a nft 'table inet track { chain out { type filter hook output priority 0; ct state new counter; }; }'
    in_a sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_syn_sent=1   # how long a silent host holds its place
    ip netns exec "$b" nft 'table inet quiet { chain in { type filter hook prerouting priority -300; ip daddr & 0.0.0.1 == 0.0.0.1 drop; }; }'
    sysctl -qw net.netfilter.nf_conntrack_max=300
    scan tracking 10.64.0.0/22:443
    sysctl -qw "net.netfilter.nf_conntrack_max=$tracked"
    tracked=''
    says 'a SYN has not left this machine'
    # the kernel clears its table once a minute at times: what could not be asked is reported so, never as silence
    [ "$(grep '"outcome":"timeout_connect"' "$folder/tracking.lines" | grep -c '"address":"[0-9.]*[02468]"')" = 0 ] ||
        { echo "FAILED: hosts that answer are called silent: $out"; failed=1; }
    [ $(($(count '"outcome":"refused"') + $(count '"outcome":"timeout_connect"') + $(count 'not possible from here'))) = 1024 ] ||
        { echo "FAILED: $out"; failed=1; }
    # shellcheck disable=SC2016  # awk reads it
    [ "$(in_a awk 'NR > 1 && $11 != "00000000"' /proc/net/stat/nf_conntrack)" ] || { echo "FAILED: the table was never full"; failed=1; }
    in_a nft delete table inet track
    ip netns exec "$b" nft delete table inet quiet
else
    echo "SKIP: the machine's table of tracked connections is left alone (CERTSWEEP_TEST_MACHINE=1 makes it small for some seconds)"
fi

# four ports for a dozen connections to one endpoint: they come back a second after they were used
in_a sysctl -qw net.ipv4.ip_local_port_range='50000 50003'
echo '127.40.5.1:8443' > "$folder/faces"
in_a timeout 100 "$farm" "$folder/faces" > "$folder/farm" 2>&1 &
server=$!
tries=0
until grep -qs '^ready' "$folder/farm"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "FAILED: no server: $(cat "$folder/farm")"; exit 1; }
    sleep 0.1
done
out=$(in_a timeout 150 "$program" scan 127.40.5.1:8443 --depth posture --attempt-timeout 60000 --host-connections 2 \
    --jsonl="$folder/ports.lines" -o "$folder/ports.bundle" 2>&1) || { echo "FAILED: ports: exit $?"; failed=1; }
echo "ports: $out"
says 'this machine has no room for more connections now (Cannot assign requested address)'
says '1 target: 1 certificate'
exit $failed
