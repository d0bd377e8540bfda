#!/bin/sh
# scan.sh BUILD: starts the servers of servers.sh, scans them by address and by name, and compares every chain with what the servers
# were given, and what libssl's own client gets there; then asks sslscan for versions and suites, and compares those.
set -eu
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
servers_begin servers

sh "$here/servers.sh" start "$work/s"
: > "$work/found"
cut -f 4 "$work/s/expected" | sort -u > "$work/protocols"
while read -r protocol; do
    awk -F '\t' -v protocol="$protocol" '$4 == protocol {print ($3 == "-" ? $1 : $3 "@" $1) ":" $2}' "$work/s/expected" > "$work/targets"
    rm -f "$work/bundle"*
    timeout 100 "$certsweep" scan @"$work/targets" --probe "$protocol" --depth cert --rate max -o "$work/bundle" \
        --jsonl="$work/jsonl" > "$work/out" 2> "$work/log" < /dev/null || { cat "$work/log"; exit 1; }
    cat "$work/jsonl" >> "$work/found"
done < "$work/protocols"
failed=0
"$build/tests/farm/compare" "$work/s/expected" "$work/found" || failed=1
"$build/tests/farm/agree" "$work/found" || failed=1

# versions and suites: what the scan finds accepted, against sslscan, which asks by its own hand-made hellos
for tool in sslscan sqlite3; do
    command -v $tool >/dev/null || { echo "SKIP versions and suites: $tool is not installed"; exit "$failed"; }
done
awk -F '\t' '$4 == "tls" && $3 == "-" {print $1 ":" $2}' "$work/s/expected" > "$work/targets"
rm -f "$work/bundle"*
timeout 200 "$certsweep" scan @"$work/targets" --depth suites --rate max -o "$work/bundle" > "$work/out" 2> "$work/log" || { cat "$work/log"; exit 1; }

sh "$here/suites.sh" "$work/bundle" > "$work/ours"
: > "$work/theirs.unsorted"
while read -r target; do
    timeout 30 sslscan --xml=- --no-groups --no-fallback --no-renegotiation --no-compression --no-heartbleed --no-check-certificate \
        --no-cipher-details "$target" 2>/dev/null < /dev/null | sed -n 's/.*<cipher .*sslversion="\([^"]*\)".* id="0x\([0-9A-Fa-f]*\)".*/\1 \2/p' |
        while read -r version number; do
            echo "$target $version $(echo "$number" | tr A-F a-f)"
        done >> "$work/theirs.unsorted" || :
done < "$work/targets"
sort -u "$work/theirs.unsorted" > "$work/theirs"
# whom sslscan cannot read at all (it hangs on selfserv) is not compared
cut -d ' ' -f 1 "$work/theirs" | sort -u > "$work/compared"
grep -F -f "$work/compared" "$work/ours" > "$work/ours.compared" || :
# What only the scan finds must be confirmed by others: slapd (GnuTLS) takes DHE from who lists ffdhe groups, which sslscan does
# not; dovecot's login process drops some of its connections.
comm -23 "$work/theirs" "$work/ours.compared" > "$work/only.theirs"
comm -13 "$work/theirs" "$work/ours.compared" > "$work/more"
sh "$here/confirm.sh" < "$work/more" > "$work/only.ours"
if [ -s "$work/only.theirs" ] || [ -s "$work/only.ours" ]; then
    echo "only sslscan:"
    cat "$work/only.theirs"
    echo "only the scan, and no other confirms it:"
    cat "$work/only.ours"
    failed=1
fi
echo "suites: $(wc -l < "$work/ours.compared") at $(wc -l < "$work/compared") of $(wc -l < "$work/targets") endpoints, sslscan has $(wc -l < "$work/theirs"), others confirm $(($(wc -l < "$work/more") - $(wc -l < "$work/only.ours"))) more"
[ "$(wc -l < "$work/compared")" -gt 15 ] && [ "$failed" = 0 ]
