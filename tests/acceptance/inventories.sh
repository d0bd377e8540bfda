# Sourced: what tests with a server on every address of loopback and several databases share. Before it: certsweep=PROGRAM.
# work_begin NAME makes $work, skips where nginx is missing, and sees to it that nothing is left.
# shellcheck shell=sh disable=SC2154    # certsweep is set by who sources this

# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/nginx.sh
. "$(dirname -- "$0")/../fixtures/nginx.sh"

certsweep=$(realpath -- "$certsweep")
export PATH="$PATH:/usr/sbin:/sbin"
# A server that is slow on a busy machine is no finding here.
# shellcheck disable=SC2034    # who sources this uses it
patient='--connect-timeout=30000 --handshake-timeout=30000 --attempt-timeout=60000'
unset CERTSWEEP_DB

work_begin() {
    work=$(mktemp -d "/tmp/certsweep-$1.XXXXXX")
    chmod 755 "$work"
    export XDG_CONFIG_HOME="$work/config" CERTSWEEP_BUNDLES="$work/bundles"
    trap work_end EXIT
    trap 'exit 130' INT TERM
    command -v nginx > /dev/null || { echo "SKIP: no nginx (./bootstrap test --servers installs it)"; exit 77; }
}
work_end() {
    nginx_stop
    for home in "$work"/home-*; do CERTSWEEP_HOME=$home "$certsweep" db stop > /dev/null 2>&1; done
    rm -rf "$work"
}

# ---- judging

# refused CODE WORD COMMAND...: ends with this code and says the word
refused() {
    wanted=$1 word=$2
    shift 2
    "$@" > "$work/out" 2>&1
    code=$?
    [ $code -eq "$wanted" ] || wrong "$* ended with $code, expected $wanted: $(cat "$work/out")"
    grep -qi -- "$word" "$work/out" || wrong "$*: no \"$word\" in: $(cat "$work/out")"
}
# same FILE FILE WHAT
same() { cmp -s "$1" "$2" || { wrong "$3"; diff "$1" "$2" | head -20; }; }

# ---- a server

make_certificate() { self_signed "$1" rsa:2048 60; }    # NAME
serve() {    # NAME PORT: on every address of loopback
    nginx_stop
    nginx_start "127.0.0.1:$2" <<END
server { listen 0.0.0.0:$2 ssl backlog=8192; ssl_certificate $work/$1.crt; ssl_certificate_key $work/$1.key; }
END
}

# ---- databases

database() {    # NAME: a database of its own from here on
    CERTSWEEP_HOME=$work/home-$1
    export CERTSWEEP_HOME
    home_make
    must "$certsweep" db start
}
if [ "$(id -u)" -eq 0 ]; then as='setpriv --reuid=certsweep --regid=certsweep --clear-groups'; else as=''; fi
# shellcheck disable=SC2086
ask() { (cd / && $as psql -X -A -t -d "$("$certsweep" db dsn)" -c "$1"); }
