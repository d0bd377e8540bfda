#!/bin/sh
# bundles.sh CERTSWEEP: bundles carried by hand. Two sites with the same private addresses never meet; loaded twice
# changes nothing; loaded late gives the same intervals and events as loaded in order; a damaged or unsealed
# bundle is refused with nothing half-loaded; and a scan killed in its middle goes on to the same rows.
set -u
certsweep=$1
work=$(mktemp -d /tmp/certsweep-bundles.XXXXXX)
chmod 755 "$work"
server='' failures=0
net=127.71.1
export XDG_CONFIG_HOME="$work/config"
unset CERTSWEEP_DB

stop_server() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }; server=''; }
finish() {
    stop_server
    for home in "$work"/home-*; do CERTSWEEP_HOME=$home "$certsweep" db stop > /dev/null 2>&1; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
command -v nginx > /dev/null || { echo "SKIP: no nginx (./bootstrap test --servers installs it)"; exit 77; }

wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }
must() { "$@" > "$work/out" 2>&1 || { echo "FAILED ($?): $*"; cat "$work/out"; exit 1; }; }
# refused CODE WORD COMMAND...: ends with this code and says the word
refused() {
    wanted=$1 word=$2
    shift 2
    "$@" > "$work/out" 2>&1
    code=$?
    [ $code -eq "$wanted" ] || wrong "$* ended with $code, expected $wanted: $(cat "$work/out")"
    grep -qi -- "$word" "$work/out" || wrong "$*: no \"$word\" in: $(cat "$work/out")"
}

make_certificate() {    # NAME
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.crt" -days 60 -subj "/CN=$1.example" \
        -addext "subjectAltName=DNS:$1.example" 2> /dev/null || exit 1
}
serve() {    # NAME: on every address of loopback
    stop_server
    cat > "$work/nginx.conf" <<EOF
daemon off; pid $work/nginx.pid; error_log $work/nginx.log; events { worker_connections 8192; }
http { access_log off; server { listen 0.0.0.0:8461 ssl backlog=8192;
ssl_certificate $work/$1.crt; ssl_certificate_key $work/$1.key; } }
EOF
    timeout 300 nginx -c "$work/nginx.conf" 2> /dev/null &
    server=$!
    tries=0
    until openssl s_client -connect "$net.1:8461" < /dev/null > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { echo "FAILED: no server on port 8461"; exit 1; }
        sleep 0.1
    done
}

database() {    # NAME: a database of its own from here on
    CERTSWEEP_HOME=$work/home-$1
    export CERTSWEEP_HOME
    mkdir -m 700 "$CERTSWEEP_HOME"
    if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME"; fi
    must "$certsweep" db start
}
if [ "$(id -u)" -eq 0 ]; then as='setpriv --reuid=certsweep --regid=certsweep --clear-groups'; else as=''; fi
# shellcheck disable=SC2086
ask() { (cd / && $as psql -X -A -t -d "$("$certsweep" db dsn)" -c "$1"); }

# What follows from the observations, in words that no order of loading changes.
picture() {
    ask "SELECT st.name, host(e.address), e.port, s.variant, encode(c.sha256, 'hex'), s.from_at, s.to_at, s.closed_at, s.count
         FROM serving s JOIN endpoint e ON e.id = s.endpoint JOIN site st ON st.id = e.site JOIN chain c ON c.id = s.chain
         ORDER BY 1, 2, 3, 4, 5, 6"
    ask "SELECT st.name, host(e.address), e.port, v.kind, v.time, v.variant
         FROM event v JOIN endpoint e ON e.id = v.endpoint JOIN site st ON st.id = e.site ORDER BY 1, 2, 3, 5, 4, 6"
    ask "SELECT st.name, q.prefix, q.port, o.name, q.addresses FROM quiet q JOIN scan s ON s.id = q.scan
         JOIN site st ON st.id = s.site JOIN outcome o ON o.id = q.outcome ORDER BY 1, 2, 3, 4, 5"
}

make_certificate first
make_certificate second
scan() { must "$certsweep" scan -q --depth cert --rate max --site "$1" -o "$work/$2.bundle" "$net.0/28:8461" "$net.0/28:8462"; }

serve first
scan north north-1
scan south south-1
serve second
scan north north-2

# ---- two sites, in order
database ordered
must "$certsweep" load "$work/north-1.bundle" "$work/south-1.bundle" "$work/north-2.bundle"
picture > "$work/ordered"
[ "$(ask 'SELECT count(*) FROM endpoint')" = 32 ] || wrong "two sites of 16 addresses make $(ask 'SELECT count(*) FROM endpoint') endpoints"
[ "$(ask "SELECT count(*) FROM event WHERE kind = 'changed'")" = 16 ] || wrong "only the north changed its certificate"

# ---- twice
must "$certsweep" load "$work/north-1.bundle" "$work/north-2.bundle"
picture > "$work/twice"
cmp -s "$work/ordered" "$work/twice" || wrong "loading a bundle twice changed the picture"

# ---- late
database late
must "$certsweep" load "$work/north-2.bundle"
must "$certsweep" load "$work/south-1.bundle"
must "$certsweep" load "$work/north-1.bundle"
picture > "$work/late"
cmp -s "$work/ordered" "$work/late" || { wrong "a late bundle gives another picture"; diff "$work/ordered" "$work/late" | head; }

# ---- bad bundles: nothing of them arrives
cp "$work/north-1.bundle" "$work/forged.bundle"
sqlite_forge() { python3 - "$1" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE certificate SET der = CAST(der || x'00' AS BLOB)")
db.commit()
EOF
}
database bad
if command -v python3 > /dev/null; then
    sqlite_forge "$work/forged.bundle"
    refused 5 'sha-256' "$certsweep" load "$work/forged.bundle"
else
    echo "SKIP: no python3; the forged bundle is tested by test_bundle_reader alone"
fi
head -c 20000 /dev/urandom > "$work/noise.bundle"
refused 5 'noise.bundle' "$certsweep" load "$work/noise.bundle"
head -c 9000 "$work/north-1.bundle" > "$work/cut.bundle"
refused 5 'cut.bundle' "$certsweep" load "$work/cut.bundle"
refused 5 'no-such' "$certsweep" load "$work/no-such.bundle"
[ "$(ask 'SELECT count(*) FROM certificate')" = 0 ] || wrong "something of a bad bundle was loaded"

# ---- killed in its middle: the same rows as an undisturbed run
set -- scan -q --depth cert --rate 4000 --prefix-rate 0 127.71.64.0/19:8461
must "$certsweep" "$@" --site whole -o "$work/whole.bundle"
# keeper and worker die together: nobody is left to tidy up
"$certsweep" "$@" --site killed -o "$work/killed.bundle" > /dev/null 2>&1 &
keeper=$!
sleep 1
kill -9 $keeper
wait $keeper 2> /dev/null
sleep 0.5
[ -e "$work/killed.bundle-wal" ] || wrong "the killed scan was over before it was killed"
cp "$work/killed.bundle" "$work/bare.bundle"
refused 5 'wal' "$certsweep" load "$work/bare.bundle"
must "$certsweep" scan -q --resume "$work/killed.bundle"
database killed
must "$certsweep" load "$work/whole.bundle" "$work/killed.bundle"
for what in "SELECT count(*) FROM serving s JOIN endpoint e ON e.id = s.endpoint WHERE e.site = " \
            "SELECT count(*) FROM endpoint e WHERE e.site = " \
            "SELECT sum(o.count) FROM scan_outcome o JOIN scan s ON s.id = o.scan WHERE s.site = "; do
    whole=$(ask "$what (SELECT id FROM site WHERE name = 'whole')")
    killed=$(ask "$what (SELECT id FROM site WHERE name = 'killed')")
    [ "$whole" = 8192 ] && [ "$killed" = 8192 ] || wrong "$what: undisturbed $whole, killed and resumed $killed"
done
[ $failures -eq 0 ] || ask "SELECT st.name, o.name, b.detail, count(*) FROM observation b JOIN scan s ON s.id = b.scan
    JOIN site st ON st.id = s.site JOIN outcome o ON o.id = b.outcome GROUP BY 1, 2, 3"
asked_twice=$(($(ask "SELECT count(*) FROM observation o JOIN scan s ON s.id = o.scan WHERE s.site =
    (SELECT id FROM site WHERE name = 'killed')") - 8192))
[ $asked_twice -ge 0 ] && [ $asked_twice -le 8192 ] || wrong "asked twice: $asked_twice"
echo "killed and resumed: $asked_twice of 8192 asked twice; $failures wrong"
[ $failures -eq 0 ]
