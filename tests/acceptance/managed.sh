#!/bin/sh
# managed.sh CERTSWEEP: a certificate manager with an export and no time. Others' scan results are loaded; the CA account's export is read as
# it is, and says at once what it is and where its certificates stand; half an export ends nothing; key stores come in an archive.
set -u
certsweep=$1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
home_begin managed
export CERTSWEEP_ROOTS=/dev/null

# gives CODE WHAT COMMAND...: the exit code, and what the screen (or the log) must say
gives() {
    code=$1 what=$2
    shift 2
    "$@" > "$work/out" 2>&1
    got=$?
    [ $got -eq "$code" ] || { wrong "exit $got, not $code: $*"; cat "$work/out"; }
    grep -q -e "$what" "$work/out" || { wrong "\"$what\" is missing: $*"; cat "$work/out"; }
}

cd "$work" || exit 1

# ---- a CA and what it issued ----
ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
# shellcheck disable=SC2086    # several words
must openssl req -x509 $ec -keyout ca.key -out ca.pem -subj '/O=Example Trust/CN=Example Issuing CA' -days 900

issue() {    # NAME
    # shellcheck disable=SC2086    # several words
    must openssl req $ec -keyout "$1.key" -out "$1.csr" -subj "/O=Example Agency/CN=$1.parks.example" -addext "subjectAltName=DNS:$1.parks.example"
    must openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 90 -copy_extensions copy -out "$1.pem"
}
for name in www forms dead never shadow; do issue $name; done
serial() { openssl x509 -in "$1.pem" -noout -serial | cut -d= -f2; }
sha1() { openssl x509 -in "$1.pem" -noout -fingerprint -sha1 | cut -d= -f2 | tr -d :; }

# ---- somebody has scanned already: www, forms, dead and shadow are served ----
{
    echo '<?xml version="1.0"?><nmaprun start="1790000000">'
    host=1
    for name in www forms dead shadow; do
        echo "<host><address addr=\"127.80.0.$host\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"443\">"
        echo "<script id=\"ssl-cert\"><elem key=\"pem\">$(cat $name.pem)</elem></script></port></ports></host>"
        host=$((host + 1))
    done
    echo '</nmaprun>'
} > scan.xml
gives 0 '4 answers with certificates' "$certsweep" load --from nmap scan.xml
gives 0 'in the database already' "$certsweep" load --from nmap scan.xml
gives 5 'expected is what tlsx' "$certsweep" load --from tlsx scan.xml

# ---- the export, as Sectigo's report has it: no issuer, dates of its own, a request, a revoked one ----
row() {    # NUMBER NAME STATUS REVOKED
    echo "\"$1\",\"$2.parks.example\",\"$2.parks.example\",\"$3\",\"18000000$1\",\"Example Agency\",\"Parks\",\"Sectigo OV SSL\",\"Sectigo\",\"OTHER\",\"INACTIVE\",\"\",\"90 days\",\"07/31/2026\",\"$5\",\"$6\",\"Delegated Admin\",\"$2-dl@parks.example\",\"$(serial "$2")\",\"$(sha1 "$2")\",\"$4\""
}
dates() { printf '%s' "$(date -d "$(openssl x509 -in "$1.pem" -noout -"$2" | cut -d= -f2)" +%m/%d/%Y)"; }
heading='"ID","Common Name","Subject Alt Names","Status","Order Number","Organization","Department","Certificate Type","Vendor","Server Software","Server Software State","Discovery Status","Term","Requested","Issued","Expires","Requester","External Requester","Serial Number","SHA1 Hash","Revoked"'
{
    echo "$heading"
    for name in www forms never; do row 1 $name Issued '' "$(dates $name startdate)" "$(dates $name enddate)"; done
    row 2 dead Revoked 10/31/2026 "$(dates dead startdate)" "$(dates dead enddate)"
    echo '"3","new.parks.example","","Requested","","Example Agency","Parks","Sectigo OV SSL","Sectigo","OTHER","","","90 days","11/20/2026","","","","web@parks.example","","",""'
    echo '"4","Parks Code Signing","","Issued","1800000004","Example Agency","Parks","Sectigo OV SSL","Sectigo","OTHER","","","2 years","05/12/2026","05/12/2026","05/12/2028","","","","",""'
} > export.csv
sentence='6 rows: 3 certificates in force, 1 revoked, 1 requested, 1 code signing; contacts from External Requester; dates read as month/day/year, since line [0-9]* has [0-9/]*;'
gives 0 "(dry run, nothing kept) scm: $sentence" "$certsweep" managed import --source scm -n export.csv
gives 0 'nothing is managed yet' "$certsweep" managed list
gives 0 "scm: $sentence" "$certsweep" managed import --source scm export.csv
grep -q 'read as Sectigo SCM, SSL certificates report' "$work/out" || wrong "the profile is not named"
grep -q 'Of these 3 are served now: 0 of them superseded, 1 revoked, 0 expired; 1 in force were never seen. Served certificates that no source knows: ' "$work/out" ||
    { wrong "where they stand is not told"; cat "$work/out"; }
gives 0 '6 unchanged' "$certsweep" managed import --source scm export.csv

gives 0 'R15' "$certsweep" report findings --severity critical --format csv

# ---- an export without serial numbers proves nothing: what it suggests is told, and linked at once; who decided is who typed it ----
printf 'Order #,Common Name,Status,Expires\n77,www.parks.example,Issued,%s\n' "$(dates www enddate)" > names.csv
gives 0 '1 certificate in force' "$certsweep" managed import --source names --dates mdy --no-reconcile names.csv
gives 0 'ended' "$certsweep" managed forget scm
gives 0 'Of these 0 are served now' "$certsweep" managed import --source names --dates mdy names.csv
grep -q '1 of those is probably in it.*certsweep managed link --where record=unmanaged --record suggested' "$work/out" || wrong 'a suggestion is not told'
gives 0 'nothing is decided yet' "$certsweep" managed link --where record=unmanaged --record suggested --reason 'the same'
gives 0 'link: 1 of 1 certificate' "$certsweep" managed link --where record=unmanaged --record suggested --reason 'the same' --yes
gives 0 'Of these 1 are served now' "$certsweep" managed import --source names --dates mdy names.csv
if [ "$(id -u)" -eq 0 ]; then
    gives 0 'by ann: lab' env SUDO_USER=ann "$certsweep" managed mute www.parks.example --rule C06 --reason lab
    gives 0 'by root: lab' env -u SUDO_USER "$certsweep" managed mute www.parks.example --rule C05 --reason lab
fi
gives 2 'C05 (it has ended) and C06' "$certsweep" managed mute www.parks.example --rule K01 --reason lab
gives 0 'ended' "$certsweep" managed forget names
gives 0 '3 certificates in force' "$certsweep" managed import --source scm export.csv

# ---- what is decided is told in one line and without control characters, and kept as it was given ----
gives 0 '^accept: 1 of 1 certificate, by ann: two lines \\x1b\[31mred$' "$certsweep" managed accept shadow.parks.example --who ann \
    --reason "$(printf 'two\r\nlines \033[31mred')"
gives 0 '"reason":"two\\r\\nlines ' "$certsweep" managed decisions --format json

# ---- a place is named as reports print it ----
gives 0 'mute: 1 of 1 certificate' "$certsweep" managed mute 127.80.0.2:443 --reason lab
gives 0 'mute: 1 of 1 certificate' "$certsweep" managed mute 'default 127.80.0.3:443' --reason lab
gives 5 'no certificate of the inventory is meant by 127.80.0.2:8443' "$certsweep" managed mute 127.80.0.2:8443 --reason lab

# ---- a certificate is meant, and no record is suggested for it ----
gives 5 'no record is suggested for what is meant by 127.80.0.4:443' "$certsweep" managed link 127.80.0.4:443 --record suggested --reason lab
gives 5 'no certificate of the inventory is meant by 127.80.0.9:443' "$certsweep" managed link 127.80.0.9:443 --record suggested --reason lab

# ---- what a source manages cannot be ignored: that is told; and what is repeated ----
gives 0 'www.parks.example is managed by scm: ignore holds for what no source knows' "$certsweep" managed ignore www.parks.example --reason lab
gives 0 'ignore: 0 of 1 certificate (1 had it already), by' "$certsweep" managed ignore www.parks.example --reason lab
gives 0 '1 had it already, 1 for longer; to shorten that: certsweep managed undo' "$certsweep" managed ignore www.parks.example --reason lab --until 2099-12-31
gives 0 '^accept: 1 of 1 certificate, until the end of 2099-12-31 (UTC), by' "$certsweep" managed accept www.parks.example --reason lab --until 2099-12-31
gives 0 'decides of all that are meant, until the end of 2099-12-31 (UTC)' "$certsweep" managed accept --where name=shadow.* --reason lab --until 2099-12-31
gives 0 '^ignore: 1 of 1 certificate, by' "$certsweep" managed ignore www.parks.example --reason lab

# ---- what would do harm asks first ----
{ echo "$heading"; row 1 www Issued '' "$(dates www startdate)" "$(dates www enddate)"; echo '"9","x"y"'; } > half.csv
gives 5 'nothing was kept' "$certsweep" managed import --source scm half.csv
gives 5 '0 ended' "$certsweep" managed import --source scm --partial half.csv
printf 'Common Name,Expires\nwww.parks.example,02/03/2027\n' > doubt.csv
gives 2 'say --dates mdy' "$certsweep" managed import --source doubt doubt.csv
gives 0 '1 certificate in force' "$certsweep" managed import --source doubt --dates dmy doubt.csv
gives 5 'results of tlsx, no managed set: certsweep load --from tlsx' sh -c "echo '{\"host\":\"a\",\"probe_status\":true}' | \"$certsweep\" managed import --source doubt -"

# ---- a key store in an archive; its password is in no argument ----
must openssl pkcs12 -export -inkey shadow.key -in shadow.pem -out shadow.p12 -passout pass:secret
must tar -czf stores.tar.gz shadow.p12 ca.pem
gives 5 '--password-file' "$certsweep" managed import --source stores stores.tar.gz
echo secret > password
gives 0 '1 certificate in force, 1 CA' "$certsweep" managed import --source stores --password-file password stores.tar.gz
gives 0 'unchanged' env CERTSWEEP_KEYSTORE_PASSWORD=secret "$certsweep" managed import --source stores stores.tar.gz
gives 0 '2 records ended' "$certsweep" managed forget stores
gives 2 'no source "nobody"' "$certsweep" managed forget nobody

# ---- a licence is for one of another CA: of an own one its account has the record ----
printf '[policy]\nname = ours\nlicences = 1\n[own ca: ours]\nissuer = CN=Example Issuing CA*\n' > ours.policy
gives 0 '' "$certsweep" policy use ours.policy
gives 0 '' "$certsweep" reconcile
gives 5 "shadow.parks.example is not adopted.*certsweep managed import --source NAME FILE" \
    "$certsweep" managed adopt shadow.parks.example --reason lab
gives 5 'certificates are not adopted' "$certsweep" managed adopt --where name=* --reason lab --yes
gives 0 '' "$certsweep" managed adopt --help
grep -q 'Examples' "$work/out" || wrong 'adopt has no examples'

# ---- the same scan from another site is another one ----
gives 0 '4 answers' "$certsweep" load --from nmap --site north scan.xml
gives 2 'a bundle contains its site' "$certsweep" load --site north scan.xml

if [ $failures -ne 0 ]; then echo "managed.sh: $failures faults"; exit 1; fi
echo "managed.sh: an export, a scan of others and a key store were read as they are"
