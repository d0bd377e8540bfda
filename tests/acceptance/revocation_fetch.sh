#!/bin/sh
# revocation_fetch.sh CERTSWEEP: three CAs whose lists and answers lie behind HTTP on loopback (ca_server.py): they are asked on request
# alone, by http or https, within the scope, once an hour; what could not be had is told with its reason.
set -u
certsweep=$1
here=$(cd "$(dirname "$0")" && pwd)
address=127.71.0.2
server=''
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/test_ca.sh
. "$(dirname -- "$0")/../fixtures/test_ca.sh"
on_end() { if [ -n "$server" ]; then kill "$server"; fi; }
home_begin fetch
export CERTSWEEP_ROOTS=/dev/null
cd "$work" || exit 1
# issue CA NAME EXTENSION
issue() {
    # shellcheck disable=SC2086
    must openssl req $ec -keyout "$2.key" -out "$2.csr" -subj "/CN=$2.example" -addext "subjectAltName=DNS:$2.example" -addext "$3"
    must openssl ca -batch -notext -config "$1/ca.cnf" -in "$2.csr" -out "$2.pem"
}

# list CA: its list, for the server
list() { must openssl ca -config "$1/ca.cnf" -gencrl -out "$1.pem.crl"; must openssl crl -in "$1.pem.crl" -outform DER -out "$1.crl"; }

for name in lists responder directory secure; do test_ca "$work/$name" "/O=Example Agency/CN=$name CA"; done
# shellcheck disable=SC2086
must openssl req -x509 $ec -keyout tls.key -out tls.pem -subj /CN=nobody -days 2
"$here/ca_server.py" $address "$work" &
server=$!
tries=0
until [ -s port ] && [ -s tls_port ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo 'FAILED: the server does not start'; exit 1; }
    sleep 0.1
done
at=$address:$(cat port)
tls_at=$address:$(cat tls_port)
issue lists kept "crlDistributionPoints=URI:http://$at/moved/lists.crl"
issue lists lost "crlDistributionPoints=URI:http://$at/lists.crl"
issue responder asked "authorityInfoAccess=OCSP;URI:http://$at/ocsp/responder"
issue responder gone "authorityInfoAccess=OCSP;URI:http://$at/ocsp/responder"
issue responder long "authorityInfoAccess=OCSP;URI:http://$at/long"
issue responder loop "crlDistributionPoints=URI:http://$at/loop"
issue responder away "crlDistributionPoints=URI:http://$at/away"
issue responder none "crlDistributionPoints=URI:http://$at/none.crl"
issue directory windows 'crlDistributionPoints=URI:ldap:///CN=directory?certificateRevocationList'
issue secure locked "crlDistributionPoints=URI:https://$tls_at/secure.crl"
must openssl ca -config secure/ca.cnf -revoke locked.pem -crl_reason superseded
must openssl ca -config lists/ca.cnf -revoke lost.pem -crl_reason keyCompromise
must openssl ca -config responder/ca.cnf -revoke gone.pem -crl_reason superseded
must openssl ca -config directory/ca.cnf -revoke windows.pem -crl_reason superseded
list lists
list directory
list secure
{
    printf '[policy]\nname = test\n'
    for name in lists responder directory secure; do printf '[trust store: %s]\nkind = private\nfile = %s/%s/ca.pem\n' $name "$work" $name; done
    printf '[own ca: directory]\nissuer = CN=directory CA\ncrl = http://%s/directory.crl\n' "$at"
} > policy.ini

must "$certsweep" db start
must "$certsweep" policy use policy.ini
must "$certsweep" managed import --source files kept.pem lost.pem asked.pem gone.pem long.pem loop.pem away.pem none.pem windows.pem locked.pem
"$certsweep" reconcile --format csv > run.csv 2> log || wrong "reconcile: $(cat log)"
counted H08 0
counted H10 0
[ ! -e asked ] || wrong 'the server was asked although nobody wanted it'

"$certsweep" reconcile --fetch-crls --ask-ocsp --format csv > run.csv 2> log
[ $? -eq 5 ] || wrong 'what could not be fetched does not show in the exit code'
counted H08 4           # lost by a list, locked by one behind TLS, gone by an answer, windows by the list that the policy names
counted H10 4           # long, loop, away, none
grep -q 'revocation lists of CAs: 3 new, 1 known before, 3 not usable' log || wrong "$(cat log)"
grep -q 'OCSP responders: 2 answers, 1 without' log || wrong "$(cat log)"
for words in '/loop: too many redirects' '/away: out of scope: ' '/none.crl: HTTP status: 404' '/long: longer than is read'; do
    grep -qF "$words" log || wrong "not told: $words: $(cat log)"
done
"$certsweep" report findings --rule H10 --format csv > h10.csv 2> log || wrong "report: $(cat log)"
grep -q 'none.crl: HTTP status: 404' h10.csv || wrong "the finding does not say why: $(cat h10.csv)"

before=$(grep -c 'lists.crl' asked)
"$certsweep" reconcile --fetch-crls > log 2>&1
[ "$(grep -c 'lists.crl' asked)" -eq "$before" ] || wrong 'a list was fetched twice in an hour'
"$certsweep" reconcile --fetch-crls --again > log 2>&1
[ "$(grep -c 'lists.crl' asked)" -gt "$before" ] || wrong '--again fetches nothing again'
[ $failures -eq 0 ] && echo 'revocation is fetched'
exit $((failures > 0))
