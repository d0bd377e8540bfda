#!/bin/sh
# mariadb_unharmed.sh BUILD: scans a real MariaDB 110 times at its default depth from a host whose address resolves (only then
# does the server count errors by host), reads the server's own count, and logs in from there: it must not be shut out. Then the
# count is filled on purpose: the server's words must be the outcome, and the endpoint asked once.
set -eu
build=$1
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
for tool in mariadbd mariadb mariadb-install-db sqlite3 unshare nsenter ip openssl; do
    command -v $tool > /dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root for network namespaces"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/mariadb.XXXXXX")
pids=
finish() {
    kill "$(cat "$work/data/pid" 2>/dev/null)" 2>/dev/null || :      # not the child that we know: nsenter's
    for pid in $pids; do kill "$pid" 2>/dev/null || :; done
    sleep 0.5
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"

cp /etc/hosts "$work/hosts"
echo '10.213.7.2 scanner.example' >> "$work/hosts"
unshare --net --mount sh -c "mount --bind '$work/hosts' /etc/hosts && ip link set lo up && exec sleep 600" &
server=$!
unshare --net sh -c 'ip link set lo up && exec sleep 600' &
scanner=$!
pids="$server $scanner"
sleep 0.5
ip link add certsweep-db type veth peer name certsweep-sc
ip link set certsweep-db netns $server
ip link set certsweep-sc netns $scanner
in_server() { nsenter -t $server -n -m "$@"; }
in_scanner() { nsenter -t $scanner -n "$@"; }
in_server ip address add 10.213.7.1/24 dev certsweep-db
in_server ip link set certsweep-db up
in_scanner ip address add 10.213.7.2/24 dev certsweep-sc
in_scanner ip link set certsweep-sc up

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=db.example 2>/dev/null
mkdir "$work/data"
chown -R mysql "$work/data" "$work/key.pem"
mariadb-install-db --no-defaults --user=mysql --datadir="$work/data" --auth-root-authentication-method=normal > "$work/install.log" 2>&1
in_server mariadbd --no-defaults --user=mysql --datadir="$work/data" --socket="$work/data/s" --bind-address=10.213.7.1 --port=3306 \
    --max-connect-errors=200 --performance-schema=ON --ssl-cert="$work/cert.pem" --ssl-key="$work/key.pem" \
    --pid-file="$work/data/pid" > "$work/server.log" 2>&1 &
pids="$pids $!"
sql() { in_server mariadb --no-defaults -N -S "$work/data/s" -u root -e "$1"; }
for _ in $(seq 100); do sql 'SELECT 1' > /dev/null 2>&1 && break; sleep 0.2; done
sql "CREATE USER 'app'@'%' IDENTIFIED BY 'app'"
login() { in_scanner mariadb --no-defaults -N -h 10.213.7.1 -u app -papp -e 'SELECT 1' 2>&1; }
[ "$(login)" = 1 ] || { echo "no login before the scans: $(login)"; exit 1; }

scan() { in_scanner "$certsweep" scan 10.213.7.1:3306 --rate max -o "$work/b" "$@" > "$work/log" 2>&1; }
errors() { sql "SELECT SUM_CONNECT_ERRORS FROM performance_schema.host_cache WHERE IP = '10.213.7.2'"; }
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
