#!/bin/sh
# recall.sh BUILD matrix|split|tarpits|starttls|choice [SECONDS]: starts the farm with these faces, scans all of them by name and address,
# compares what was found with what is served, and the matrix with what libssl gets there; the run must end within SECONDS (default 60).
set -eu
build=$1 kind=$2 limit=${3:-60}
here=$(cd "$(dirname "$0")" && pwd)
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
work=$(mktemp -d "${TMPDIR:-/tmp}/farm.XXXXXX")
farm=
trap 'test -z "$farm" || kill "$farm" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

case $kind in starttls | choice) needs_low_ports=1 ;; *) needs_low_ports=0 ;; esac
if [ "$needs_low_ports" = 1 ] && [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 21 ] && [ "$(id -u)" != 0 ]; then
    echo "SKIP: STARTTLS faces stand on ports below 1024, which this user may not open"
    exit 77
fi
sh "$here/matrix.sh" "${FARM_NET:-80}" "${FARM_PORT:-4433}" "$kind" > "$work/faces"
"$build/tests/farm/farm" -p "$work/faces" > "$work/expected" &
farm=$!
for _ in $(seq 600); do
    grep -qs '^ready' "$work/expected" && break
    kill -0 "$farm" 2>/dev/null || { echo "the farm did not start"; exit 1; }
    sleep 0.1
done
awk -F '\t' 'NF == 7 {print ($3 == "-" ? $1 : $3 "@" $1) ":" $2}' "$work/expected" > "$work/targets"

# not all at once: the farm is one process, and who waits too long for it is asked again
begin=$(date +%s)
timeout "$((limit + 30))" "$certsweep" scan @"$work/targets" --depth cert --rate max --connections 64 -o "$work/bundle" \
    --jsonl-all="$work/found" ${SCAN_OPTIONS-} > "$work/out" 2> "$work/log" || { cat "$work/log"; echo "scan ended with $?"; exit 1; }
took=$(($(date +%s) - begin))
tail -n 2 "$work/log"
"$build/tests/farm/compare" "$work/expected" "$work/found"
if [ "$kind" = matrix ]; then "$build/tests/farm/agree" "$work/found"; fi
echo "took $took s of at most $limit"
[ "$took" -le "$limit" ]
