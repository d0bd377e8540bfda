#!/bin/sh
# server_test.sh CERTSWEEP: `certsweep test` as a user goes it, against OpenSSL's server: letters, trust in one's own roots, exit
# codes, JSON, and honest answers where a server stops or is none.
set -u
certsweep=$1
net=127.41.1
servers='' leaf='' chain=ca        # chain: what is sent behind the leaf
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
on_end() { for pid in $servers; do kill "$pid" 2> /dev/null; done; }
home_begin server-test

# serve HOST OPTION...: OpenSSL's server on HOST:8443
serve() {
    host=$1
    shift
    OPENSSL_CONF=/dev/null openssl s_server -accept "$host:8443" -cert "$work/${leaf:-leaf}.pem" -key "$work/leaf.key" \
        ${chain:+-cert_chain "$work/$chain.pem"} -www -quiet "$@" > /dev/null 2>&1 &
    servers="$servers $!"
    for _ in $(seq 600); do
        if openssl s_client -connect "$host:8443" < /dev/null > /dev/null 2>&1; then return; fi
        kill -0 $! 2> /dev/null || { wrong "no server with $*"; return; }
        sleep 0.1
    done
    wrong "the server with $* does not answer"
}

# comes FILE: waits for it
comes() { for _ in $(seq 600); do if [ -e "$1" ]; then return; fi; sleep 0.1; done; wrong "no $1"; }

# letter HOST LETTER WORD [OPTION...]: what it says of the host with our root given
letter() {
    host=$1 wanted=$2 word=$3
    shift 3
    timeout 120 "$certsweep" test -q --rate max --roots own="$work/roots" "$@" "leaf.example@$host:8443" > "$work/out" 2>&1
    found=$(sed -n 's/^Grade *[^(]*(if trust and name are given: \([^)]*\)).*/\1/p; s/^Grade *\([A-F][-]*\),* .*/\1/p' "$work/out" | head -1)
    [ "$found" = "$wanted" ] || wrong "$host: grade '$found', expected '$wanted': $(head -12 "$work/out")"
    grep -qF -- "$word" "$work/out" || wrong "$host: no \"$word\" in: $(cat "$work/out")"
}

# ends CODE OPTION...
ends() {
    wanted=$1
    shift
    timeout 120 "$certsweep" test -q --rate max "$@" > "$work/out" 2>&1
    code=$?
    [ $code -eq "$wanted" ] || wrong "test $*: ended with $code, expected $wanted: $(cat "$work/out")"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" -subj "/CN=Test Root" \
    -days 90 -addext basicConstraints=critical,CA:TRUE > /dev/null 2>&1
mkdir "$work/roots"         # any format, as it lies in a folder
openssl x509 -in "$work/ca.pem" -outform DER -out "$work/roots/ca.der"
openssl req -newkey rsa:2048 -nodes -keyout "$work/leaf.key" -out "$work/leaf.csr" -subj /CN=leaf.example > /dev/null 2>&1
printf 'subjectAltName=DNS:leaf.example\nextendedKeyUsage=serverAuth\n' > "$work/ext"
openssl x509 -req -in "$work/leaf.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 60 -extfile "$work/ext" \
    -out "$work/leaf.pem" > /dev/null 2>&1

serve $net.1 -cipher 'DEFAULT:!DHE'             # Mozilla's old profile has no DHE suite with CBC and SHA-1
serve $net.2 -cipher 'ALL:@SECLEVEL=0'
serve $net.3 -tls1_2 -cipher AES128-SHA
serve $net.4 -no_tls1_3

letter $net.1 A "own: trusted (Test Root)"
letter $net.2 F "F  suites without a certificate are accepted" -v
letter $net.3 B "no suite has forward secrecy"
letter $net.4 A- "TLS 1.3 is not accepted"
grep -q "name  *matches" "$work/out" || wrong "the name should match: $(cat "$work/out")"

ends 1 --fail-below modern "leaf.example@$net.1:8443"
ends 0 --fail-below old "leaf.example@$net.1:8443"
ends 1 --fail-below A "leaf.example@$net.1:8443"        # T: its root is not public
ends 2 --fail-below Z "leaf.example@$net.1:8443"
grep -q "expected A, A-, B" "$work/out" || wrong "which words are there? $(cat "$work/out")"
ends 2 --fail-below policy "leaf.example@$net.1:8443"      # it is the inventory's
ends 2
ends 2 --roots "$work/ext" "leaf.example@$net.1:8443"
ends 2 --probe none "leaf.example@$net.1:8443"          # as scan refuses them
ends 2 --resolver resolver.example "leaf.example@$net.1:8443"

"$certsweep" test -q --rate max --format json "$net.1:8443" "$net.4:8443" > "$work/json" 2> /dev/null
python3 - "$work/json" <<'END' || wrong "the JSON"
import json, sys
servers = json.load(open(sys.argv[1], encoding="utf-8"))
assert len(servers) == 2, len(servers)
by = {server["address"]: server for server in servers}
assert by["127.41.1.1"]["items"]["tls13"]["value"] == "accepted"
assert by["127.41.1.4"]["items"]["tls13"]["value"] == "refused"
assert by["127.41.1.4"]["grade"]["letter_if_trusted"] == "A-"
tls13 = by["127.41.1.1"]["items"]["tls13"]
assert tls13["hello"] == "h1" and tls13["time"].startswith("20"), tls13
assert all("hello" in item for name, item in by["127.41.1.1"]["items"].items() if name.startswith(("suite:", "group:", "tls1")))
assert by["127.41.1.1"]["hellos"][0]["offers"].startswith("TLS 1.3 and 1.2"), by["127.41.1.1"]["hellos"][0]
for server in servers:          # at most 70 beside one for each suite in each version
    pairs = sum(name.startswith("suite:") for name in server["items"])
    assert 20 <= server["connections"] - pairs <= 70, (server["connections"], pairs)
step = [step for step in by["127.41.1.4"]["what_to_do"] if step["item"] == "tls13"][0]
assert step["until"] == "by 2030-01-02" and step["done"] == "the next test says: TLS 1.3 accepted", step
assert any(w["name"] == "Heartbleed" and w["state"] == "not tested" for w in by["127.41.1.1"]["weaknesses"])
END

# A page: well-formed where it matters, and loads nothing from elsewhere.
ends 0 --format html -o "$work/page.html" "leaf.example@$net.1:8443"
grep -q 'Grade A, provisional' "$work/page.html" || wrong "the page has no letter"
grep -q 'What to do' "$work/page.html" || wrong "the page does not say what to do"
ends 0 --format html -o "$work/page2.html" "leaf.example@$net.2:8443"
grep -q 'Take the anonymous suites .*Overdue since August 2008.*Done when the next test says' "$work/page2.html" ||
    wrong "what to do: $(grep -A9 'What to do' "$work/page2.html")"
grep -qiE '(src|href)="https?:' "$work/page.html" && wrong "the page asks somebody"
ends 5 --format html "$net.1:8443" "$net.4:8443"

# Two addresses under one name that differ, and two that do not.
"$certsweep" test -q --rate max "leaf.example@$net.1:8443" "leaf.example@$net.4:8443" > "$work/out" 2>&1
tr -s '\n ' ' ' < "$work/out" | grep -q "$net.4:8443 answers otherwise than $net.1:8443: grade A there, A- here; .*tls13 accepted there, refused here" ||
    wrong "the addresses differ: $(grep -A3 ^Addresses "$work/out")"
serve $net.8 -cipher 'DEFAULT:!DHE'
"$certsweep" test -q --rate max "leaf.example@$net.1:8443" "leaf.example@$net.8:8443" > "$work/out" 2>&1
grep -q "$net.8:8443 answers as $net.1:8443 does" "$work/out" || wrong "the addresses do not differ: $(grep -A3 ^Addresses "$work/out")"

# A leaf without its intermediate: told so, with the issuer's name, where the leaf says that there is one to be had.
openssl req -newkey rsa:2048 -nodes -keyout "$work/middle.key" -out "$work/middle.csr" -subj "/CN=Middle CA" > /dev/null 2>&1
printf 'basicConstraints=critical,CA:TRUE\n' > "$work/ca-ext"
openssl x509 -req -in "$work/middle.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 60 -extfile "$work/ca-ext" \
    -out "$work/middle.pem" > /dev/null 2>&1
for kind in silent told; do
    cp "$work/ext" "$work/$kind.ext"
    if [ $kind = told ]; then echo 'authorityInfoAccess=caIssuers;URI:http://ca.example/middle.crt' >> "$work/$kind.ext"; fi
    openssl x509 -req -in "$work/leaf.csr" -CA "$work/middle.pem" -CAkey "$work/middle.key" -CAcreateserial -days 60 -extfile "$work/$kind.ext" \
        -out "$work/$kind.pem" > /dev/null 2>&1
done
says() {
    timeout 120 "$certsweep" test -q --rate max --format json "leaf.example@$net.$1:8443" > "$work/out" 2>&1
    grep -qF -- "\"$2\"" "$work/out" || wrong "$1: no \"$2\" in $(grep -A20 '"trust"' "$work/out")"
    grep -qF -- "\"letter_if_trusted\": \"$3\"" "$work/out" || wrong "$1: $(grep letter_if "$work/out"), expected $3"
}
leaf=told chain='' && serve $net.11
leaf=silent && serve $net.12
chain=middle && serve $net.13
leaf='' chain='' && serve $net.14 -cipher 'DEFAULT:!DHE'
chain=ca
says 11 "intermediate missing: issuer Middle CA not sent" B
says 12 "issuer Middle CA not sent, and in no store" B
says 13 "issuer Test Root not sent, and in no store" A
says 14 "issuer Test Root not sent, and in no store" B
letter $net.14 A "own: trusted (Test Root)"     # a store's root issued it: nothing is missing

# For sensors that watch: what no client of today asks is left out, and stays untested.
"$certsweep" test -q --rate max --ids-friendly --format json "$net.2:8443" > "$work/json" 2> /dev/null
python3 - "$work/json" <<'END' || wrong "the friendly test"
import json, sys
[server] = json.load(open(sys.argv[1], encoding="utf-8"))
items = server["items"]
spared = ("sslv2", "export", "null", "anonymous", "des", "tolerates_version", "tolerates_extension", "tolerates_length", "sslv2_format")
for item in spared:
    assert items[item]["value"] == "untested" and items[item]["detail"].startswith("spared"), (item, items[item])
assert items["tls10"]["value"] == "accepted" and items["tls12"]["value"] == "accepted"
assert not any(word in item for item in items if item.startswith("suite:") for word in ("NULL", "_anon_", "EXPORT")), items.keys()
assert not any(hello["question"] in ("ask_sslv2", "survey_sslv2", "survey_version") for hello in server["hellos"])
assert server["grade"]["untested"] == "sslv2 export null anonymous", server["grade"]
state = {weakness["name"]: weakness["state"] for weakness in server["weaknesses"]}
assert state["DROWN"] == state["FREAK"] == "untested", state
END

# Nobody there: no letter, and the reason.
ends 0 "$net.9:8443"
grep -q "no answer  *refused: 1" "$work/out" || wrong "a closed port: $(cat "$work/out")"

# It ends in the middle of the test: what was not asked is untested, and no letter is made up.
python3 - "$net.5" "$work" <<'END' &
import socket, ssl, sys
listener = socket.create_server((sys.argv[1], 8443))
open(sys.argv[2] + "/stops", "w").close()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2] + "/leaf.pem", sys.argv[2] + "/leaf.key")
for _ in range(4):
    connection, _ = listener.accept()
    try:
        context.wrap_socket(connection, server_side=True).close()
    except (ssl.SSLError, OSError):
        connection.close()
listener.close()
END
servers="$servers $!"
comes "$work/stops"
ends 1 -v --fail-below F "leaf.example@$net.5:8443"     # what is not judged is not good
cp "$work/out" "$work/stopped"
ends 1 --fail-below F "leaf.example@$net.5:8443"        # gone by now
grep -q "may be too good" "$work/stopped" || wrong "what was untested is not named: $(cat "$work/stopped")"
[ -z "$(ls "$work/bundles" 2> /dev/null)" ] || wrong "a bundle was left: $(ls "$work/bundles")"

# Stopped by Ctrl-C: nothing is left, and nothing is said of going on with what is removed.
python3 -c 'import socket, sys, time
listener = socket.create_server((sys.argv[1], 8443))
open(sys.argv[2], "w").close()
taken = listener.accept()
open(sys.argv[3], "w").close()
time.sleep(600)' "$net.10" "$work/listens" "$work/asked" &
servers="$servers $!"
comes "$work/listens"
"$certsweep" test --rate max "$net.10:8443" > "$work/out" 2>&1 &
tester=$!
comes "$work/asked"
kill -INT $tester
wait $tester
code=$?
[ $code -eq 4 ] || wrong "a test that was stopped ended with $code: $(cat "$work/out")"
grep -q 'stopped$' "$work/out" || wrong "it does not say that it was stopped: $(cat "$work/out")"
[ -z "$(ls "$work/bundles" 2> /dev/null)" ] || wrong "a stopped test left: $(ls "$work/bundles")"

# Kept: the second test of another server at the same place says what has changed. A sensor has no inventory.
if "$certsweep" report --help > /dev/null 2>&1; then
    place="leaf.example@$net.6:8443"
    serve $net.6 -cipher 'ALL:@SECLEVEL=0'
    ends 0 --keep "$place"
    kill $!
    wait $! 2> /dev/null
    serve $net.6 -no_tls1_1 -no_tls1
    ends 0 --keep "$place"
    serve $net.7 -no_tls1_3
    ends 1 --keep --fail-below policy "leaf.example@$net.7:8443"       # its key is of no CA that is known
    grep -q "policy .*fails [0-9]* of [0-9]*: " "$work/out" || wrong "the policy in use is not told: $(cat "$work/out")"
    "$certsweep" report server-tests --format json > "$work/tests" 2> /dev/null
    "$certsweep" report endpoint "$net.6:8443" --format json > "$work/endpoint" 2> /dev/null
    "$certsweep" report endpoint "$net.6:8443" --format html -o "$work/kept.html" 2> /dev/null
    grep -q 'Grade A, provisional' "$work/kept.html" || wrong "the kept page has no letter"
    grep -q 'What to do' "$work/kept.html" || wrong "the kept page does not say what to do"
    grep -q 'Changes since' "$work/kept.html" || wrong "the kept page has no changes"
    python3 - "$work/tests" "$work/endpoint" << 'END' || wrong "what is kept"
import json, sys
rows = {row["address"]: row for row in json.load(open(sys.argv[1], encoding="utf-8"))["rows"]}
assert set(rows) == {"127.41.1.6", "127.41.1.7"}, rows
assert rows["127.41.1.6"]["grade_if_trusted"] == "A" and rows["127.41.1.7"]["grade_if_trusted"] == "A-", rows
assert any(line.startswith("grade: A, was F") for line in rows["127.41.1.6"]["changes"]), rows["127.41.1.6"]["changes"]
assert "anonymous: refused, was accepted" in rows["127.41.1.6"]["changes"], rows["127.41.1.6"]["changes"]
[test] = json.load(open(sys.argv[2], encoding="utf-8"))["server_tests"]
assert test["items"]["tls10"]["value"] == "refused" and test["changes"]["changes"], test["changes"]
state = {weakness["name"]: weakness["state"] for weakness in test["weaknesses"]}
assert (state["DROWN"], state["ALPACA"], state["shared key"], state["weak key"]) == ("no", "no", "no", "no"), state
END
    [ -z "$(ls "$work/bundles" 2> /dev/null)" ] || wrong "a bundle was left: $(ls "$work/bundles")"
fi

[ $failures -eq 0 ] && echo "the server test says what is so"
exit $failures
