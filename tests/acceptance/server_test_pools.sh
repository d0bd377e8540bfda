#!/bin/sh
# server_test_pools.sh CERTSWEEP: `certsweep test` against addresses behind which several servers stand: every second, third, fifth or
# tenth connection, or some of a hundred, comes to another one, or gets an alert. No letter is firm there, none is worse than
# the best server's truth allows, and what was seen is told.
set -u
certsweep=$1
net=127.46.1
server=
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
on_end() { [ -z "$server" ] || kill "$server" 2> /dev/null; }
home_begin server-pools

for kind in a:2048 b:2048 c:1024; do
    openssl req -x509 -newkey "rsa:${kind#*:}" -nodes -keyout "$work/${kind%:*}.key" -out "$work/${kind%:*}.pem" -subj "/CN=${kind%:*}.example" \
        -days 30 -addext "subjectAltName=DNS:leaf.example" > /dev/null 2>&1
done

# Each line: the pool's name and its port. One process serves all, each connection after the other.
cat > "$work/servers.py" << 'END'
import random, socket, ssl, sys, threading
net, work = sys.argv[1:]

def context(kind="a", lowest=None, highest=None, ciphers=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers is not None:
        made.set_ciphers(ciphers)
    made.load_cert_chain("%s/%s.pem" % (work, kind), "%s/%s.key" % (work, kind))
    made.minimum_version = lowest or made.minimum_version
    made.maximum_version = highest or made.maximum_version
    return made

def handshake(connection, made):
    try:
        made.wrap_socket(connection, server_side=True).close()
    except (ssl.SSLError, OSError):
        connection.close()

def alert(connection):                      # handshake_failure
    try:
        connection.recv(16384)
        connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
    except OSError:
        pass
    connection.close()

V = ssl.TLSVersion
plain = context()
kinds = {
    "weak": context("c", V.TLSv1, V.TLSv1, "AES128-SHA:AES256-SHA:@SECLEVEL=0"),     # TLS 1.0, another chain with a short key
    "chain": context("b"),                                                          # another chain
    "only12": context("a", None, V.TLSv1_2),                                        # no TLS 1.3
    "old": context("a", V.TLSv1, None, "DEFAULT:@SECLEVEL=0"),                      # TLS 1.0 and 1.1 beside: else the same
    "alert": None,
}

def every(count):
    return lambda number: number % count == 0

def chance(percent, seed):
    return lambda number: random.Random(seed * 100000 + number).random() * 100 < percent

fits = {"every%d" % count: every(count) for count in (2, 3, 5, 10)}
fits.update({"chance%d-%d" % (percent, seed): chance(percent, seed) for percent in (10, 20, 30) for seed in (1, 2, 3)})

def serve(listener, other, is_other):
    number = 0
    while True:
        connection, _ = listener.accept()
        number += 1
        if not is_other(number):
            handshake(connection, plain)
        elif other is None:
            alert(connection)
        else:
            handshake(connection, other)

port = 9000
for kind, other in kinds.items():
    for when, is_other in {**fits, "never": lambda number: False}.items():
        if kind in ("chain", "only12", "old") and (when.startswith("chance") or when == "every10" or (kind == "old" and when == "every5")):
            continue        # found by luck only, and no letter is wrong by much: see the README
        if when == "never" and kind != "weak":
            continue
        port += 1
        listener = socket.create_server((net + ".1", port), backlog=200)
        threading.Thread(target=serve, args=(listener, other, is_other), daemon=True).start()
        print("%s-%s %d" % (kind, when, port), flush=True)
print("ready", flush=True)
threading.Event().wait()
END
mkfifo "$work/ready"
python3 "$work/servers.py" $net "$work" > "$work/ready" 2> /dev/null &
server=$!
while read -r name port; do
    [ "$name" = ready ] && break
    echo "$name $port" >> "$work/pools"
done < "$work/ready"
[ -s "$work/pools" ] || wrong "the servers do not run"

while read -r name port; do
    "$certsweep" test -q --rate max --format json "leaf.example@$net.1:$port" > "$work/$name.json" 2> "$work/err" < /dev/null ||
        wrong "$name: exit code $?: $(cat "$work/err")"
done < "$work/pools"

python3 - "$work" << 'END' || wrong "what is told of pools"
import json, sys
failed = False
for line in open(sys.argv[1] + "/pools", encoding="utf-8"):
    name = line.split()[0]
    [server] = json.load(open("%s/%s.json" % (sys.argv[1], name), encoding="utf-8"))
    items = {item: fact["value"] for item, fact in server["items"].items()}
    grade, several = server["grade"], server["items"].get("several", {"value": "absent", "detail": ""})
    letter, is_bound = grade["letter_if_trusted"], grade.get("at_best", False)
    pairs = sum(item.startswith("suite:") for item in items)
    good = is_bound and several["value"] != "refused"
    if name.endswith("never"):      # one server: a firm letter
        good = letter == "A" and not is_bound and several["value"] == "refused"
    elif name.startswith("alert"):  # each server behind it would get A
        good &= letter == "A" and items["cbc_only"] != "accepted"
    elif name.startswith("old") and letter == "B":      # the older version was seen: it caps the letter
        good = True
    print("%-16s %s %s%s, several %s (%s), %d connections beside %d pairs" % ("right" if good else "WRONG", name, "at best " if is_bound else "", letter,
          several["value"], several.get("detail", ""), server["connections"] - pairs, pairs))
    failed |= not good
sys.exit(failed)
END

[ $failures -eq 0 ] && echo "pools are told as several"
exit $failures
