#!/bin/sh
# server_test_bad.sh CERTSWEEP: `certsweep test` against servers that stop, limit, reset, change, are slow, want a name or a client's
# certificate: what was not answered is untested, with the reason, and no letter is made up.
set -u
certsweep=$1
net=127.44.1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/tls_servers.sh
. "$(dirname -- "$0")/../fixtures/tls_servers.sh"
on_end() { tls_servers_stop; }
home_begin server-bad

tls_servers_certificate a 2048
tls_servers_certificate b 2048

# One process serves all of them, each on an address of its own.
tls_servers_start $net << 'END'
import socket, ssl, struct, threading, time
from tls_servers import context, handshake, listen, run, work

def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

def stops(number, connection):              # says nothing from the 30th connection on
    if number <= 30:
        handshake(connection, plain)
    else:
        held.append(connection)

def limits(number, connection):             # every other connection is closed at once
    handshake(connection, plain) if number % 2 else connection.close()

def resets(number, connection):             # answers a dozen, then only resets
    handshake(connection, plain) if number <= 12 else reset(connection)

def changes_chain(number, connection):      # two servers behind one address
    handshake(connection, plain if number % 2 else other)

def changes_version(number, connection):    # one of the two speaks TLS 1.2 alone
    handshake(connection, plain if number % 2 else only_12)

def changes_letter(number, connection):     # one of the two speaks TLS 1.0 and 1.1, too: their usual answers are the same
    handshake(connection, plain if number % 2 else old)

def slow(number, connection):               # a byte at a time
    def run():
        inside, outside = socket.socketpair()
        def copy():
            try:
                while True:
                    data = outside.recv(4096)
                    if not data:
                        break
                    for at in range(0, len(data), 700):
                        connection.sendall(data[at:at + 700])
                        time.sleep(0.01)
            except OSError:
                pass
            connection.close()
        def back():
            try:
                while True:
                    data = connection.recv(4096)
                    if not data:
                        break
                    outside.sendall(data)
            except OSError:
                pass
        for target in (copy, back):
            threading.Thread(target=target, daemon=True).start()
        handshake(inside, plain)
        outside.shutdown(socket.SHUT_RDWR)
    threading.Thread(target=run, daemon=True).start()

def wants_name(number, connection):
    handshake(connection, named)

def wants_client(number, connection):
    handshake(connection, mutual)

def changes_dialect(number, connection):    # suites without a certificate, and from the 31st on it greets as a mail server
    if number <= 30:
        handshake(connection, anonymous)
    else:
        try:
            connection.sendall(b"220 mail.example ESMTP\r\n")
        except OSError:
            pass
        connection.close()

plain, other, only_12, named, mutual, held = context(), context("b"), context("a", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2), context(), context(), []
old = context()
old.minimum_version = ssl.TLSVersion.TLSv1
old.set_ciphers("DEFAULT:@SECLEVEL=0")
anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
anonymous.maximum_version = ssl.TLSVersion.TLSv1_2
anonymous.set_ciphers("AECDH:@SECLEVEL=0")
def check_name(_socket, name, _context):
    return None if name == "leaf.example" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
named.sni_callback = check_name
mutual.verify_mode = ssl.CERT_REQUIRED
mutual.load_verify_locations("%s/a.pem" % work)

for host, each in enumerate((stops, limits, resets, changes_chain, changes_version, slow, wants_name, wants_client, changes_letter, changes_dialect), 1):
    listen(host, 8443, each)
run()
END

# asked HOST: into json and text
asked() {
    "$certsweep" test -q --rate max --format json "leaf.example@$net.$1:8443" > "$work/$1.json" 2> "$work/$1.err" || wrong "$1: exit code $?"
}
for host in 1 2 3 4 5 6 7 8 9 10; do asked $host; done

python3 - "$work" << 'END' || wrong "what is told of bad servers"
import json, sys

def read(host):
    [server] = json.load(open("%s/%d.json" % (sys.argv[1], host), encoding="utf-8"))
    return server, {name: item["value"] for name, item in server["items"].items()}

def check(ok, *what):
    if not ok:
        print("WRONG:", *what)
        sys.exit(1)

# It stops in the middle: what came later is untested, never refused, and the letter says that it may be too good.
server, items = read(1)
check(items["tls13"] == "accepted" and items["tls12"] == "accepted", 1, items)
check(server["connections"] < 45, 1, "asked on for", server["connections"], "connections")
check(items.get("sessions_at_once") == "1" or items.get("survey") == "untested" or server["items"]["suites"]["detail"], 1, items)
check(items.get("tolerates_grease", "untested") == "untested", 1, items.get("tolerates_grease"))
# Every other connection is closed: a close refuses nothing that is then answered, and the rest is untested or told as it is.
server, items = read(2)
check(items["tls13"] == "accepted", 2, items)
check(server["grade"] is None or server["grade"]["letter_if_trusted"] in ("A", "A-"), 2, server["grade"])
# Resets from the 13th on: nothing that came after the last answer is refused.
server, items = read(3)
check(items["tls13"] == "accepted", 3, items)
check(server["grade"]["untested"], 3, server["grade"])
check(not any(value == "refused" for name, value in items.items() if name.startswith("tolerates")), 3, items)
# Two certificates at one address: told as several.
server, items = read(4)
check(items["several"] == "accepted", 4, items.get("several"))
# Two servers with different versions: told as several.
server, items = read(5)
check(items["several"] == "accepted", 5, items.get("several"))
# Slow, but whole.
server, items = read(6)
check(items["tls13"] == "accepted" and items["tls12"] == "accepted" and not server["grade"]["untested"], 6, server["grade"])
check(items["several"] == "refused", 6, items.get("several"))
# The right name is sent, a wrong one and none are refused.
server, items = read(7)
check(items["sni_wrong"] == "refused" and items["sni_none"] in ("refused", "accepted"), 7, items)
check(server["chain_check"]["name_matches"], 7, server["chain_check"])
# It asks for a certificate of ours: the letter comes all the same, and it is told.
server, items = read(8)
check(items["client_certificate"] == "accepted" and server["grade"]["letter_if_trusted"] in ("A", "A-"), 8, server["grade"])
check(items["several"] == "refused", 8, items.get("several"))
# Every other connection comes to a server that speaks TLS 1.0 and 1.1: one of them caps the letter, or several are told.
server, items = read(9)
check("accepted" in (items["tls10"], items["tls11"], items["several"]), 9, items["tls10"], items["tls11"], items["several"])
# In the middle of the test it begins to speak another dialect: what was found stays, and the test ends as it began.
server, items = read(10)
check(items["anonymous"] == "accepted" and items["tls12"] == "accepted" and "survey" in items, 10, items)
check(server["connections"] > 30, 10, server["connections"])
END

[ $failures -eq 0 ] && echo "bad servers are told as they are"
exit $failures
