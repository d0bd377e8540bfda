#!/bin/sh
# Live capture in a network namespace of its own: real clients and servers of OpenSSL on loopback there, certsweep
# listening. What is seen, with every key that a line promises; that the worker has given up all privileges; what a
# filter and a snap length leave; and that packets dropped by the kernel are reported.
# usage: live.sh CERTSWEEP. Exit 77: not permitted here.
set -eu
program=$1
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespace_alone 'live capture is' "$@"
folder=$(mktemp -d)
trap 'kill $server1 $server2 2>/dev/null || true; rm -rf "$folder"' EXIT
fail() { echo "WRONG: $*"; cat "$folder/log"; exit 1; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key" -out "$folder/cert" \
    -subj /CN=live.example -days 2 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/client.key" \
    -out "$folder/client.cert" -subj /CN=client.example -days 2 2>/dev/null
openssl s_server -accept 4433 -cert "$folder/cert" -key "$folder/key" -tls1_2 -quiet -verify 1 > /dev/null 2>&1 &
server1=$!
openssl s_server -accept 4434 -cert "$folder/cert" -key "$folder/key" -tls1_3 -quiet > /dev/null 2>&1 &
server2=$!

# listen_to NAME OPTION...: in the background; comes back when the worker reads
listen_to() {
    name=$1
    shift
    "$program" listen -i lo -o "$folder/$name.bundle" --jsonl="$folder/$name.jsonl" "$@" 2> "$folder/log" &
    listener=$!
    tries=0
    worker=''
    until [ -n "$worker" ] && grep -q '^Seccomp:.*2' "/proc/$worker/status" 2> /dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || fail "the worker does not start"
        sleep 0.1
        worker=$(pgrep -P "$listener" -x certsweep-worke || true)
    done
}
finish() { kill -INT $listener; wait $listener || fail "listen ended with $?"; }
talk() {
    for port in 4433 4434; do
        echo | timeout 5 openssl s_client -connect 127.0.0.1:$port -servername live.example -cert "$folder/client.cert" \
            -key "$folder/client.key" > /dev/null 2>&1 || true
    done
    sleep 0.5
}
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$worker/status"; }
counter() { python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT value FROM counter WHERE name = ?", (sys.argv[2],)).fetchone()[0])' \
    "$folder/$1.bundle" "$2"; }

# ---- what is seen, by a worker without privileges
listen_to all --follow-up="$folder/targets"
[ "$(status CapEff)" = 0000000000000000 ] || fail "the worker kept capabilities: $(status CapEff)"
[ "$(status NoNewPrivs)" = 1 ] || fail "the worker may gain privileges"
[ "$(id -u)" -ne 0 ] || [ "$(status Uid | cut -f 1)" != 0 ] || fail "the worker runs as root"
talk
finish
cat "$folder/log"
fingerprint() { openssl x509 -in "$folder/$1" -outform DER | sha256sum | cut -d ' ' -f 1; }
wanted=$(fingerprint cert)
grep -q "\"port\":4433,\"server_name\":\"live.example\".*\"outcome\":\"certificate\".*\"chain\":\[\"$wanted\"\]" \
    "$folder/all.jsonl" || fail "the chain was not seen: $(cat "$folder/all.jsonl")"
grep '"role":"client"' "$folder/all.jsonl" | grep '"port":4433' | grep '"peer_address":"127.0.0.1"' |
    grep -q "\"chain\":\[\"$(fingerprint client.cert)\"\]" || fail "the client's chain: $(cat "$folder/all.jsonl")"
grep -q '"port":4434.*"outcome":"hidden","detail":"tls13"' "$folder/all.jsonl" || fail "TLS 1.3 was not seen"
grep -qx 'live.example@127.0.0.1:4434 # tls: tls13' "$folder/targets" || fail "follow-up: $(cat "$folder/targets")"
if grep -q 'DROPPED' "$folder/log"; then fail "packets were dropped"; fi
command -v python3 > /dev/null || { echo "ok (no python3: lines, filter and drops were not looked at)"; exit 0; }
python3 - "$folder/all.jsonl" <<'END' || fail "a line lacks a key"
import json, sys
KEYS = ["time", "scan", "site", "method", "transport", "address", "port", "server_name", "protocol", "role", "variant", "outcome",
        "detail", "tls_version", "cipher_suite", "cipher_suite_id", "group", "alpn", "chain", "times_ms"]
lines = [json.loads(line) for line in open(sys.argv[1])]
for line in lines:
    missing = [key for key in KEYS if key not in line]
    if missing: sys.exit("missing: %s" % missing)
    if line["method"] != "passive" or line["variant"] != "seen": sys.exit("method or variant: %s" % line)
sys.exit(not lines)
END
[ "$(counter all dropped)" = 0 ] || fail "$(counter all dropped) packets were dropped"
[ "$(counter all gaps)$(counter all flows_evicted)$(counter all packets_cut)" = 000 ] || fail "losses where nothing was lost"

# ---- a filter keeps to its port, a snap length cuts: reported, and never a wrong chain
listen_to filtered --filter 'tcp port 4434'
talk
finish
if grep -q '"port":4433' "$folder/filtered.jsonl"; then fail "the filter let port 4433 through"; fi
grep -q '"port":4434' "$folder/filtered.jsonl" || fail "the filter kept port 4434 out"
listen_to short --snaplen 200
talk
finish
if grep -q '"chain":\["' "$folder/short.jsonl"; then fail "a chain out of 200 bytes"; fi
grep -q '"port":4433.*"outcome":"incomplete"' "$folder/short.jsonl" || fail "cut: $(cat "$folder/short.jsonl")"
[ "$(counter short packets_cut)" -gt 0 ] || fail "cut packets were not counted"

# ---- a ring of 1 MiB that is not read for a while
listen_to flooded --ring 1
kill -STOP "$worker"
python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(6000): s.sendto(bytes(1400), ("127.0.0.1", 9))'
kill -CONT "$worker"
sleep 1
finish
[ "$(counter flooded dropped)" -gt 0 ] || fail "the kernel dropped packets, and nobody says so"
grep -q 'packets dropped by the kernel' "$folder/log" || fail "drops are not told"
echo ok
