#!/bin/sh
# cases.sh CERTSWEEP FOLDER: exports, results, rule books and policies as people and other tools write them, read by the commands that a
# person would use. cases.tsv beside this says what must come of each. FOLDER has the files, which are not part of the project; without it
# the test is skipped.
set -u
certsweep=$(realpath -- "$1")
cases=$(realpath -- "$2")
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ -d "$cases" ] || { echo "SKIP: no folder $cases"; exit 77; }
today=$(date -u +%Y%m%d)
[ "$today" -lt 20270220 ] || { echo 'SKIP: the certificates of these cases have ended'; exit 77; }
# shellcheck source=tests/fixtures/own_home.sh
. "$here/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/test_ca.sh
. "$here/../fixtures/test_ca.sh"
home_begin cases

# ---- three servers, as another tool has seen them: two of the cases' own certificates, and one that ends in December 2026 ----------
test_ca "$work/ca" '/C=US/O=Example Agency/CN=Example Agency Issuing CA'
# shellcheck disable=SC2154,SC2086    # several words
must openssl req -new $ec -keyout "$work/s02.key" -subj /CN=s02.parks.example.gov -addext subjectAltName=DNS:s02.parks.example.gov \
    -out "$work/s02.csr"
echo 7f7e55eecd3fd70425b9090a9120b0b7e11e1612 > "$work/ca/serial"
must openssl ca -batch -notext -config "$work/ca/ca.cnf" -in "$work/s02.csr" -out "$work/s02.pem" -startdate 20260909000000Z \
    -enddate 20261203000000Z
awk -v folder="$work" '/BEGIN CERT/ { file = folder "/s1" (n++ ? 3 : 1) ".pem"; print "-----BEGIN CERTIFICATE-----" > file; next }
    /END CERT/ { print "-----END CERTIFICATE-----" > file; file = "" } file { print > file }' "$cases/28-pem-column.csv"
seen() {    # FILE ADDRESS: a line of zgrab2
    printf '{"ip":"%s","data":{"tls":{"status":"success","port":8443,"timestamp":"2026-11-28T00:00:00Z","result":{"handshake_log":{"server_certificates":{"certificate":{"raw":"%s"}}}}}}}\n' \
        "$2" "$(openssl x509 -in "$work/$1.pem" -outform DER | base64 -w 0)"
}
{ seen s11 127.204.1.11; seen s13 127.204.1.13; seen s02 127.204.1.2; } > "$work/seen.jsonl"
printf '%s\n' '[policy]' 'name = cases' 'stale_after_days = 3650' '[own ca: Agency]' 'issuer = O=Example Agency' > "$work/policy.ini"
must "$certsweep" db start
dsn=$("$certsweep" db dsn)
must "$certsweep" load --no-reconcile --from zgrab2 "$work/seen.jsonl"
must "$certsweep" policy use "$work/policy.ini"

# ---- each case ---------------------------------------------------------------------------------------------------------------
# What is served and found in the managed set, as "s11 sha1, s13 serial"; a suggestion has a question mark.
matched() {
    psql -XqtA -d "$dsn" -c "SELECT coalesce(string_agg(split_part(name, '.', 1) || ' ' || substr(record_step, 3)
        || CASE WHEN record <> 'managed' THEN '?' ELSE '' END, ', ' ORDER BY name), 'none')
        FROM certificate_now WHERE place_count > 0 AND record_step NOT IN ('R-unmatched', 'R-none')"
}
deployments() {     # of what is not "unknown here" or "not located"
    psql -XqtA -d "$dsn" -c "SELECT string_agg(deployment, ', ' ORDER BY deployment) FROM endpoint_judged
        WHERE deployment NOT IN ('unknown here', 'not located')"
}
# How many rows of $file are in force today, and how many have ended, by the column that a text names: "{in force:Expires}" and
# "{ended:Expires}". The days of some records lie within the life of these cases.
counted() {
    python3 - "$file" "$1" << 'END'
import csv, datetime, re, sys

def day(text):
    return datetime.datetime.strptime(text[:10], "%m/%d/%Y" if "/" in text else "%Y-%m-%d").date()

def count(match):
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("Status", "Issued") in ("Issued", "Expired")
                and "Code Signing" not in row.get("Common Name", "")]
    ended = sum(row.get("Status") == "Expired" or day(row[match[2]]) <= datetime.datetime.now(datetime.timezone.utc).date() for row in rows)
    return str(ended if match[1] == "ended" else len(rows) - ended)

print(re.sub(r"\{(in force|ended):([^}]*)\}", count, sys.argv[2]))
END
}
is() { [ "$2" = "$3" ] || wrong "$file: $1 is \"$2\", expected \"$3\""; }
ran=0
while IFS='	' read -r how file code found says; do
    case $how in
        '#'* | '') continue ;;
        import:*) [ "$today" -lt "${how#import:}" ] || continue; how=import ;;       # until its certificate ends
    esac
    if [ ! -e "$cases/$file" ]; then wrong "$file is missing"; continue; fi
    cd "$cases" || exit 1
    case $how in
        import) "$certsweep" managed import --source case "$file" ;;
        load:*) "$certsweep" load --no-reconcile --from "${how#load:}" "$file" ;;
        owners) "$certsweep" owners import "$file" ;;
        policy) "$certsweep" policy use "$file" ;;
    esac > "$work/out" 2>&1 < /dev/null
    is 'its exit' $? "$code"
    cd / || exit 1
    if [ "$how" = import ]; then "$certsweep" report ownership --format csv >> "$work/out" 2> /dev/null < /dev/null; fi        # whose it is read to be
    LC_ALL=C grep -q "$(printf '\033')" "$work/out" && wrong "$file: an escape reaches the terminal"
    case $says in *'{'*) says=$(cd "$cases" && counted "$says") ;; esac
    while [ "$says" != '' ]; do
        one=${says%% & *}
        if [ "$one" = "$says" ]; then says=''; else says=${says#* & }; fi
        grep -qF -- "$one" "$work/out" || { wrong "$file: does not say \"$one\""; cat "$work/out"; }
    done
    if [ "$how" = import ]; then
        if [ "$found" != - ]; then
            found_now=$(matched)
            places=$(deployments)
            [ "$places" = '' ] || found_now="$found_now; $places"
            is 'what it matches' "$found_now" "$found"
        fi
        "$certsweep" managed forget case > "$work/out" 2>&1 < /dev/null
    fi
    ran=$((ran + 1))
done < "$here/cases.tsv"

# ---- no case is left out -------------------------------------------------------------------------------------------------------
for file in "$cases"/*; do
    cut -f 2 "$here/cases.tsv" | grep -qxF -- "$(basename "$file")" || wrong "$(basename "$file") is in no row of cases.tsv"
done
[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo "cases: $ran are as they must be"
