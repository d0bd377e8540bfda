#!/bin/sh
# managers_morning.sh CERTSWEEP: the morning of a certificate manager with two exports and no time. Fourteen servers from Debian run; what
# the manager does is run in order, and after each step its result is checked.
set -u
PATH=$PATH:/usr/sbin:/sbin
certsweep=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/demo
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
home_begin morning
export DEMO_NET=127.73.0

# shellcheck source=tests/acceptance/demo/pki.sh
. "$here/pki.sh"
# shellcheck source=tests/acceptance/demo/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/acceptance/demo/network.sh
. "$here/network.sh"

on_end() { servers_stop; }

does() { "$certsweep" "$@" > "$work/out" 2>&1 || { wrong "certsweep $* ended with $?"; cat "$work/out"; }; }
refuses() { if "$certsweep" "$@" > "$work/out" 2>&1; then wrong "certsweep $* was not refused"; fi; }
says() { for text in "$@"; do grep -qF -- "$text" "$work/out" || { wrong "not said: $text"; cat "$work/out"; }; done; }
# sees SQL ROW...: these rows and no others, fields separated by |
sees() {
    psql -XqtA -d "$dsn" -c "$1" > "$work/rows" 2>&1
    shift
    printf '%s\n' "$@" > "$work/wanted"
    cmp -s "$work/rows" "$work/wanted" || { wrong 'these rows differ'; diff "$work/wanted" "$work/rows"; }
}

make_certificates || exit 1
write_managed_set
start_servers || exit 1

# ---- what the two accounts export ------------------------------------------------------------------------
of() { openssl x509 -in "${pki:?pki.sh sets it}/$1.crt" -noout "$2" "${3:--serial}"; }
colons() { of "$1" -serial | cut -d= -f2 | sed 's/../&:/g; s/:$//'; }
sha1() { of "$1" -fingerprint -sha1 | cut -d= -f2 | tr -d :; }
day() { date -u -d "$(openssl x509 -in "$pki/$1.crt" -noout "-$2" | cut -d= -f2)" "+$3"; }
name() { openssl x509 -in "$pki/$1.crt" -noout -subject -nameopt multiline | sed -n 's/^ *commonName *= //p'; }
# scm NAME STATUS ORDER DEPARTMENT SHA1 REVOKED: SCM names no issuer, and no place
scm() {
    printf '"1","%s","%s","%s","%s","State of Demo","%s","OV SSL","Demo","Apache","ACTIVE","DEPLOYED","199 days","","","%s","%s","Desk","%s@demo.gov","","%s","","","","%s","%s","No"\n' \
        "$(name "$1")" "$(name "$1")" "$2" "$3" "$4" "$(day "$1" startdate %m/%d/%Y)" "$(day "$1" enddate %m/%d/%Y)" "$4" "$(colons "$1")" "$5" "$6"
}
{
    echo '"ID","Common Name","Subject Alt Names","Status","Order Number","Organization","Department","Certificate Type","Vendor","Server Software","Server Software State","Discovery Status","Term","Requested","Approved","Issued","Expires","Requester","External Requester","Comments","Serial Number","Signature Algorithm","Key Algorithm","Key Size","SHA1 Hash","Revoked","Auto-Renewal"'
    scm portal Issued 1001 DMV "$(sha1 portal)" ''
    scm portal-rsa Issued 1002 DMV '' ''
    scm mail Issued 1003 DMV "$(sha1 mail)" ''
    scm mail-new Issued 1003 DMV "$(sha1 mail-new)" ''
    scm forms Issued 1004 DMV '' ''
    scm wildcard Issued 1005 DMV "$(sha1 wildcard)" ''
    scm legacy Revoked 1006 Parks "$(sha1 legacy)" "$(date -u -d '-5 days' +%m/%d/%Y)"
    scm archive Issued 1007 DMV "$(sha1 archive)" ''
} > "$work/scm.csv"
{
    echo 'Tracking ID,Common Name,Subject Alt Names,Status,Cert Type,Serial Number,Issuer DN,Issue Date,Expiry Date,Requester Name,Requester Email,Additional Emails,Organization,Org Unit,Key Type,Key Size,Signing Algorithm,Cost Center,Deployment Locations'
    printf '2700000,%s,%s,Active,Advantage TLS,%s,"CN=Globex Public TLS CA R3,O=Globex Trust Ltd,C=US","%s","%s",Sam,sam@parks.demo.gov,,Parks,,EC,256,SHA-256,CC-1,\n' \
        "$(name pay)" "$(name pay)" "$(of pay -serial | cut -d= -f2)" "$(day pay startdate '%b %d, %Y')" "$(day pay enddate '%b %d, %Y')"
} > "$work/ecs.csv"

# ---- eight o'clock: the known set is imported, and the network scanned ----------------------------------------
does db start
dsn=$("$certsweep" db dsn)
does policy use "$work/policy.ini"
does owners import "$work/owners.csv"
does managed import --source scm "$work/scm.csv"
says 'Sectigo SCM'
does managed import --source ecs "$work/ecs.csv"
says 'Entrust ECS'
does scan "$net.0/28" "portal.dmv.demo.gov@$net.1" "forms.dmv.demo.gov@$net.1" -p 8443,9443,5432 --site demo
does scan "$net.2:2525" --probe smtp --site demo

# The export names no issuer: thumbprints match, and serial numbers of 64 bits with equal names. What is revoked in the account and still
# served is no managed certificate; ECS writes its dates with the names of months.
sees "SELECT DISTINCT name, record, record_step FROM certificate_now WHERE place_count > 0 ORDER BY 1, 3" \
    '*.dmv.demo.gov|managed|R-sha1' 'archive.dmv.demo.gov|managed|R-sha1' 'booking.parks.demo.gov|unmanaged|R-unmatched' \
    'camera.parks.demo.gov|unmanaged|R-unmatched' 'db.parks.demo.gov|unmanaged|R-unmatched' 'forms.dmv.demo.gov|managed|R-serial' \
    'intranet.dmv.demo.gov|unmanaged|R-unmatched' 'kiosk.parks.demo.gov|unmanaged|R-unmatched' 'legacy.parks.demo.gov|unmanaged|R-not-in-force' \
    'mail.dmv.demo.gov|managed|R-sha1' 'pay.parks.demo.gov|managed|R-issuer-serial' 'portal.dmv.demo.gov|managed|R-serial' \
    'portal.dmv.demo.gov|managed|R-sha1' 'printer-7.parks.demo.gov|unmanaged|R-unmatched'

# ---- nine: what is to be done, from all axes ---------------------------------------------------------------
sees "SELECT n.name, s.action FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.place_count > 0
        AND s.action NOT IN ('manage', 'none', 'rule') ORDER BY 1" \
    'archive.dmv.demo.gov|renew' 'forms.dmv.demo.gov|renew' 'legacy.parks.demo.gov|replace today' 'mail.dmv.demo.gov|install'
# Renewed on the third day, and never installed: mail still shows the old one.
sees "SELECT deployment, count(*) FROM endpoint_judged j JOIN certificate_now n USING (certificate)
        WHERE n.name IN ('mail.dmv.demo.gov', 'legacy.parks.demo.gov') GROUP BY 1 ORDER BY 1" 'revoked but served|1' 'superseded but served|1'
sees "SELECT left(next_step, 12), who LIKE 'DMV%' FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'archive.dmv.demo.gov'" \
    'LATE since 2|t'
sees 'SELECT count(*) FROM next_step WHERE char_length(next_step) > 140 OR next_step IS NULL' 0

# ---- ten: decisions ----------------------------------------------------------------------------------------
does managed accept printer-7.parks.demo.gov --reason 'replaced in spring' --until "$(date -u -d '+90 days' +%F)" --who ann
does managed accept --where owner=Parks* --where record=unmanaged --reason 'lab' --who ann      # shows, decides nothing
says kiosk.parks.demo.gov '--yes'
does managed ignore --where 'name=*camera*' --where site=demo --reason 'not ours' --who ann --yes
does managed adopt booking.parks.demo.gov --reason 'renewed by us from now on' --who ann
does managed mute kiosk.parks.demo.gov --reason 'known' --until "$(date -u -d '+9 days' +%F)" --who ann
refuses managed accept kiosk.parks.demo.gov --reason x --until 2020-01-01
refuses managed accept --where name=*.demo.gov --future --reason x
refuses managed link db.parks.demo.gov --record 4711 --reason x
does managed link db.parks.demo.gov --record 1 --reason 'same service' --who ann
does reconcile
sees "SELECT name, record, record_step FROM certificate_now WHERE record_step IN ('R-accepted', 'R-ignored', 'R-adopted', 'R-linked') ORDER BY 1" \
    'booking.parks.demo.gov|managed|R-adopted' 'camera.parks.demo.gov|ignored|R-ignored' 'db.parks.demo.gov|managed|R-linked' \
    'printer-7.parks.demo.gov|accepted|R-accepted'
sees "SELECT name FROM certificate_now WHERE muted_until IS NOT NULL" kiosk.parks.demo.gov
does report exceptions
says 'replaced in spring' ann

# A letter and a calendar name the day that the next step names: what is revoked is late since its revocation.
revoked_on=$(date -u -d '-5 days' +%F)
sees "SELECT act_by::date FROM next_step s JOIN certificate_now n USING (certificate) WHERE n.name = 'legacy.parks.demo.gov' AND n.place_count > 0" "$revoked_on"
mkdir -m 777 "$work/letters"        # called by root, certsweep writes as its own user
does report discovery --split owner -o "$work/letters"
grep -q "^\"*$revoked_on\"*,\"*critical\"*,\"*R15" "$work/letters/parks-service.csv" || { wrong 'the letter gives a revoked certificate time'; cut -c 1-80 "$work/letters/parks-service.csv"; }
grep -q "^SUMMARY:OVERDUE since $(LC_ALL=C date -u -d "$revoked_on" '+%-d %b %Y'): " "$work/letters/parks-service.ics" || wrong 'the calendar gives a revoked certificate time'
grep -q '^"printer-7.parks.demo.gov","accepted"' "$work/letters/parks-service-certificates.csv" || wrong 'what was accepted is told as something else'

# The decisions go into a file, are taken back, and come back from the file.
does managed decisions --format csv -o "$work/decisions.csv"
does managed undo 1 2 3 4 5
does reconcile
sees "SELECT count(*) FROM certificate_now WHERE decision IS NOT NULL" 0
psql -XqtA -d "$dsn" -c 'DELETE FROM decision' > "$work/deleted"
does managed decisions --import "$work/decisions.csv"
says '5 decisions new'
does reconcile
sees "SELECT count(*) FROM certificate_now WHERE decision IS NOT NULL" 4

# What is called by whatever names it is found.
does find kiosk.parks.demo.gov
says 'certsweep report certificate' "$net.12:8443"
does find "$net.12"
says kiosk.parks.demo.gov

# ---- eleven: whose is it, and how will it be in a month? -----------------------------------------------------
does owners explain "demo $net.12:8443"
says kiosk.parks.demo.gov owners.csv
does owners explain --all --format csv -o "$work/owners-all.csv"
[ "$(grep -c "$net" "$work/owners-all.csv")" -ge 14 ] || wrong 'owners explain --all has too few places'
sees 'SELECT count(*) FROM certificate_now n WHERE n.time = '"'expired' AND n.name = 'forms.dmv.demo.gov'" 0
does report expired --as-of "$(date -u -d '+30 days' +%F)" --format csv
says forms.dmv.demo.gov
does report certificate forms.dmv.demo.gov --as-of "$(date -u -d '+30 days' +%F)" --format csv
says expired 'next step'
does report expired --format csv
if grep -qF forms.dmv.demo.gov "$work/out"; then wrong 'a report of a later day has changed the present'; fi

[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo 'noon: all is said'
