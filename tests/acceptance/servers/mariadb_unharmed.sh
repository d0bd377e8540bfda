#!/bin/sh
# mariadb_unharmed.sh BUILD: scans a real MariaDB 110 times at its default depth from a host whose address resolves (only then
# does the server count errors by host), reads the server's own count, and logs in from there: it must not be shut out. Then the
# count is filled on purpose: the server's words must be the outcome, and the endpoint asked once.
set -eu
build=$1
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
for tool in mariadbd mariadb mariadb-install-db sqlite3 ip openssl; do
    command -v $tool > /dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/mariadb.XXXXXX")
pids=
finish() {
    kill "$(cat "$work/data/pid" 2>/dev/null)" 2>/dev/null || :      # it may have forked
    for pid in $pids; do kill "$pid" 2>/dev/null || :; done
    sleep 0.5
    namespaces_remove
    rm -rf "$work" "/etc/netns/$b"
}
a='' b=none
trap finish EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"

# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespaces_join maria 'that a scan leaves MariaDB unharmed is' || exit 1
mkdir -p "/etc/netns/$b"                # what ip netns exec mounts over /etc there
cp /etc/hosts "/etc/netns/$b/hosts"
echo '10.99.0.1 scanner.example' >> "/etc/netns/$b/hosts"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=db.example 2>/dev/null
mkdir "$work/data"
chown -R mysql "$work/data" "$work/key.pem"
mariadb-install-db --no-defaults --user=mysql --datadir="$work/data" --auth-root-authentication-method=normal > "$work/install.log" 2>&1
in_b mariadbd --no-defaults --user=mysql --datadir="$work/data" --socket="$work/data/s" --bind-address=10.99.0.2 --port=3306 --extra-port=13307 --extra-max-connections=20 \
    --max-connect-errors=200 --performance-schema=ON --ssl-cert="$work/cert.pem" --ssl-key="$work/key.pem" \
    --pid-file="$work/data/pid" > "$work/server.log" 2>&1 &
pids="$pids $!"
sql() { in_b mariadb --no-defaults -N -S "$work/data/s" -u root -e "$1"; }
for _ in $(seq 100); do sql 'SELECT 1' > /dev/null 2>&1 && break; sleep 0.2; done
sql "CREATE USER 'app'@'%' IDENTIFIED BY 'app'"
login() { in_a mariadb --no-defaults -N -h 10.99.0.2 -u app -papp -e 'SELECT 1' 2>&1; }
[ "$(login)" = 1 ] || { echo "no login before the scans: $(login)"; exit 1; }

scan() { in_a "$certsweep" scan "10.99.0.2:${port:-3306}" --rate max -o "$work/b" "$@" > "$work/log" 2>&1; }
errors() { sql "SELECT SUM_CONNECT_ERRORS FROM performance_schema.host_cache WHERE IP = '10.99.0.1'"; }
sql 'FLUSH HOSTS'
for _ in $(seq 110); do
    rm -f "$work"/b*
    scan || { cat "$work/log"; exit 1; }
done
sqlite3 "$work/b" "SELECT count(*) FROM observation WHERE outcome = 1 AND connections = 1" | grep -qx 1 || { echo "no chain in one connection"; exit 1; }
sqlite3 "$work/b" "SELECT value, detail FROM posture WHERE item = 'rc4'" | grep -q '^untested|spared' || { echo "posture is not spared"; exit 1; }
counted=$(errors)
echo "110 scans: the server has counted $counted errors of at most 200"
[ "$counted" -le 110 ]
[ "$(login)" = 1 ] || { echo "shut out: $(login)"; exit 1; }

# on a port that is not its own: what it says names it, and one connection is all that it gets, unless it is asked as what it is
for probe in '' '--probe auto' '--probe mysql'; do
    sql 'FLUSH HOSTS'
    rm -f "$work"/b*
    # shellcheck disable=SC2086
    port=13307 scan $probe
    counted=$(errors)
    sqlite3 "$work/b" "SELECT outcome, connections, detail FROM observation" > "$work/found"
    case $probe in *mysql) expected='^1|1|' ;; *) expected='^7|1|it speaks mysql, and was spared' ;; esac
    grep -q "$expected" "$work/found" || { echo "foreign port $probe: $(cat "$work/found")"; exit 1; }
    [ "$counted" = 1 ] || { echo "foreign port $probe: $counted errors"; exit 1; }
done
echo "on a foreign port: one error a scan, and told"

# on purpose
sql 'FLUSH HOSTS; SET GLOBAL max_connect_errors = 20'
for _ in $(seq 3); do
    rm -f "$work"/b*
    scan --probe-posture mysql
done
rm -f "$work"/b*
scan
sqlite3 "$work/b" "SELECT outcome, connections, detail FROM observation" > "$work/found"
grep -q '^8|1|.*blocked because of' "$work/found" || { echo "not told that it is shut out: $(cat "$work/found")"; exit 1; }
echo "shut out on purpose: $(cat "$work/found")"
