#!/bin/sh
# A sensor (listen --every) between two network namespaces: each handshake is reported by exactly one slice, also where it
# crosses the border of two; the interface goes down and comes back, is deleted and made again, and listening goes on.
#
#     a (sensor, clients) 10.99.0.1 -- veth -- 10.99.0.2 b (servers)
#
# usage: live_slices.sh CERTSWEEP. Exit 77: not permitted here.
set -eu
program=$1
a='' b=''
folder=$(mktemp -d)
chmod 755 "$folder"
server='' listener=''
# shellcheck disable=SC2317  # the trap runs it
clean() {
    [ -z "$listener" ] || kill "$listener" 2> /dev/null || true
    [ -z "$server" ] || kill "$server" 2> /dev/null || true
    namespaces_remove || true
    rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT TERM
fail() { echo "WRONG: $*"; cat "$folder/log"; exit 1; }
command -v python3 > /dev/null || { echo "SKIP: no python3"; exit 77; }
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespaces_join slice 'listening in slices is'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key" -out "$folder/cert" \
    -subj /CN=slice.example -days 2 2> /dev/null
ip netns exec "$b" openssl s_server -accept 4433 -cert "$folder/cert" -key "$folder/key" -tls1_2 -quiet > /dev/null 2>&1 &
server=$!

# One connection after the other, names FIRST.n.example to LAST.n.example; every third one says its hello in two pieces, half
# a second apart, so that some are under way whenever a slice ends.
cat > "$folder/client.py" <<'END'
import socket, ssl, sys, time
for n in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="%d.n.example" % n)
    try:
        peer = socket.create_connection(("10.99.0.2", 4433), 5)
        peer.settimeout(5)
        first = True
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                data = outgoing.read()
                if first and n % 3 == 0:
                    peer.sendall(data[:50])
                    time.sleep(0.5)
                    data = data[50:]
                first = False
                peer.sendall(data)
                incoming.write(peer.recv(65536))
        peer.sendall(outgoing.read())
        peer.close()
    except OSError as error:
        sys.exit("%d: %s" % (n, error))
    time.sleep(0.05)
END
talk() { ip netns exec "$a" python3 "$folder/client.py" "$1" "$2" || fail "no connection: $1-$2"; }
await() {       # TEXT [FILE]: until the file, or the log, has it
    tries=0
    until grep -q "$1" "${2-$folder/log}"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || fail "not in ${2-the log}: $1"
        sleep 0.1
    done
}
hears() {       # until a connection of now is heard: NUMBER
    tries=0
    until grep -q "\"$1.n.example\"" "$folder/lines" 2> /dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || fail "nothing is heard"
        talk "$1" "$1"
        sleep 0.1
    done
}

ip netns exec "$a" "$program" listen -i slice-a --every 2 -o "$folder/s.bundle" --jsonl="$folder/lines" 2> "$folder/log" &
listener=$!
hears 0
# What lies in the kernel's open block when its interface goes is gone with it: so the last connection is awaited.
talk 1 40
await '"40.n.example"' "$folder/lines"
ip -n "$a" link set slice-a down
await "slice-a is down"
ip -n "$a" link set slice-a up
await "slice-a is back"
hears 1000
talk 101 110
await '"110.n.example"' "$folder/lines"
ip -n "$a" link del slice-a
await 'is down.*'
sleep 2
kill -0 "$listener" || fail "it has ended with its interface"
namespaces_link slice default
hears 1001
talk 201 210
sleep 1
kill -INT "$listener"
wait "$listener" || fail "listen ended with $?"
listener=''
python3 - "$folder/lines" <<'END' || fail "what was heard"
import collections, json, sys
seen = collections.Counter()
for line in open(sys.argv[1]):
    line = json.loads(line)
    name = line["server_name"] or ""
    if name.endswith(".n.example"):
        if line["outcome"] != "certificate": sys.exit("%s: %s" % (name, line["outcome"]))
        seen[int(name.split(".")[0])] += 1
wanted = [*range(1, 41), *range(101, 111), *range(201, 211)]
lost = [n for n in wanted if seen[n] == 0]
twice = [n for n in wanted if seen[n] > 1]
print("%d connections: %d lost, %d reported twice" % (len(wanted), len(lost), len(twice)))
if lost or twice: sys.exit("lost %s, twice %s" % (lost, twice))
END
count=0
for bundle in "$folder"/s.bundle*; do
    case $bundle in *-wal | *-shm) fail "$bundle was not sealed" ;; esac
    "$program" bundle check "$bundle" > /dev/null || fail "$bundle"
    count=$((count + 1))
done
[ "$count" -ge 5 ] || fail "only $count slices"
echo "ok: $count slices"
