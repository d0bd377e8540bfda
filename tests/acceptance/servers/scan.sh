#!/bin/sh
# scan.sh BUILD: starts the servers of servers.sh, scans them by address and by name, and compares every chain with what the servers
# were given; then asks sslscan and openssl the same servers for versions and compares those.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
work=$(mktemp -d "${TMPDIR:-/tmp}/servers.XXXXXX")
trap 'sh "$here/servers.sh" stop "$work/s"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

chmod 755 "$work"
sh "$here/servers.sh" start "$work/s"
: > "$work/found"
for protocol in $(cut -f 4 "$work/s/expected" | sort -u); do
    awk -F '\t' -v protocol="$protocol" '$4 == protocol {print ($3 == "-" ? $1 : $3 "@" $1) ":" $2}' "$work/s/expected" > "$work/targets"
    rm -f "$work/bundle"*
    timeout 100 "$certsweep" scan @"$work/targets" --probe "$protocol" --depth cert --rate max -o "$work/bundle" \
        --jsonl="$work/jsonl" > "$work/out" 2> "$work/log" || { cat "$work/log"; exit 1; }
    cat "$work/jsonl" >> "$work/found"
done
failed=0
"$build/tests/farm/compare" "$work/s/expected" "$work/found" || failed=1

# versions: what was chosen must be the best that sslscan finds enabled, where it reads the server at all
command -v sslscan >/dev/null || { echo "SKIP versions: sslscan is not installed"; exit "$failed"; }
wrong=0 compared=0
awk -F '\t' '$4 == "tls" && $3 == "-" {print $1, $2}' "$work/s/expected" > "$work/direct"
while read -r address port; do
    best=$(timeout 20 sslscan --no-colour --no-ciphersuites --no-cipher-details --no-fallback --no-renegotiation --no-compression \
        --no-heartbleed --no-check-certificate "$address:$port" 2>/dev/null < /dev/null | sed -n 's/^TLSv\([0-9.]*\) *enabled.*/\1/p' | sort | tail -n 1)
    [ -n "$best" ] || continue
    compared=$((compared + 1))
    if ! grep "\"address\":\"$address\",\"port\":$port," "$work/found" | grep '"server_name":null' | grep -q "\"tls_version\":\"TLSv$best\""; then
        echo "$address:$port: sslscan finds TLSv$best, the scan found another"
        wrong=$((wrong + 1))
    fi
done < "$work/direct"
echo "versions: $((compared - wrong)) of $compared as sslscan says"
[ "$compared" -gt 10 ] && [ "$wrong" = 0 ] && [ "$failed" = 0 ]
