# Sourced by state.sh and lists.sh: the server of CERTSWEEP_HOME, whose DSN is $dsn.
# shellcheck disable=SC2154

sql() { psql -XqtA -d "$dsn" -c "$1"; }

# Microseconds of CPU of the server: the postmaster, what it waited for, and the backends that live.
backends_us() {
    postmaster=$(head -n 1 "$CERTSWEEP_HOME"/pg*/data/postmaster.pid)
    { cat "/proc/$postmaster/stat"; pgrep -P "$postmaster" | while read -r child; do cat "/proc/$child/stat" || :; done; } 2> /dev/null |
        awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); sum += $12 + $13 + $14 + $15 } END { printf "%d\n", sum * 1e6 / hz }'
}

# A backend's CPU counts once the postmaster has waited for it; dropping its temporary tables may take a while.
backends_wait() {
    tries=0
    while [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")" != 0 ] &&
        [ "$tries" -lt 300 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
    sleep 0.5
}
