#!/bin/sh
# verdicts.sh CERTSWEEP: servers from Debian (nginx with virtual hosts, openssl s_server, PostgreSQL), scanned
# by range and by name; every chain must be the one that its server was given, and every verdict the one expected.
set -u
PATH=$PATH:/usr/sbin:/sbin
certsweep=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/demo
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
home_begin verdicts
export DEMO_NET=127.70.0       # not the demonstration's: both may run at once

# shellcheck source=tests/acceptance/demo/pki.sh
. "$here/pki.sh"
# shellcheck source=tests/acceptance/demo/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/acceptance/demo/network.sh
. "$here/network.sh"
net=${net:?network.sh sets it}

on_end() { servers_stop; }

# shellcheck disable=SC2154    # pki.sh sets $pki
fingerprint() { openssl x509 -in "$pki/$1.crt" -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f; }

# served ADDRESS PORT SERVER_NAME CERTIFICATE: an attempt that got this leaf first. Without a name: -
served() {
    name="\"$3\""
    [ "$3" != - ] || name=null
    grep -F "\"address\":\"$1\",\"port\":$2,\"server_name\":$name," "$work/lines" |
        grep -F '"outcome":"certificate"' | grep -qF "\"chain\":[\"$(fingerprint "$4")\"" ||
        wrong "$1:$2 ($3) did not show $4"
}

# reported NAME yes|no WORD...: does the report speak of each?
reported() {
    report=$1 expected=$2
    shift 2
    "$certsweep" report "$report" --format csv > "$work/report-$report.csv" ||
        { wrong "report $report ended with $?"; return; }
    for word in "$@"; do
        found=no
        if grep -qF "$word" "$work/report-$report.csv"; then found=yes; fi
        [ $found = "$expected" ] || wrong "report $report: $word found: $found, expected: $expected"
    done
}

must make_certificates
write_managed_set
must start_servers

must "$certsweep" db start
must "$certsweep" policy use "$work/policy.ini"
must "$certsweep" managed import --source ca-export "$work/managed.csv"
must "$certsweep" owners import "$work/owners.csv"
must "$certsweep" scan $net.0/28 portal.dmv.demo.gov@$net.1 forms.dmv.demo.gov@$net.1 \
    -p 8443,9443,5432 --site demo --jsonl="$work/lines"
must "$certsweep" scan $net.2:2525 --probe smtp --site demo --jsonl="$work/lines-smtp"
cat "$work/lines-smtp" >> "$work/lines"

served $net.1 8443 portal.dmv.demo.gov portal
served $net.1 8443 portal.dmv.demo.gov portal-rsa        # the variant that asks for RSA
served $net.1 8443 forms.dmv.demo.gov forms
served $net.2 2525 - mail
served $net.3 8443 - wildcard
served $net.4 8443 - forgot
served $net.5 8443 - archive
served $net.8 8443 - pay
served $net.9 8443 - booking
served $net.10 9443 - printer
served $net.11 8443 - legacy
served $net.12 8443 - kiosk
served $net.13 8443 - camera
served $net.14 5432 - database

reported unmanaged yes intranet.dmv.demo.gov pay.parks.demo.gov booking.parks.demo.gov printer-7.parks.demo.gov \
    kiosk.parks.demo.gov camera.parks.demo.gov db.parks.demo.gov DMV 'Parks Service'
reported unmanaged no portal.dmv.demo.gov forms.dmv.demo.gov archive.dmv.demo.gov legacy.parks.demo.gov
reported foreign yes pay.parks.demo.gov booking.parks.demo.gov
reported foreign no portal.dmv.demo.gov intranet.dmv.demo.gov printer-7.parks.demo.gov
reported expiring yes forms.dmv.demo.gov mail.dmv.demo.gov
reported expiring no pay.parks.demo.gov portal.dmv.demo.gov archive.dmv.demo.gov
reported expired yes archive.dmv.demo.gov
reported expired no forms.dmv.demo.gov
reported weak yes legacy.parks.demo.gov kiosk.parks.demo.gov camera.parks.demo.gov
reported weak no pay.parks.demo.gov
# ends CODE COMMAND...
ends() {
    expected=$1
    shift
    "$@" > "$work/out" 2>&1
    code=$?
    [ $code -eq "$expected" ] || wrong "$* ended with $code, not $expected: $(cat "$work/out")"
}
ends 1 "$certsweep" reconcile --fail-on weak
ends 1 "$certsweep" reconcile --fail-on expired,accepted
ends 0 "$certsweep" reconcile --fail-on accepted
ends 2 "$certsweep" reconcile --fail-on expird
"$certsweep" report discovery --format html -o "$work/discovery.html" || wrong "report discovery ended with $?"
grep -q '</html>' "$work/discovery.html" || wrong 'the discovery report is not whole'

[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo 'every chain and every verdict as expected'
