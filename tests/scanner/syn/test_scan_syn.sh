#!/bin/sh
# certsweep scan --syn over a veth pair: open ports become certificates, all others one byte of a block, and the
# account adds up. Makes and removes its namespaces.
#
# test_scan_syn.sh PROGRAM
set -u
program=$1
a='' b=''
folder=$(mktemp -d) || exit 1
chmod 755 "$folder"
server=
failed=0
# shellcheck disable=SC2317  # the trap runs it
clean() {
    [ -n "$server" ] && kill "$server" 2>/dev/null
    namespaces_remove
    rm -rf "$folder"
}
trap clean EXIT INT TERM
command -v nft > /dev/null || { echo "SKIP: no nft: scan --syn is NOT tested"; exit 77; }
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespaces_join scan 'scan --syn is' || exit 1
export HOME="$folder" XDG_CONFIG_HOME="$folder" XDG_DATA_HOME="$folder"
set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key.pem" \
    -out "$folder/cert.pem" -subj /CN=x.example -days 30 2>/dev/null
ip netns exec "$b" nft -f - <<'RULES'
table inet sparse {
    chain in {
        type filter hook prerouting priority -300;
        tcp dport 443 ip daddr & 0.0.0.63 != 0.0.0.7 drop
    }
}
RULES
set +e
ip netns exec "$b" openssl s_server -accept 443 -cert "$folder/cert.pem" -key "$folder/key.pem" -quiet \
    >/dev/null 2>&1 </dev/null &
server=$!
in_b_listens 443 10 || { echo "FAILED: no server"; exit 1; }

says() {        # TEXT, in what was said last
    case $out in
    *"$1"*) ;;
    *) echo "FAILED: expected \"$1\" in: $out"; failed=1 ;;
    esac
}
out=$(ip netns exec "$a" timeout 100 "$program" scan -p 443,444 --syn --depth cert -o "$folder/one.bundle" \
    --jsonl="$folder/lines" 10.64.0.0/20 2>&1) || { echo "FAILED: exit $?"; failed=1; }
says "8,192 targets: 64 certificate, 4,096 refused, 4,032 timeout_connect"
[ "$(grep -c '"outcome":"certificate"' "$folder/lines")" = 64 ] || { echo "FAILED: not 64 lines"; failed=1; }

# every target a line of its own, silent ones too
out=$(ip netns exec "$a" timeout 100 "$program" scan -p 443 --syn --depth cert -o "$folder/two.bundle" \
    --jsonl-all="$folder/all" 10.64.0.0/24 2>&1) || { echo "FAILED: exit $?"; failed=1; }
says "256 targets: 4 certificate, 252 timeout_connect"
[ "$(wc -l <"$folder/all")" = 256 ] || { echo "FAILED: not 256 lines"; failed=1; }

# without the capability: exit 4, and how to get it
chmod 777 "$folder"
out=$(ip netns exec "$a" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
    "$program" scan -p 443 --syn -o "$folder/three.bundle" 10.64.0.0/24 2>&1)
[ $? = 4 ] || { echo "FAILED: not exit 4 without CAP_NET_RAW"; failed=1; }
says "setcap cap_net_raw+ep"
exit $failed
