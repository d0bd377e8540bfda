#!/bin/sh
# sparse.sh CERTSWEEP: a /12 (1,048,576 addresses) in network namespaces of its own, of which 1,024 serve TLS and all
# others refuse. Every address must be accounted for once, and the database must grow by quiet rows (one per
# /24), not by a million observations.
set -u
certsweep=$1
work=$(mktemp -d /tmp/certsweep-sparse.XXXXXX)
chmod 755 "$work"
here=cs-sparse-a-$$ there=cs-sparse-b-$$
failures=0

finish() {
    [ ! -e "$work/nginx.pid" ] || kill "$(cat "$work/nginx.pid")" 2>/dev/null
    "$certsweep" db stop > /dev/null 2>&1
    ip netns del "$here" 2>/dev/null
    ip netns del "$there" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

if ! ip netns add "$here" 2>/dev/null || ! ip netns add "$there" 2>/dev/null || ! ip -n "$here" link > /dev/null 2>&1; then
    echo "SKIP: network namespaces are not permitted here; the sparse /12 was not scanned"
    exit 77
fi
command -v nginx > /dev/null || { echo "SKIP: no nginx (./bootstrap test --servers installs it)"; exit 77; }
must() { "$@" || { echo "FAILED ($?): $*"; exit 1; }; }

# ---- the network: a veth pair; the other end is a host for every address of the /12
must ip link add cs0 netns "$here" type veth peer name cs1 netns "$there"
must ip -n "$here" addr add 10.200.0.1/30 dev cs0
must ip -n "$there" addr add 10.200.0.2/30 dev cs1
must ip -n "$here" link set cs0 up
must ip -n "$here" link set lo up
must ip -n "$there" link set cs1 up
must ip -n "$there" link set lo up
must ip -n "$here" route add 10.64.0.0/12 via 10.200.0.2
must ip -n "$there" route add local 10.64.0.0/12 dev lo

# ---- 1,024 addresses that serve: 16 in each of 64 networks, far apart
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 30 \
    -subj /CN=sparse.example -addext subjectAltName=DNS:sparse.example 2> /dev/null || exit 1
{
    echo "worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log; events { worker_connections 4096; }"
    echo "http { access_log off; server {"
    network=0
    while [ $network -lt 64 ]; do
        host=1
        while [ $host -le 16 ]; do
            echo "listen 10.$((64 + network / 4)).$((network * 37 % 256)).$((host * 15)):8443 ssl;"
            host=$((host + 1))
        done
        network=$((network + 1))
    done
    echo "ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; } }"
} > "$work/nginx.conf"
must ip netns exec "$there" nginx -c "$work/nginx.conf"

# ---- the scan
CERTSWEEP_HOME=$work/home XDG_CONFIG_HOME=$work/config
export CERTSWEEP_HOME XDG_CONFIG_HOME
unset CERTSWEEP_DB
mkdir -m 700 "$CERTSWEEP_HOME"
if [ "$(id -u)" -eq 0 ]; then chown certsweep: "$CERTSWEEP_HOME"; fi
must "$certsweep" db start
dsn=$("$certsweep" db dsn) || exit 1
if [ "$(id -u)" -eq 0 ]; then as='setpriv --reuid=certsweep --regid=certsweep --clear-groups'; else as=''; fi
# shellcheck disable=SC2086
number() { (cd / && $as psql -X -A -t -d "$dsn" -c "$1"); }

size_before=$(number "SELECT pg_database_size(current_database())")
started=$(date +%s)
must ip netns exec "$here" "$certsweep" scan 10.64.0.0/12 -p 8443 --depth cert --rate 30000 --prefix-rate 0
ended=$(date +%s)
size_after=$(number "SELECT pg_database_size(current_database())")

# expect WHAT FOUND WANTED
expect() { [ "$2" = "$3" ] || { echo "WRONG: $1: $2, expected $3"; failures=$((failures + 1)); }; }
expect 'positions accounted for' "$(number 'SELECT sum(count) FROM scan_outcome')" 1048576
expect 'observations' "$(number 'SELECT count(*) FROM observation')" 1024
expect 'certificates' "$(number 'SELECT count(*) FROM certificate')" 1
expect 'addresses, quiet or observed, none twice' \
    "$(number 'SELECT (SELECT sum(bit_count(addresses)) FROM quiet) + (SELECT count(*) FROM endpoint)')" 1048576
quiet=$(number 'SELECT count(*) FROM quiet')
[ "$quiet" -le 5000 ] || { echo "WRONG: $quiet quiet rows for 4,096 networks"; failures=$((failures + 1)); }
grown=$(((size_after - size_before) / 1048576))
[ "$grown" -lt 16 ] || { echo "WRONG: the database grew by $grown MiB"; failures=$((failures + 1)); }
echo "a /12 in $((ended - started)) s: $quiet quiet rows, the database grew by $grown MiB; $failures wrong"
[ $failures -eq 0 ]
