#!/bin/sh
# killed.sh CERTSWEEP: kill -9 of worker, keeper and database, each in the middle of one and the same scan, then
# `scan --resume` and `load`. The rows must be those of an undisturbed run but for times and for attempts asked twice, and
# asked twice is nothing of a block that was finished before the kill.
set -u
certsweep=$1
# shellcheck source=tests/acceptance/inventories.sh
. "$(dirname -- "$0")/inventories.sh"
net=127.72.64
work_begin killed

# 16,384 targets in 4 blocks: one port answers, the other refuses.
# shellcheck disable=SC2086    # words
set -- scan $patient --depth cert --rate 2000 --prefix-rate 0 "$net.0/19" -p 8463,8464
blocks=4 answers=8192
resume() { "$certsweep" scan -q --resume "$(the_bundle)" > "$work/out" 2>&1 & keeper=$!; }

# All that the database holds, in words that know no ids and no times.
picture() {
    ask "SELECT DISTINCT host(e.address), e.port, e.server_name, o.method, o.role, o.variant, o.outcome, o.protocol,
             o.detail, o.tls_version, o.cipher_suite, o.named_group, o.sct_count, o.alpn, encode(c.sha256, 'hex')
         FROM observation o JOIN endpoint e ON e.id = o.endpoint LEFT JOIN chain c ON c.id = o.chain ORDER BY 1, 2, 3, 6"
    ask "SELECT host(e.address), e.port, s.variant, encode(c.sha256, 'hex'), s.closed_at IS NULL, s.several
         FROM serving s JOIN endpoint e ON e.id = s.endpoint JOIN chain c ON c.id = s.chain ORDER BY 1, 2, 3, 4"
    ask "SELECT host(e.address), e.port, v.kind, v.variant FROM event v JOIN endpoint e ON e.id = v.endpoint ORDER BY 1, 2, 3, 4"
    ask "SELECT host(e.address), s.last_outcome, s.gone_at IS NULL FROM endpoint_state s JOIN endpoint e ON e.id = s.endpoint
         ORDER BY 1"
    ask "SELECT prefix, port, outcome, addresses FROM quiet ORDER BY 1, 2, 3"
    ask "SELECT o.outcome, o.count, s.space_size, s.finished_at IS NOT NULL FROM scan_outcome o JOIN scan s ON s.id = o.scan ORDER BY 1"
    ask "SELECT encode(sha256, 'hex') FROM certificate ORDER BY 1"
    ask "SELECT axis, rule, value, severity, count(*) FROM verdict WHERE until IS NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3"
}
the_bundle() { ls "$work/bundles/"*.bundle 2> /dev/null; }
# until_finished N: the scan that runs has finished N blocks, of which each takes it two seconds, and is in the next
until_finished() {
    tries=0
    while [ $tries -lt 300 ]; do
        finished=$("$certsweep" bundle check "$(the_bundle)" 2> /dev/null | sed -n 's/.*, \([0-9]*\) of [0-9]* blocks finished.*/\1/p')
        [ "${finished:-0}" -lt "$1" ] || { sleep 0.7; return; }         # into the middle of the next
        tries=$((tries + 1))
        sleep 0.1
    done
    wrong "no $1 blocks were finished in time"
}
database_server() { head -n 1 "$CERTSWEEP_HOME"/pg*/data/postmaster.pid; }

# What a resumed scan must leave alone.
keep_finished() {
    must "$certsweep" load "$(the_bundle)"
    ask "INSERT INTO finished_before SELECT block FROM scan_block ON CONFLICT DO NOTHING" > "$work/out"
    ask "INSERT INTO asked_before SELECT position, count(*) FROM observation GROUP BY 1
         ON CONFLICT (position) DO UPDATE SET count = excluded.count" > "$work/out"
    left=$((blocks - $(ask 'SELECT count(*) FROM scan_block')))
    [ $left -gt 0 ] || wrong "$1 was killed when the scan was over already"
}
check_asked_twice() {
    twice=$(ask "SELECT count(*) FROM (SELECT position, count(*) FROM observation GROUP BY 1) now
                 JOIN finished_before f ON f.block = now.position / 4096
                 LEFT JOIN asked_before b USING (position) WHERE now.count > coalesce(b.count, 0)")
    [ "$twice" = 0 ] || wrong "$1: $twice targets of finished blocks were asked again"
}
# interrupted WHO PID: killed in the middle of the scan of $keeper, whose exit code is then in $code
interrupted() {
    kill -9 "$2" || wrong "no $1 to kill"
    wait "$keeper" 2> /dev/null
    code=$?
}

make_certificate only
serve only 8463

database undisturbed
must "$certsweep" "$@"
picture > "$work/undisturbed"
[ "$(ask 'SELECT count(*) FROM observation')" = $answers ] || wrong "undisturbed: $(ask 'SELECT count(*) FROM observation') answers"
must "$certsweep" db stop
rm -rf "$work/bundles"

database disturbed
ask "CREATE TABLE finished_before (block bigint PRIMARY KEY); CREATE TABLE asked_before (position bigint PRIMARY KEY, count bigint)" \
    > "$work/out"

# ---- the worker: the keeper lives and says what to do
"$certsweep" "$@" > "$work/out" 2>&1 & keeper=$!
until_finished 1
interrupted worker "$(pgrep -P $keeper -x certsweep-worke)"
[ $code -eq 4 ] || wrong "worker killed: the scan ended with $code, not 4: $(cat "$work/out")"
grep -q -e '--resume' "$work/out" || wrong "worker killed: no word of --resume in: $(cat "$work/out")"
keep_finished worker

# ---- the keeper: its worker ends with it
resume
until_finished 2
worker=$(pgrep -P $keeper -x certsweep-worke)
interrupted keeper $keeper
tries=0
while kill -0 "$worker" 2> /dev/null && [ $tries -lt 300 ]; do tries=$((tries + 1)); sleep 0.1; done
[ $tries -lt 300 ] || wrong "the worker outlives its keeper by 30 s"
check_asked_twice 'worker killed'
keep_finished keeper

# ---- what it left, carried away without its -wal: refused, unless its owner knows
[ -e "$(the_bundle)-wal" ] || wrong 'a killed scan left no -wal'
cp "$(the_bundle)" "$work/bare.bundle"
refused 5 "bundle seal --partial $work/bare.bundle" "$certsweep" load "$work/bare.bundle"
must "$certsweep" bundle seal --partial "$work/bare.bundle"
must "$certsweep" bundle check "$work/bare.bundle"

# ---- the database: the scan goes on, its bundle is what counts
resume
until_finished 3
interrupted database "$(database_server)"
[ $code -eq 0 ] || [ $code -eq 3 ] || wrong "database killed: the scan ended with $code: $(cat "$work/out")"
must "$certsweep" db start
must "$certsweep" load "$(the_bundle)"
must "$certsweep" reconcile
check_asked_twice 'keeper killed'

picture > "$work/disturbed"
same "$work/undisturbed" "$work/disturbed" 'the rows are not those of an undisturbed run'
must "$certsweep" load "$(the_bundle)"
picture > "$work/again"
same "$work/disturbed" "$work/again" 'loaded again, the rows are others'
echo "asked twice: $(($(ask 'SELECT count(*) FROM observation') - answers)) of $answers, none of a finished block; $failures wrong"
[ $failures -eq 0 ]
