#!/bin/sh
# world.sh CERTSWEEP: forty-one servers, five CAs and an impostor, three exports; README.md says what it is for. WORLD_WRITE=1 writes
# expected/ anew.
set -u
PATH=$PATH:/usr/sbin:/sbin
certsweep=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
net=127.74.0
today=$(date -u +%F)
as_of='2040-06-15 00:00'     # a day alone is its end

# shellcheck source=tests/acceptance/world/pki.sh
. "$here/pki.sh"
# shellcheck source=tests/acceptance/world/exports.sh
. "$here/exports.sh"

# shellcheck source=tests/fixtures/own_home.sh
. "$here/../../fixtures/own_home.sh"

nginx_pid=''
on_end() { if [ -n "$nginx_pid" ]; then kill "$nginx_pid" 2>/dev/null; wait "$nginx_pid" 2>/dev/null; fi; }
home_begin world
export CERTSWEEP_ROOTS=/dev/null
pki=$work/pki
does() { "$certsweep" "$@" > "$work/out" 2>&1 || { wrong "certsweep $* ended with $?"; cat "$work/out"; }; }

# ---- forty-one servers: one nginx, an address each ---------------------------------------------------------------
# shows ADDRESS FILE: what an address serves from the next start or reload on
shows() { cp "$pki/$2.chain.pem" "$work/nginx/$1.pem" && cp "$pki/$2.key" "$work/nginx/$1.key"; }
served_leaf() { timeout 5 openssl s_client -connect "$net.$1:8443" < /dev/null 2> /dev/null | openssl x509 -noout -fingerprint 2> /dev/null; }
# served ADDRESS FILE: waits until it does
served() {
    tries=0
    until [ "$(served_leaf "$1")" = "$(of "$2" -fingerprint)" ]; do
        tries=$((tries + 1))
        if [ $tries -eq 300 ] || ! kill -0 "$nginx_pid"; then
            echo "$net.$1 does not show $2"
            tail -n 3 "$work/nginx/log"
            exit 1
        fi
        sleep 0.1
    done
}
servers_start() {
    mkdir "$work/nginx"
    world_rows | cut -f 1,8 | while IFS='	' read -r file addresses; do
        [ "$addresses" != - ] || continue
        for address in $(echo "$addresses" | tr , ' '); do
            shows "$address" "$file"
            echo "server { listen $net.$address:8443 ssl; ssl_certificate $work/nginx/$address.pem; ssl_certificate_key $work/nginx/$address.key; return 204; }"
        done
    done > "$work/nginx/servers"
    cat > "$work/nginx/nginx.conf" <<EOF
daemon off;
worker_processes 1;
pid $work/nginx/pid;
events { worker_connections 512; }
http {
    access_log off;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_body_temp_path $work/nginx/1; proxy_temp_path $work/nginx/2; fastcgi_temp_path $work/nginx/3;
    uwsgi_temp_path $work/nginx/4; scgi_temp_path $work/nginx/5;
    include $work/nginx/servers;
}
EOF
    timeout 900 nginx -e "$work/nginx/log" -c "$work/nginx/nginx.conf" > "$work/nginx/out" 2>&1 < /dev/null &
    nginx_pid=$!
    served 41 onlist
}
# changes ADDRESS FILE...: from now on they show these
changes() {
    last="$*"
    while [ $# -gt 0 ]; do shows "$1" "$2"; shift 2; done
    kill -HUP "$(cat "$work/nginx/pid")"
    # shellcheck disable=SC2086    # address and file in turn
    set -- $last
    while [ $# -gt 0 ]; do served "$1" "$2"; shift 2; done
}

# ---- what must be said, byte by byte -------------------------------------------------------------------------
# Hashes become the names of their files; the days of this run become NOW, and days to act that count from it AFTER NOW.
names_write() {
    for path in "$pki"/*.crt; do
        each=$(basename "$path" .crt)
        printf 's/%s/<sha256 of %s>/g\n' "$(sha256_of "$each")" "$each"
        printf 's/%s/<%s>/g\n' "$(sha256_of "$each" | cut -c 1-12)" "$each"
        printf 's/%s/<sha1 of %s>/g\n' "$(sha1_of "$each" | tr A-F a-f)" "$each"
        printf 's/%s/<key of %s>/g\n' "$(spki_of "$each")" "$each"
    done > "$work/names"
    printf 's|%s/||g\n' "$work" >> "$work/names"
}
# Equal ends are sorted by hashes, which differ from run to run: rows of lists are sorted anew.
normalised() {
    sed -f "$work/names" "$1" | sed -E "s/($today|$(date -u +%F))(T[0-9:.]+Z| [0-9:]+( UTC)?)?/NOW/g; s/[0-9a-f]{64}/<hash>/g; \
        s/(\"act_by\":)\"20[23][0-9]-[^\"]*\"/\1\"AFTER NOW\"/"
}
# Sentences stand in the lists of certificates and of records; elsewhere what was found counts, whatever the words.
without_prose() { sed -E 's/"(finding|because|next_step|note)":("([^"\\]|\\.)*"|null),?//g; s/,\}$/}/'; }
# expected NAME FILE
expected() {
    case $1 in
        certificates.jsonl | before.jsonl | recorded.jsonl) normalised "$2" | LC_ALL=C sort > "$work/normalised" ;;
        *.jsonl) normalised "$2" | without_prose | LC_ALL=C sort > "$work/normalised" ;;
        import-*) normalised "$2" | sed '/^$/,$d' > "$work/normalised" ;;       # what follows is the summary
        decisions.csv) normalised "$2" | sed 's/^"[0-9]*",//' | LC_ALL=C sort > "$work/normalised" ;;     # what one filter finds has no order
        *) normalised "$2" > "$work/normalised" ;;
    esac
    if [ -n "${WORLD_WRITE:-}" ]; then cp "$work/normalised" "$here/expected/$1"; return; fi
    diff -u "$here/expected/$1" "$work/normalised" || wrong "$1 differs"
}
# reports REPORT [OPTION...]: the report of that day
reports() {
    name=$1
    shift
    "$certsweep" report "$name" --as-of "$as_of" --format jsonl "$@" > "$work/report" 2> "$work/log" || { wrong "report $name ended with $?"; cat "$work/log"; }
    expected "$name.jsonl" "$work/report"
}

world_pki || exit 1
names_write
cat > "$work/policy.ini" <<EOF
[policy]
name = world
zone = America/Los_Angeles
day_ends_at = 17:00
stale_after_days = 36500
lead_business_days = 5
lead_business_days_service = 10
request_window_days = 20
test_window_days = 25
holidays = 2040-05-28 2040-07-04
own_suffixes = .world.gov
allowed_suffixes = .world.gov
licences = 2

[own ca: State]
issuer = O=State Trust Services

[approved ca: Trusty]
issuer = O=Trusty Partner

[trust store: public]
kind = public
file = $pki/globex.crt

[trust store: state]
kind = private
file = $pki/state.crt

[trust store: partner]
kind = private
file = $pki/trusty.crt

[trust store: lab]
kind = private
file = $pki/lab.crt
EOF
cat > "$work/owners.csv" <<EOF
prefix,name,owner,contacts
$net.23/32,,Printer Desk,printers@world.gov
,lab.world.gov,Laboratory,lab-list@world.gov
$net.0/27,,Network Team,net-list@world.gov
EOF
export_scm > "$work/scm.csv"
export_ecs > "$work/ecs.csv"
export_list > "$work/list.csv"

servers_start
does db start
scan() { "$certsweep" scan --rate max "$@" > "$work/out" 2>&1 || { wrong "scan $* ended with $?"; cat "$work/out"; }; }

# ---- nobody has said yet what is managed and whose the CAs are: nothing is judged, and that is said ---------------
scan "$net.1-$net.41" -p 8443
"$certsweep" report certificates --as-of "$as_of" --format jsonl > "$work/report" 2> "$work/log"
expected before.jsonl "$work/report"

# ---- three exports, each with what it says of itself -----------------------------------------------------------
does policy use "$work/policy.ini"
does owners import "$work/owners.csv"
for source in scm ecs list; do
    does managed import --source "$source" "$work/$source.csv"
    expected "import-$source.txt" "$work/out"
done

does managed import --source files --no-reconcile "$pki/ghost.crt" "$pki/user-ann.crt" "$pki/mailbox-ann.crt"

# ---- what another tool and a capture have seen, and what the CA's list says ---------------------------------------------------------
printf '{"ip":"%s","data":{"tls":{"status":"success","port":8443,"timestamp":"%sT00:00:00Z","result":{"handshake_log":{"server_certificates":{"certificate":{"raw":"%s"}}}}}}}\n' \
    "$net.46" "$today" "$(openssl x509 -in "$pki/told.crt" -outform DER | base64 -w 0)" > "$work/seen.jsonl"
does load --no-reconcile --from zgrab2 "$work/seen.jsonl"
"$here/capture.py" "$net.47" 8443 "$pki/overheard.crt" "$pki/state.crt" > "$work/traffic.pcap" || exit 1
does listen --read "$work/traffic.pcap"
world_list onlist || exit 1

# ---- days pass: nodes are renewed, one is missed; what was decided holds, ends, follows ------------------------
decided() { does managed "$@" --who ann; }
decided adopt "$(sha256_of booking-1)" --reason 'renewed by us from now on'
decided accept --where 'name=*.lab.world.gov' --future --until 2041-01-01 --reason 'the laboratory tests with these' --yes
decided accept "$(sha256_of temp)" --reason 'until the move' --until 2040-01-01
scan "$net.1-$net.45" -p 8443
changes 19 pair-new 20 line-2 25 booking-2
scan "$net.1-$net.45" -p 8443
changes 20 line-3
scan "$net.20" -p 8443
scan "$net.39" -p 8443 --site north
decided accept "$(sha256_of printer)" --reason 'replaced in spring'
decided ignore "$(sha256_of camera)" --reason 'not ours'
decided mute "$(sha256_of kiosk)" --reason 'known to its owner' --until 2041-01-01
decided ignore "$(sha256_of stranger)" --reason 'a mistake'
dsn=$("$certsweep" db dsn)
decided link "$(sha256_of db)" --record "$(psql -XqtA -d "$dsn" -c "SELECT id FROM managed_record WHERE common_name = 'vault.world.gov'")" --reason 'same service'
does managed undo "$(psql -XqtA -d "$dsn" -c "SELECT id FROM decision WHERE reason = 'a mistake'")" --who ann
does reconcile --crl "$pki/state.crl"
does managed decisions --all --format csv
expected decisions.csv "$work/out"

# ---- the fifteenth of June 2040 --------------------------------------------------------------------------------
reports findings --severity critical,high,medium,low
for report in certificates endpoints recorded exceptions expiring expired unmanaged foreign revoked weak ownership; do
    reports $report
done

# ---- nothing is left out ---------------------------------------------------------------------------------------
# occurs COLUMN VALUE...: some report of the day, or before, has it
occurs() {
    column=$1
    shift
    for value in "$@"; do
        grep -qE "\"$column\":(\"$value\"|\\[[^]]*\"$value\")" "$here"/expected/*.jsonl || wrong "no file in expected/ has $column $value"
    done
}
occurs record managed unmanaged ignored accepted 'not judged'
occurs record_step sha256 sha1 issuer-serial serial key linked adopted accepted ignored none unmatched not-in-force ambiguous impostor \
    serial-only key-only names common-name
occurs issuer_class self-signed own approved foreign private unknown 'not judged'
occurs status 'not yet' ok 'renewal due' expiring expired 'too long' unknown
occurs deployment 'as recorded' 'superseded but served' 'revoked but served' 'other known' 'unknown here' 'not located' \
    'recorded but not seen' unreachable 'never served' 'not judged'
for kind in accept ignore link adopt mute; do occurs decision $kind; done
occurs state 'in force' ended undone
for step in 'Replace it today' 'Find out who runs it, today' 'Install the renewed one' 'None: accepted' 'None: ignored' 'None until' \
    "Its owner's own provider" 'It was renewed by itself' 'Request the renewal' 'Find out whether it is still needed' \
    'If it is that of the record' 'Take it over' 'Import its record' 'None: it has ended'; do
    grep -qiE "\"next_step\":\"(LATE since [0-9-]+: )?([^\"]* Then: )?$step" "$here"/expected/*.jsonl || wrong "no file in expected/ has the next step $step"
done

[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo 'world: all is said'
