#!/bin/sh
# The SYN stage over veth pairs in network namespaces that this makes and removes:
#
#     a (scanner) 10.99.0.1 ── veth ── 10.99.0.2 b (router and all hosts of 10.64.0.0/12, fd00:db8:64::/112)
#
# test_syn_namespaces.sh SYN_RUN
set -u
run=$1
a='' b=''
failed=0
listeners=

clean() {
    for pid in $listeners; do kill "$pid" 2>/dev/null; done
    namespaces_remove
}
trap clean EXIT INT TERM

for tool in nft tc python3; do
    command -v $tool >/dev/null || { echo "SKIP: $tool is absent: the SYN stage is NOT tested"; exit 77; }
done
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespaces_join sweep 'the SYN stage is' || exit 1
set -e
# the kernel's own limits would be what is measured, not the stage
in_b sysctl -qw net.ipv4.tcp_max_syn_backlog=65536 net.core.somaxconn=65536 net.ipv4.tcp_syncookies=2
set +e
namespaces_answer_all
python=$(command -v python3)
ip netns exec "$b" "$python" -c '
import socket, time
v4 = socket.create_server(("0.0.0.0", 443), backlog=65535)
v6 = socket.create_server(("::", 443), family=socket.AF_INET6, backlog=65535)
time.sleep(200)' >/dev/null 2>&1 </dev/null &
listeners=$!
tries=0
while [ "$(in_b ss -Hltn 'sport = 443' | wc -l)" != 2 ] && [ "$tries" -lt 20 ]; do
    tries=$((tries + 1))
    sleep 0.5
done

# expect WHAT "field value" ... -- ARGUMENTS OF syn_run
expect() {
    what=$1
    shift
    wanted=
    while [ "$1" != -- ]; do wanted="$wanted|$1"; shift; done
    shift
    out=$(in_a timeout 100 "$run" "$@" 2>&1)
    echo "$what: $out"
    IFS='|'
    for field in ${wanted#|}; do
        case " $out " in
        *" $field "*) ;;
        *) echo "FAILED: $what: expected \"$field\""; failed=1 ;;
        esac
    done
    unset IFS
}

expect "open and closed ports through a gateway" "targets 8192" "open 4096" "refused 4096" "silent 0" "twice 0" \
    -- 443,444 20000 1 500 10.64.0.0/20
expect "IPv6 through a gateway" "targets 512" "open 256" "refused 256" "silent 0" "twice 0" \
    -- 443,444 5000 1 500 fd00:db8:64::/120
expect "a neighbour on the link" "targets 4" "open 2" "refused 2" "twice 0" -- 443,444 1000 1 500 10.99.0.2 fd00:db8:99::2

in_b nft -f - <<'RULES'
table inet sweep {
    chain input {
        type filter hook prerouting priority -300;
        tcp dport 443 ip daddr 10.64.1.0/24 drop
        tcp dport 443 ip daddr 10.64.2.0/24 reject with icmp admin-prohibited
        tcp dport 443 ip6 daddr fd00:db8:64::80/121 reject with icmpv6 admin-prohibited
    }
}
RULES
expect "filtered ports and unreachables" "targets 1024" "open 512" "silent 256" "unreachable 256" "twice 0" \
    -- 443 5000 1 500 10.64.0.0/22
expect "ICMPv6 unreachables" "targets 256" "open 128" "unreachable 128" "twice 0" -- 443 5000 1 500 fd00:db8:64::/120

# What no packet may reach: counted where it would arrive.
in_b nft -f - <<'RULES'
table inet count {
    chain in {
        type filter hook prerouting priority -400;
        tcp flags & (syn|ack) == syn ip daddr 10.65.0.0/17 counter comment "inside"
        tcp flags & (syn|ack) == syn ip daddr 10.65.128.0/17 counter comment "outside"
        tcp flags & (syn|ack) == syn ip daddr != 10.65.0.0/16 counter comment "outside"
    }
}
RULES
expect "exclusions on the wire" "targets 28672" "open 28672" "twice 0" \
    -- 443 20000 0 500 10.65.0.0/16 -x 10.65.128.0/17 -x 10.65.16.0/20
outside=$(in_b nft list table inet count | sed -n 's/.*packets \([0-9]*\) .*comment "outside".*/\1/p' | paste -sd+ | sed 's/$//')
inside=$(in_b nft list table inet count | sed -n 's/.*packets \([0-9]*\) .*comment "inside".*/\1/p')
echo "packets that arrived: inside $inside, outside $outside"
[ $(($outside)) = 0 ] && [ "$inside" = 28672 ] || { echo "FAILED: packets left the scope, or were lost"; failed=1; }
in_b nft delete table inet count

# Public addresses have no scope file here: not one SYN goes out.
in_b nft -f - <<'RULES'
table inet count {
    chain in {
        type filter hook prerouting priority -400;
        tcp flags & (syn|ack) == syn counter comment "all"
    }
}
RULES
expect "public and link-local addresses" "targets 1024" "out_of_scope 1024" "sent 0" "twice 0" \
    -- 443 0 0 200 8.8.8.0/24 169.254.169.0/24 64:ff9b::8.8.8.0/120 224.0.0.0/24
seen=$(in_b nft list table inet count | sed -n 's/.*packets \([0-9]*\) .*/\1/p')
[ "$seen" = 0 ] || { echo "FAILED: $seen SYNs to public addresses"; failed=1; }
in_b nft delete table inet count

# A fifth of all packets lost (a tenth each way, by netem; where the kernel has none, a fifth on the way there, by
# nft): with three retries one target in some 600 stays silent.
if in_a tc qdisc add dev sweep-a root netem loss 10% 2>/dev/null; then
    in_b tc qdisc add dev sweep-b root netem loss 10%
else
    in_b nft -f - <<'RULES' || { echo "FAILED: no way to lose packets"; failed=1; }
table inet loss {
    chain in {
        type filter hook prerouting priority -350;
        meta l4proto tcp numgen random mod 5 0 drop
    }
}
RULES
fi
out=$(in_a timeout 60 "$run" 443 20000 3 500 10.66.0.0/19)
echo "loss of a fifth: $out"
open=$(echo "$out" | sed 's/.* open \([0-9]*\) .*/\1/')
sent=$(echo "$out" | sed 's/.* sent \([0-9]*\) .*/\1/')
[ "$open" -ge 8100 ] && [ "$open" -le 8192 ] || { echo "FAILED: $open of 8192 found in spite of retries"; failed=1; }
[ "$sent" -gt 9000 ] || { echo "FAILED: nothing was lost, so nothing was shown"; failed=1; }
in_a tc qdisc del dev sweep-a root 2>/dev/null && in_b tc qdisc del dev sweep-b root
in_b nft delete table inet loss 2>/dev/null

# A gateway that answers no ARP: nothing can be sent, and it is said so, soon.
ip -n "$b" link set sweep-b down
ip -n "$a" neigh flush all
expect "a dead gateway" "unreachable 256" "sent 0" "twice 0" -- 443 0 0 200 10.64.0.0/24
ip -n "$b" link set sweep-b up

# Without the capability the error says how to get it.
out=$(in_a setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$run" 443 0 0 200 10.64.0.0/24 2>&1)
case $out in
*setcap*cap_net_raw*) ;;
*) echo "FAILED: without CAP_NET_RAW: $out"; failed=1 ;;
esac
exit $failed
