#!/bin/sh
# lists.sh [-b BUILD] [-r RUNS] [-l]: how fast is reading? Measures the private database of CERTSWEEP_HOME as it is, state.sh -l makes one.
# Prints what finding, one subject, the first page of each list (50 rows; RUNS times, 5: the least wall time, the mean of CPU), whole lists as
# CSV, the document of all and of the owner with the most certificates cost, and how much memory the client took.
# -l  the letters to all owners, too
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release runs=5 letters=''
while getopts b:r:l option; do
    case $option in
    b) build=$OPTARG ;;
    r) runs=$OPTARG ;;
    l) letters=1 ;;
    *) sed -n 2,5p "$0" >&2; exit 2 ;;
    esac
done
build=$(realpath -- "$build")
certsweep=$build/scanner/cli/certsweep
: "${CERTSWEEP_HOME:?lists.sh measures the private database of CERTSWEEP_HOME}"
unset CERTSWEEP_DB
work=$(mktemp -d "${TMPDIR:-/tmp}/certsweep-lists.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
"$certsweep" report summary > /dev/null 2>&1
dsn=$("$certsweep" db dsn)
# shellcheck source=tests/bench/backends.sh
. "$here/backends.sh"

# NAME RUNS COMMAND...: a row of the table; the rows are those of the CSV, if it is one.
measure() {
    label=$1 times=$2
    shift 2
    : > "$work/measured"
    backends_wait
    server=$(backends_us)
    n=0
    while [ "$n" -lt "$times" ]; do
        "$build/tests/bench/bench_measure" "$work/measured" "$certsweep" "$@" > "$work/out" 2> "$work/err" || { cat "$work/err" >&2; exit 1; }
        n=$((n + 1))
    done
    backends_wait
    rows=$(tr -cd '\r' < "$work/out" | wc -c)
    awk -v label="$label" -v rows="$((rows > 0 ? rows - 1 : 0))" -v server="$(($(backends_us) - server))" \
        '$5 > 1 { failed = 1 }
         { client += $1 + $2; if (NR == 1 || $3 < wall) wall = $3; if ($4 > memory) memory = $4 }
         END { if (failed || NR == 0) exit 1
               printf("| %s | %s | %.0f ms | %.0f ms | %.0f ms | %s | %.0f MiB |\n", label, rows > 0 ? rows : "", wall / 1e3, client / NR / 1e3,
                      server / NR / 1e3, rows > 0 ? sprintf("%.1f us", (client + server) / NR / rows) : "", memory / 1024) }' "$work/measured" ||
        { cat "$work/err" >&2; exit 1; }
}

leaf='FROM certsweep.certificate_now n WHERE n.is_leaf AND n.place_count > 0'
sha256=$(sql "SELECT encode(n.sha256, 'hex') $leaf ORDER BY n.certificate DESC LIMIT 1")
serial=$(sql "SELECT o.serial_number FROM certsweep.certificate_own o JOIN certsweep.certificate_now n USING (certificate)
              WHERE n.is_leaf AND n.place_count > 0 ORDER BY n.certificate DESC LIMIT 1")
name=$(sql "SELECT n.name $leaf ORDER BY n.certificate DESC LIMIT 1")
place=$(sql "SELECT host(address) || ':' || port FROM certsweep.endpoint WHERE family(address) = 4 ORDER BY id DESC LIMIT 1")
# the one whose certificates are next to 3,000
owner=$(sql "SELECT o.owner FROM certsweep.endpoint_judged j JOIN certsweep.owner_basis o ON o.id = j.owner_basis
             GROUP BY o.owner ORDER BY abs(count(DISTINCT j.certificate) - 3000), o.owner LIMIT 1")
owned=$(sql "SELECT count(DISTINCT j.certificate) FROM certsweep.endpoint_judged j JOIN certsweep.owner_basis o ON o.id = j.owner_basis
             WHERE o.owner = '$owner'")

printf '| %s certificates, %s places | rows | wall | client CPU | backends CPU | CPU a row | client memory |\n|---|---|---|---|---|---|---|\n' \
    "$(sql 'SELECT count(*) FROM certsweep.certificate_now WHERE is_leaf')" "$(sql 'SELECT count(*) FROM certsweep.endpoint_judged')"
measure 'a command that asks nothing' "$runs" managed sources
for what in "$sha256" "$serial" "$name" "$place"; do measure "find $(printf %.12s "$what")" "$runs" find "$what"; done
measure 'report certificate' "$runs" report certificate "$sha256"
measure 'report endpoint' "$runs" report endpoint "$place"
measure 'report summary' "$runs" report summary
lists='findings certificates endpoints unmanaged foreign expiring expired revoked weak recorded renewals changes exceptions ownership coverage compliance'
for list in $lists; do measure "$list, first page" "$runs" report "$list" --limit 50; done
for list in certificates endpoints files findings weak unmanaged foreign expiring expired; do
    next=$("$certsweep" report "$list" --limit 20000 --format json 2> /dev/null | sed -n 's/.*"next": "\([^"]*\)".*/\1/p')
    if [ -n "$next" ]; then measure "$list, the page behind 20,000 rows" "$runs" report "$list" --limit 50 --after "$next"; fi
done
for list in $lists; do measure "$list, all" 1 report "$list" --format csv; done
measure "document of $owner ($owned certificates)" 1 report discovery --owner "$owner" -o "$work/owner.html"
measure 'document of all' 1 report discovery -o "$work/all.html"
if [ -n "$letters" ]; then measure 'letters to all owners' 1 report discovery --split owner -o "$work/letters"; fi
