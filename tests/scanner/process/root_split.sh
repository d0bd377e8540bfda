#!/bin/sh
# Root parses nothing: called by root, files and database are read by a keeper that is certsweep (the owner of CERTSWEEP_HOME), without
# a capability and without a way back. In folders that only root may enter, as root's own are.
# usage: root_split.sh CERTSWEEP. Exit 77: not root, or no user certsweep.
set -eu
certsweep=$1
[ "$(id -u)" -eq 0 ] || { echo 'SKIP: not root'; exit 77; }
id certsweep > /dev/null 2>&1 || { echo 'SKIP: no user certsweep'; exit 77; }
work=$(mktemp -d)
secret=$work/secret
mkdir -m 711 "$work/data"
chmod 711 "$work"
mkdir -m 700 "$secret"                      # only root looks in here
CERTSWEEP_HOME=$work/data/home CERTSWEEP_BUNDLES=$work/data/bundles XDG_CONFIG_HOME=$work/config
export CERTSWEEP_HOME CERTSWEEP_BUNDLES XDG_CONFIG_HOME
mkdir -m 700 "$CERTSWEEP_HOME"
chown certsweep: "$CERTSWEEP_HOME"
starter='' server=''
trap '[ -z "$starter" ] || kill -9 $starter 2> /dev/null || true; [ -z "$server" ] || kill $server 2> /dev/null || true; rm -rf "$work"' EXIT
failures=0
wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
# The child of $starter of that name.
child() {
    tries=0
    while [ $tries -lt 100 ]; do
        for pid in $(cat "/proc/$starter/task/$starter/children" 2> /dev/null); do
            [ "$(cat "/proc/$pid/comm" 2> /dev/null)" != "$1" ] || { echo "$pid"; return; }
        done
        tries=$((tries + 1))
        sleep 0.1
    done
    echo none
}

# ---- a scan whose bundle, target list and scope lie where only root may look
cd "$secret"
echo 127.9.0.0/20:9 > targets
echo secret > callers
TOKEN=secret "$certsweep" scan @targets --rate 50 -o x.bundle --jsonl=lines 2> log 7< callers &
starter=$!
worker=$(child certsweep-worke)
keeper=$(child certsweep)
[ "$keeper" != none ] && [ "$worker" != none ] || wrong "no keeper or worker: $(cat log)"
[ "$(status "$keeper" Uid | cut -f 1)" = "$(id -u certsweep)" ] || wrong "the keeper is user $(status "$keeper" Uid)"
[ "$(status "$keeper" CapEff)$(status "$keeper" CapBnd)" = 00000000000000000000000000000000 ] ||
    wrong "the keeper keeps capabilities: $(status "$keeper" CapEff) $(status "$keeper" CapBnd)"
[ "$(status "$keeper" NoNewPrivs)" = 1 ] || wrong 'the keeper may gain privileges'
[ "$(status "$keeper" Seccomp)" = 2 ] || wrong 'the keeper has no filter'
tr '\0' '\n' < "/proc/$keeper/environ" | grep -q TOKEN && wrong "the keeper has the caller's environment"
for fd in "/proc/$keeper/fd"/*; do
    case $(readlink "$fd" || true) in *callers*) wrong "the keeper has the caller's descriptor ${fd##*/}" ;; esac
done
[ -z "$(status "$keeper" Groups | tr -d ' ')" ] || wrong "the keeper is in groups: $(status "$keeper" Groups)"
user=$(id -u certsweep-net 2> /dev/null || id -u nobody)
[ "$(status "$worker" Uid | cut -f 1)" = "$user" ] || wrong "the worker is user $(status "$worker" Uid)"
for fd in "/proc/$starter/fd"/*; do
    case $(readlink "$fd" || true) in *.bundle*) wrong 'the starter has the bundle open' ;; esac
done
kill -INT $starter
code=0
wait $starter || code=$?
starter=''
[ $code -eq 4 ] || wrong "the stopped scan ended with $code: $(cat log)"
[ -s x.bundle ] || wrong "no bundle: $(cat log)"
"$certsweep" scan --resume x.bundle 2> log & starter=$!
worker=$(child certsweep-worke)
kill -9 $starter
wait $starter 2> /dev/null || true
starter=''
tries=0
while kill -0 "$worker" 2> /dev/null && [ $tries -lt 300 ]; do tries=$((tries + 1)); sleep 0.1; done
[ $tries -lt 300 ] || wrong 'the worker outlives its starter'

# ---- to the end, sealed, loaded, reported; the database runs as certsweep and root's files stay root's
"$certsweep" scan 127.9.0.1:9 -o y.bundle --jsonl-all=lines 2> log || wrong "scan: $? $(cat log)"
[ "$(stat -c %U y.bundle)" = root ] || wrong "y.bundle belongs to $(stat -c %U y.bundle)"
[ ! -e y.bundle-wal ] && [ ! -e y.bundle-shm ] || wrong "side files are left: $(ls)"
[ -s lines ] || wrong 'no JSON lines'
"$certsweep" bundle check y.bundle > out 2> log || wrong "bundle check: $(cat log)"
"$certsweep" load y.bundle 2> log || wrong "load: $(cat log)"
mkdir -p below || wrong "mkdir"
for path in ../up below/../up; do
    if "$certsweep" report summary -o "$path" 2> log; then wrong "report -o $path, which may lead anywhere"; fi
    grep -q 'no path with ".." in it; name it without' log || wrong "report -o $path: $(cat log)"
done
"$certsweep" report summary -o report 2> log || wrong "report: $(cat log)"
[ -s report ] && [ "$(stat -c %U report)" = root ] || wrong "the report belongs to $(stat -c %U report)"
[ "$(stat -c %U "$CERTSWEEP_HOME"/pg*/data)" = certsweep ] || wrong 'the database is not of certsweep'
"$certsweep" scan 127.9.0.1:9 2> log > out || wrong "scan into the database: $? $(cat log)"
[ "$(stat -c %U "$CERTSWEEP_BUNDLES")" = certsweep ] || wrong 'the folder of bundles is not of certsweep'
mkdir -m 755 "$work/data/roots" "$work/data/others"      # made before: by root, by somebody else
chown nobody "$work/data/others"
for words in 'scan 127.9.0.1:9' "collect $secret/targets" 'test 127.9.0.1:9'; do
    code=0
    # shellcheck disable=SC2086
    CERTSWEEP_BUNDLES=$work/data/roots "$certsweep" $words 2> log > out || code=$?
    if [ $code -gt 1 ] || grep -q 'disk I/O' log; then wrong "$words into root's own folder: $code $(cat log)"; fi
    # shellcheck disable=SC2086
    if CERTSWEEP_BUNDLES=$work/data/others "$certsweep" $words 2> log > out; then wrong "$words into another user's folder"; fi
    grep -q 'written by the user certsweep' log || wrong "$words does not say whose folder it wants: $(cat log)"
done
[ -z "$(find "$work/data/roots" -type f ! -name '*.bundle')" ] || wrong "side files are left in root's folder"
(unset CERTSWEEP_BUNDLES; "$certsweep" scan 127.9.0.1:9) 2> log > out || wrong "scan into a home of its own: $? $(cat log)"
ls "$CERTSWEEP_HOME"/bundles/*.bundle > /dev/null || wrong "the home does not hold its bundles: $(cat log)"
"$certsweep" db dump dump 2> log || wrong "db dump: $(cat log)"

# ---- a database of the user's own: root connects as root, before it changes its user
"$certsweep" db start 2> log || wrong "db start: $(cat log)"
run=$(echo "$CERTSWEEP_HOME"/pg*/run)
data=$(echo "$CERTSWEEP_HOME"/pg*/data)
as_owner() { runuser -u certsweep -- psql -qAt -h "$run" -U postgres -d postgres -c "$1"; }
if command -v psql > /dev/null && command -v runuser > /dev/null; then
    as_owner 'CREATE ROLE root LOGIN' && as_owner 'CREATE DATABASE own OWNER root'
    sed -i '1i local own root peer' "$data/pg_hba.conf"
    as_owner 'SELECT pg_reload_conf()' > /dev/null
    tries=0
    until psql -qAt -h "$run" -U root -d own -c '' > /dev/null 2>&1 || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done
    "$certsweep" load y.bundle --db "host=$run dbname=own user=root" 2> log || wrong "peer authentication: $(cat log)"
    "$certsweep" report summary --db "host=$run dbname=own user=root" > out 2> log || wrong "report --db: $(cat log)"
    if "$certsweep" db dump peer.dump --db "host=$run dbname=own user=root" 2> log; then wrong 'pg_dump got in as root'; fi
    grep -q 'not as root by peer' log || wrong "the dump's refusal does not say why: $(cat log)"
    [ ! -e peer.dump ] || wrong 'a refused dump left a file'
    as_owner "CREATE ROLE dumper LOGIN SUPERUSER PASSWORD 'x7'" && as_owner 'CREATE DATABASE again OWNER dumper'
    sed -i '1i local all dumper scram-sha-256' "$data/pg_hba.conf"
    as_owner 'SELECT pg_reload_conf()' > /dev/null
    echo '*:*:*:dumper:x7' > passwords
    chmod 600 passwords
    export PGPASSFILE="$secret/passwords"
    tries=0
    until psql -qAt -h "$run" -U dumper -d own -c '' > /dev/null 2>&1 || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done
    "$certsweep" db dump own.dump --db "host=$run dbname=own user=dumper" 2> log || wrong "db dump --db: $(cat log)"
    [ "$(stat -c %U:%a own.dump)" = root:600 ] || wrong "the dump is of $(stat -c %U:%a own.dump)"
    "$certsweep" db restore own.dump --db "host=$run dbname=again user=dumper" 2> log || wrong "db restore --db: $(cat log)"
    unset PGPASSFILE
else
    echo 'SKIPPED: peer authentication (no psql or runuser)'
fi
"$certsweep" db stop 2> log || wrong "db stop: $(cat log)"

# ---- a scope file is read, and written, by the keeper as everything else
mkfifo answers
"$certsweep" scope show answers > out 2> log & starter=$!
keeper=$(child certsweep)
[ "$keeper" != none ] && [ "$(status "$keeper" Uid | cut -f 1)" = "$(id -u certsweep)" ] || wrong "scope show reads as root: $(cat log)"
: > answers
wait $starter || true
starter=''
"$certsweep" scope new --authorised-by Jane --range 203.0.113.0/24 -o scope.ini 2> log || wrong "scope new: $(cat log)"
[ "$(stat -c %U scope.ini)" = root ] || wrong "the scope is of $(stat -c %U scope.ini)"
"$certsweep" scope show scope.ini 2> log | grep -q 203.0.113.0-203.0.113.255 || wrong "scope show: $(cat log)"

# ---- through sudo, the caller's environment names no database
SUDO_UID=65534 CERTSWEEP_DB=service=none "$certsweep" report summary > out 2> log || wrong "sudo with CERTSWEEP_DB: $(cat log)"
grep -q 'CERTSWEEP_DB came through sudo' log || wrong "and it was not said: $(cat log)"
if CERTSWEEP_DB=service=none "$certsweep" report summary > out 2> log; then wrong 'CERTSWEEP_DB of root was passed over'; fi

# ---- a folder of documents is made where only root may, and removed again where the disk is full
"$certsweep" report discovery -o november/ 2> log || wrong "report discovery -o november/: $(cat log)"
[ "$(stat -c %U:%a november november/discovery.html | tr '\n' ' ')" = 'root:700 root:644 ' ] || wrong "the documents are of $(stat -c '%U:%a %n' november november/*)"
if "$certsweep" report discovery -o none/november/ 2> log; then wrong 'documents in a folder that is not there'; fi
grep -q 'none/november/: the folder above it is not there' log || wrong "and it was told as $(cat log)"
mkdir full
mount -t tmpfs -o size=4k none full
if "$certsweep" report discovery --split owner -o full/letters 2> log; then wrong 'letters on a full disk'; fi
grep -q 'full/letters/[a-z.-]*: No space left on device' log || wrong "and it was told as $(cat log)"
[ ! -e full/letters ] || wrong 'an empty folder was left on a full disk'
umount full

# ---- data in a folder that the user certsweep cannot enter
for command in 'db start' 'scans' "scan 127.9.0.1:9"; do
    # shellcheck disable=SC2086
    if CERTSWEEP_HOME=$secret/home CERTSWEEP_BUNDLES='' "$certsweep" $command > out 2> log; then wrong "$command with data in a closed folder"; fi
    grep -q "$secret/home.*: the user certsweep, who keeps root's data, cannot enter $secret: " log || wrong "$command with data in a closed folder: $(cat log)"
done

# ---- files that were not named stay closed, also if a plan or a link of another user leads there
echo '10.0.0.0/8' > other
printf '[targets]\ntarget = 127.9.0.1\nports = 9\n' > night.plan
"$certsweep" scan --plan night.plan --dry-run > out 2> log || wrong "the plan: $(cat log)"
printf '[targets]\ntarget = @%s/other\n' "$secret" > night.plan
"$certsweep" scan --plan night.plan --dry-run > out 2> log || true
if grep -q 'Permission denied' log; then wrong "what the plan names: $(cat log)"; fi
ln -s "$secret/other" "$work/data/link"
chown -h certsweep: "$work/data/link"
if "$certsweep" report summary -o "$work/data/link" 2> log; then wrong "root's report went where certsweep's link leads"; fi
[ "$(cat other)" = 10.0.0.0/8 ] || wrong 'and wrote there'
"$certsweep" db stop > /dev/null 2>&1 || true
[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo 'root parses nothing'
