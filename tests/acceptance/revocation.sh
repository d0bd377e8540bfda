#!/bin/sh
# revocation.sh CERTSWEEP: a CA by openssl ca, its lists, an answer by openssl ocsp that s_server staples: revoked certificates
# are reported, and what is no list or no trust store is refused by name.
set -u
certsweep=$1
address=127.71.0.1
server=''
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/test_ca.sh
. "$(dirname -- "$0")/../fixtures/test_ca.sh"
on_end() { if [ -n "$server" ]; then kill "$server"; fi; }
home_begin revocation
export CERTSWEEP_ROOTS=/dev/null
cd "$work" || exit 1

test_ca "$work" '/O=Example Agency/CN=Agency CA'

# issue NAME: a certificate with the CA's pointers
issue() {
    # shellcheck disable=SC2086    # several words
    must openssl req $ec -keyout "$1.key" -out "$1.csr" -subj "/CN=$1.example" -addext "subjectAltName=DNS:$1.example" \
        -addext 'crlDistributionPoints=URI:http://crl.example/ca.crl' -addext 'authorityInfoAccess=OCSP;URI:http://ocsp.example'
    must openssl ca -batch -notext -config ca.cnf -in "$1.csr" -out "$1.pem"
}

for name in kept lost held stapled; do issue $name; done
printf '[policy]\nname = test\n[trust store: agency]\nkind = private\nfile = %s/ca.pem\n' "$work" > policy.ini
printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' > garbage.pem
printf '[policy]\nname = bad\n[trust store: agency]\nkind = private\nfile = %s/garbage.pem\n' "$work" > garbage.ini

must "$certsweep" db start
"$certsweep" policy use garbage.ini > log 2>&1 && wrong 'a trust store of garbage is taken'
grep -qF 'garbage.pem:1: this PEM block is no certificate' log || wrong "garbage is not named: $(cat log)"
must "$certsweep" policy use policy.ini
must "$certsweep" managed import --source files kept.pem lost.pem held.pem
"$certsweep" reconcile --format csv > run.csv 2> log || wrong "reconcile: $(cat log)"
counted H01 0
counted H08 0
counted H10 0           # no lists were given

must openssl ca -config ca.cnf -revoke lost.pem -crl_reason keyCompromise
must openssl ca -config ca.cnf -revoke held.pem -crl_hold holdInstructionReject
mkdir lists
must openssl ca -config ca.cnf -gencrl -out lists/one.pem
must openssl crl -in lists/one.pem -outform DER -out lists/one.der
echo 'no list' > lists/readme
"$certsweep" reconcile --crl lists --format csv > run.csv 2> log
[ $? -eq 5 ] || wrong 'a file that is no list does not show in the exit code'
grep -q 'readme: no revocation list' log || wrong "the bad file is not named: $(cat log)"
grep -q 'revocation lists: 1 new, 1 known before, 1 not usable' log || wrong "$(cat log)"
counted H08 2
counted H10 0

# The hold ends: openssl knows no such command, so its index is edited as its manual says. The next list does not have it.
sed -i 's/^R\(\t[^\t]*\t\)[^\t]*holdInstruction[^\t]*\(\t.*\)$/V\1\2/' index.txt
sleep 1                 # a list counts from its second on
must openssl ca -config ca.cnf -gencrl -out two.pem
"$certsweep" reconcile --crl two.pem --format csv > run.csv 2> log || wrong "reconcile: $(cat log)"
counted H08 1

must openssl ca -config ca.cnf -revoke stapled.pem -crl_reason superseded
must openssl ocsp -issuer ca.pem -cert stapled.pem -no_nonce -reqout request.der
must openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin request.der -respout answer.der -ndays 30
openssl s_server -accept $address:4433 -cert stapled.pem -key stapled.key -status_file answer.der -quiet > server.log 2>&1 &
server=$!
sleep 1
must "$certsweep" scan $address:4433
"$certsweep" reconcile --format csv > run.csv 2> log || wrong "reconcile: $(cat log)"
counted H08 2
counted P12 0           # the only one that is served staples
[ $failures -eq 0 ] && echo 'revocation is told'
exit $((failures > 0))
