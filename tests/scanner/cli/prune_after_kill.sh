#!/bin/sh
# prune_after_kill.sh CERTSWEEP: `db prune` builds the indexes first that a killed first load has left out; without them it would read whole tables.
# Exit 77: no psql.
set -eu
certsweep=$1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../../fixtures/own_home.sh"
command -v psql > /dev/null || { echo 'SKIP: no psql'; exit 77; }

home_begin prune
must "$certsweep" db start
must "$certsweep" report summary             # makes the schema
dsn=$("$certsweep" db dsn)
as_owner() {     # who runs the database
    if [ "$(id -u)" -eq 0 ]; then runuser -u certsweep -- psql "$dsn" -qAt -c "$1"; else psql "$dsn" -qAt -c "$1"; fi
}
indexes="SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'certsweep' ORDER BY 1"
before=$(as_owner "$indexes")
as_owner "SELECT certsweep.indexes_put_aside('load', '{event_time, answer_span_chain, endpoint_key}', 'certsweep.endpoint', 5000)" > /dev/null
[ "$(as_owner 'SELECT count(*) FROM certsweep.index_aside')" -eq 3 ] || wrong 'no index was put aside'
must "$certsweep" db prune --before 2020-01-01
[ "$(as_owner "$indexes")" = "$before" ] || wrong 'db prune left indexes out'
[ "$(as_owner 'SELECT count(*) FROM certsweep.index_aside')" -eq 0 ] || wrong 'and remembers them'
"$certsweep" db prune --before 2999-01-01 > "$work/out" 2>&1 && wrong 'a day to come is taken'
grep -q 'still to come' "$work/out" || wrong 'and not told'

# a day that is not over when the last finished scan began would take what is served
as_owner "INSERT INTO certsweep.site (name) VALUES ('here'); INSERT INTO certsweep.scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count, finished_at)
    SELECT gen_random_uuid(), s.id, 1, now() - d * interval '1 day', '{}', '', '', 0, 0, CASE WHEN d > 0 THEN now() END FROM certsweep.site s, generate_series(0, 2) d WHERE s.name = 'here'"
for days in 0 1; do
    "$certsweep" db prune --before "$(date -u -d "-$days days" +%F)" > "$work/out" 2>&1 && wrong "a day $days days ago is taken"
    grep -q 'what is served would be forgotten.*or earlier' "$work/out" || wrong 'and not told'
done
last=$(sed -n 's/.*by then, \([-0-9]*\) or earlier.*/\1/p' "$work/out")
must "$certsweep" db prune --before "$last"
[ "$failures" -eq 0 ]
