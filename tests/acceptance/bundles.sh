#!/bin/sh
# bundles.sh CERTSWEEP: bundles carried by hand. Two sites with the same private addresses never meet; loaded twice
# changes nothing; loaded late gives the same intervals and events as loaded in order; a damaged or unsealed
# bundle is refused with nothing half-loaded.
set -u
certsweep=$1
# shellcheck source=tests/acceptance/inventories.sh
. "$(dirname -- "$0")/inventories.sh"
net=127.71.1
work_begin bundles

# What follows from the observations, in words that no order of loading changes.
picture() {
    ask "SELECT st.name, host(e.address), e.port, s.variant, encode(c.sha256, 'hex'), s.closed_at IS NULL, s.several
         FROM serving s JOIN endpoint e ON e.id = s.endpoint JOIN site st ON st.id = e.site JOIN chain c ON c.id = s.chain
         ORDER BY 1, 2, 3, 4, 5, 6, 7"
    ask "SELECT st.name, host(e.address), e.port, v.kind, v.time, v.variant
         FROM event v JOIN endpoint e ON e.id = v.endpoint JOIN site st ON st.id = e.site ORDER BY 1, 2, 3, 5, 4, 6"
    ask "SELECT st.name, q.prefix, q.port, o.name, q.addresses FROM quiet q JOIN scan s ON s.id = q.scan
         JOIN site st ON st.id = s.site JOIN outcome o ON o.id = q.outcome ORDER BY 1, 2, 3, 4, 5"
}

make_certificate first
make_certificate second
# shellcheck disable=SC2086    # words
scan() { must "$certsweep" scan -q $patient --depth cert --rate max --site "$1" -o "$work/$2.bundle" "$net.0/28:8461" "$net.0/28:8462"; }

serve first 8461
scan north north-1
scan south south-1
serve second 8461
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
[ "$(ask 'SELECT count(*) FROM chain')" = 0 ] || wrong "something of a bad bundle was loaded"

echo "$failures wrong"
[ $failures -eq 0 ]
