#!/bin/sh
# server_test_pools.sh CERTSWEEP: `certsweep test` against addresses behind which several servers stand: every second, third, fifth or
# tenth connection, or some of a hundred, comes to another one, or gets an alert. No letter is firm there, none is worse than
# the best server's truth allows, and what was seen is told.
set -u
certsweep=$1
net=127.46.1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/tls_servers.sh
. "$(dirname -- "$0")/../fixtures/tls_servers.sh"
on_end() { tls_servers_stop; }
home_begin server-pools

tls_servers_certificate a 2048
tls_servers_certificate b 2048
tls_servers_certificate c 1024

# Each line: the pool's name and its port. One process serves all, each connection after the other.
tls_servers_start $net << 'END'
import random, ssl
from tls_servers import context, handshake, listen, run

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

def pool(other, is_other):
    def each(number, connection):
        if not is_other(number):
            handshake(connection, plain)
        elif other is None:
            alert(connection)
        else:
            handshake(connection, other)
    return each

port = 9000
for kind, other in kinds.items():
    for when, is_other in {**fits, "never": lambda number: False}.items():
        if kind in ("chain", "only12", "old") and (when.startswith("chance") or when == "every10" or (kind == "old" and when == "every5")):
            continue        # found by luck only, and no letter is wrong by much: see the README
        if when == "never" and kind != "weak":
            continue
        port += 1
        listen(1, port, pool(other, is_other))
        print("%s-%s %d" % (kind, when, port), flush=True)
run()
END

while read -r name port; do
    "$certsweep" test -q --rate max --format json "leaf.example@$net.1:$port" > "$work/$name.json" 2> "$work/err" < /dev/null ||
        wrong "$name: exit code $?: $(cat "$work/err")"
done < "$work/started"

python3 - "$work" << 'END' || wrong "what is told of pools"
import json, sys
failed = False
for line in open(sys.argv[1] + "/started", encoding="utf-8"):
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
