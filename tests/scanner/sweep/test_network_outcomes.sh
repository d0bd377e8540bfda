#!/bin/sh
# What a network answers, or does not, as a scan by connections tells it: over a veth pair, IPv4 and IPv6, through a router
# and on the link. Lost packets are nft's at random, since netem is not in every kernel.
#
#     a (scanner) 10.99.0.1, fd00:db8:99::1 ── veth ── b 10.99.0.2, fd00:db8:99::2; behind b 10.64.0.0/12, fd00:db8:64::/112
#
# test_network_outcomes.sh PROGRAM REPLAY
set -u
program=$1 replay=$2
a='' b=''
folder=$(mktemp -d) || exit 1
chmod 755 "$folder"
server=''
failed=0
# shellcheck disable=SC2317  # the trap runs it
clean() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    namespaces_remove
    rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT TERM
command -v nft > /dev/null || { echo "SKIP: no nft: what a network answers is NOT tested"; exit 77; }
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespaces_join net 'what a network answers is' 10.64.0.0/12 || exit 1
export HOME="$folder" XDG_CONFIG_HOME="$folder" XDG_DATA_HOME="$folder"
namespaces_answer_all
ip netns exec "$b" timeout 300 "$replay" -p 443 -v 1.3 > "$folder/replay" 2>&1 &
server=$!
in_b_listens 443 5 || { echo "FAILED: no server: $(cat "$folder/replay")"; exit 1; }
rules() { ip netns exec "$b" nft -f "$1"; }

# expect WHAT "ACCOUNT" ARGUMENTS...
expect() {
    what=$1 wanted=$2
    shift 2
    rm -f "$folder"/net.bundle*
    out=$(ip netns exec "$a" timeout 100 "$program" scan "$@" --depth cert --rate 5000 --prefix-rate 0 \
        --jsonl-all="$folder/lines" -o "$folder/net.bundle" 2>&1) || { echo "FAILED: $what: exit $?"; failed=1; }
    case $out in
    *"targets: $wanted"* | *"target: $wanted"*) echo "$what: $wanted" ;;
    *) echo "FAILED: $what: expected \"$wanted\" in: $out"; failed=1 ;;
    esac
}
tells() { grep -q "\"outcome\":\"unreachable\",\"detail\":\"$1\"" "$folder/lines" || { echo "FAILED: $what: no line tells \"$1\""; failed=1; }; }

expect 'a network of 512 hosts' '512 certificate, 512 refused' -p 443,444 10.64.0.0/23
expect 'an address that nobody on the link has' '1 unreachable' 10.99.0.77:443 --connect-timeout 5000
tells 'host unreachable'
expect 'no way there' '2 unreachable' 172.31.0.7:443 '[fd00:db8:77::7]:443'
tells 'no route'

cat > "$folder/rules" <<'RULES'
table inet answers {
    chain in {
        type filter hook prerouting priority -300;
        ip daddr 10.64.0.0/26 tcp dport 443 drop
        ip daddr 10.64.0.64/26 tcp dport 443 reject with icmp host-unreachable
        ip daddr 10.64.0.128/27 tcp dport 443 reject with icmp admin-prohibited
        ip daddr 10.64.0.160/27 tcp dport 443 reject with icmp net-unreachable
        ip daddr 10.64.0.192/27 tcp dport 443 reject with icmp port-unreachable
    }
}
RULES
rules "$folder/rules"
expect 'filtered and unreachable' '32 certificate, 32 refused, 128 unreachable, 64 timeout_connect' -p 443 10.64.0.0/24
tells 'host unreachable'
tells 'network unreachable'
ip netns exec "$b" nft delete table inet answers
cat > "$folder/rules6" <<'RULES'
table inet answers {
    chain in {
        type filter hook prerouting priority -300;
        ip6 daddr fd00:db8:64::/122 tcp dport 443 drop
        ip6 daddr fd00:db8:64::40/122 tcp dport 443 reject with icmpv6 addr-unreachable
        ip6 daddr fd00:db8:64::80/122 tcp dport 443 reject with icmpv6 admin-prohibited
    }
}
RULES
rules "$folder/rules6"
expect 'the same over IPv6' '64 refused, 128 unreachable, 64 timeout_connect' -p 443 fd00:db8:64::/120
expect 'an IPv6 neighbour that nobody is' '1 unreachable' '[fd00:db8:99::77]:443' --connect-timeout 5000
ip netns exec "$b" nft delete table inet answers

# a tenth of all packets is lost, each way: TCP sends them again, and every chain is found
cat > "$folder/loss" <<'RULES'
table inet loss {
    chain in { type filter hook prerouting priority -350; meta l4proto tcp numgen random mod 10 0 counter drop; }
    chain out { type filter hook postrouting priority 300; meta l4proto tcp numgen random mod 10 0 counter drop; }
}
RULES
rules "$folder/loss"
expect 'a tenth of the packets lost each way' '256 certificate' -p 443 10.64.0.0/24 --connect-timeout 15000 --handshake-timeout 30000 \
    --attempt-timeout 60000
[ "$(ip netns exec "$b" nft list table inet loss | grep -c 'packets [1-9]')" = 2 ] || { echo "FAILED: nothing was lost"; failed=1; }
exit $failed
