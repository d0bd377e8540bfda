#!/bin/sh
# sparse.sh CERTSWEEP: a /12 (1,048,576 addresses) in network namespaces of its own, of which 1,024 serve TLS and all
# others refuse. Every address must be accounted for once, and the database must grow by quiet rows (one per
# /24), not by a million observations.
set -u
certsweep=$1
a='' b=''
command -v nginx > /dev/null || { echo "SKIP: no nginx (./bootstrap test --servers installs it)"; exit 77; }
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/nginx.sh
. "$(dirname -- "$0")/../fixtures/nginx.sh"
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../fixtures/namespaces.sh"
on_end() {
    nginx_stop
    namespaces_remove
}
home_begin sparse
namespaces_join sparse 'the sparse /12 is' 10.64.0.0/12 || exit 1

# ---- 1,024 addresses that serve: 16 in each of 64 networks, far apart; the others refuse
self_signed sparse rsa:2048 30
{
    echo 'server {'
    network=0
    while [ $network -lt 64 ]; do
        host=1
        while [ $host -le 16 ]; do
            echo "listen 10.$((64 + network / 4)).$((network * 37 % 256)).$((host * 15)):8443 ssl;"
            host=$((host + 1))
        done
        network=$((network + 1))
    done
    echo "ssl_certificate $work/sparse.crt; ssl_certificate_key $work/sparse.key; }"
} > "$work/servers"
nginx_start 10.64.0.15:8443 ip netns exec "$b" < "$work/servers"

# ---- the scan
must "$certsweep" db start
dsn=$("$certsweep" db dsn) || exit 1
if [ "$(id -u)" -eq 0 ]; then as='setpriv --reuid=certsweep --regid=certsweep --clear-groups'; else as=''; fi
# shellcheck disable=SC2086
number() { (cd / && $as psql -X -A -t -d "$dsn" -c "$1"); }

size_before=$(number "SELECT pg_database_size(current_database())")
started=$(date +%s)
must ip netns exec "$a" "$certsweep" scan 10.64.0.0/12 -p 8443 --depth cert --rate 30000 --prefix-rate 0
ended=$(date +%s)
size_after=$(number "SELECT pg_database_size(current_database())")

# expect WHAT FOUND WANTED
expect() { [ "$2" = "$3" ] || { echo "WRONG: $1: $2, expected $3"; failures=$((failures + 1)); }; }
expect 'positions accounted for' "$(number 'SELECT sum(count) FROM scan_outcome')" 1048576
expect 'observations' "$(number 'SELECT count(*) FROM observation')" 1024
expect 'certificates' "$(number 'SELECT count(DISTINCT certificate) FROM chain_certificate')" 1
expect 'addresses, quiet or observed, none twice' \
    "$(number 'SELECT (SELECT sum(bit_count(addresses)) FROM quiet) + (SELECT count(*) FROM endpoint)')" 1048576
quiet=$(number 'SELECT count(*) FROM quiet')
[ "$quiet" -le 5000 ] || { echo "WRONG: $quiet quiet rows for 4,096 networks"; failures=$((failures + 1)); }
grown=$(((size_after - size_before) / 1048576))
[ "$grown" -lt 16 ] || { echo "WRONG: the database grew by $grown MiB"; failures=$((failures + 1)); }
echo "a /12 in $((ended - started)) s: $quiet quiet rows, the database grew by $grown MiB; $failures wrong"
[ $failures -eq 0 ]
