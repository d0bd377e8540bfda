#!/bin/sh
# Live capture in a network namespace of its own: real clients and servers of OpenSSL on loopback there, certsweep
# listening. usage: live.sh CERTSWEEP. Exit 77: not permitted here.
set -eu
program=$1
if [ "${2:-}" != inside ]; then
    unshare -n true 2>/dev/null || { echo "SKIP: no network namespaces without privileges"; exit 77; }
    exec unshare -n sh "$0" "$program" inside
fi
folder=$(mktemp -d)
trap 'kill $server1 $server2 2>/dev/null || true; rm -rf "$folder"' EXIT
ip link set lo up
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key" -out "$folder/cert" \
    -subj /CN=live.example -days 2 2>/dev/null
openssl s_server -accept 4433 -cert "$folder/cert" -key "$folder/key" -tls1_2 -quiet > /dev/null 2>&1 &
server1=$!
openssl s_server -accept 4434 -cert "$folder/cert" -key "$folder/key" -tls1_3 -quiet > /dev/null 2>&1 &
server2=$!
"$program" listen -i lo --duration 4 -o "$folder/x.bundle" --jsonl="$folder/x.jsonl" --follow-up="$folder/targets" \
    2> "$folder/log" &
listener=$!
sleep 2
for port in 4433 4434; do
    echo | timeout 5 openssl s_client -connect 127.0.0.1:$port -servername live.example > /dev/null 2>&1 || true
done
wait $listener
cat "$folder/log"
wanted=$(openssl x509 -in "$folder/cert" -outform DER | sha256sum | cut -d ' ' -f 1)
grep -q "\"port\":4433,\"server_name\":\"live.example\".*\"outcome\":\"certificate\".*\"chain\":\[\"$wanted\"\]" \
    "$folder/x.jsonl" || { echo "the chain was not seen"; cat "$folder/x.jsonl"; exit 1; }
grep -q '"port":4434.*"outcome":"hidden","detail":"tls13"' "$folder/x.jsonl" || { echo "TLS 1.3 was not seen"; exit 1; }
grep -qx 'live.example@127.0.0.1:4434' "$folder/targets" || { echo "no follow-up target"; cat "$folder/targets"; exit 1; }
grep -q 'DROPPED' "$folder/log" && { echo "packets were dropped"; exit 1; }
echo ok
