#!/bin/sh
# testssl.sh BUILD: starts the servers of servers.sh and asks some of every kind, gnutls-serv with RC4 and 3DES under TLS 1.0 among them,
# for versions and suites: the scan at depth suites and testssl.sh, which makes its hellos by hand in bash. Both must
# find the same; what only one finds must be refuted or confirmed by others (confirm.sh).
set -eu
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
export SERVERS_NET=83
for tool in testssl sqlite3; do
    command -v $tool > /dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
servers_begin testssl
sh "$here/servers.sh" start "$work/s"

# nginx, s_server (TLS 1.0; DHE), gnutls-serv (RC4; 3DES), haproxy and stunnel, those that are there
for endpoint in 1:8443 2:9003 2:9006 3:9101 3:9102 4:8443 5:8443; do
    grep -q "^127.$SERVERS_NET.0.${endpoint%:*}	${endpoint#*:}	-	tls" "$work/s/expected" &&
        echo "127.$SERVERS_NET.0.$endpoint"
done > "$work/targets"
timeout 200 "$certsweep" scan @"$work/targets" --depth suites --rate max -o "$work/bundle" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
sh "$here/suites.sh" "$work/bundle" > "$work/ours"
sqlite3 -separator ' ' "$work/bundle" "SELECT hex(address), port, item, value FROM posture JOIN endpoint ON endpoint.id = posture.endpoint
    WHERE item IN ('sslv2', 'sslv3', 'tls10', 'tls11', 'tls12', 'tls13')" | awk '
    function byte(text) {return (index("0123456789ABCDEF", substr(text, 1, 1)) - 1) * 16 + index("0123456789ABCDEF", substr(text, 2, 1)) - 1}
    {print "127." byte(substr($1, 3, 2)) "." byte(substr($1, 5, 2)) "." byte(substr($1, 7, 2)) ":" $2, $3, $4}' | sort > "$work/ours.versions"

ask() {                             # TARGET: its findings as JSON
    timeout 550 testssl --quiet --warnings off --color 0 --ip one --jsonfile "$work/json.$1" -p -E "$1" > "$work/log.$1" 2>&1 < /dev/null ||
        [ -s "$work/json.$1" ] || echo "testssl does not read $1"
}
# it sleeps more than it works: all at once
while read -r target; do
    ask "$target" &
    asked="${asked-} $!"
done < "$work/targets"
# shellcheck disable=SC2086    # a list of words
wait $asked

while read -r target; do
    sed -n 's/.*"id" *: *"cipher-\(tls1[_0-9]*\)_x\([0-9a-f]*\)".*/\1 \2/p' "$work/json.$target" | while read -r version number; do
        case $version in tls1) version=TLSv1.0 ;; *) version=TLSv1.${version#tls1_} ;; esac
        echo "$target $version $(printf '%4s' "$number" | tr ' ' 0)"
    done
done < "$work/targets" | sort > "$work/theirs"
while read -r target; do
    awk -v target="$target" -F '"' '
        $2 == "id" {id = $4}
        $2 == "finding" && id ~ /^(SSLv2|SSLv3|TLS1|TLS1_1|TLS1_2|TLS1_3)$/ {
            sub("TLS1$", "tls10", id); sub("TLS1_", "tls1", id)
            print target, tolower(id), $4 ~ /(^| is )not offered/ ? "refused" : $4 ~ /^offered/ ? "accepted" : "unknown:" $4
        }' "$work/json.$target"
done < "$work/targets" | sort > "$work/theirs.versions"

failed=0
if ! diff "$work/theirs.versions" "$work/ours.versions" > "$work/diff"; then
    echo "versions differ (testssl.sh <, the scan >):"
    cat "$work/diff"
    failed=1
fi
comm -23 "$work/theirs" "$work/ours" > "$work/only.theirs"
comm -13 "$work/theirs" "$work/ours" > "$work/more"
sh "$here/confirm.sh" < "$work/more" > "$work/only.ours"
if [ -s "$work/only.theirs" ] || [ -s "$work/only.ours" ]; then
    echo "only testssl.sh:"
    cat "$work/only.theirs"
    echo "only the scan, and no other confirms it:"
    cat "$work/only.ours"
    failed=1
fi
echo "versions: $(wc -l < "$work/ours.versions") at $(wc -l < "$work/targets") endpoints; suites: $(wc -l < "$work/ours"), testssl.sh has" \
    "$(wc -l < "$work/theirs"), others confirm $(($(wc -l < "$work/more") - $(wc -l < "$work/only.ours"))) more"
[ "$failed" = 0 ] && [ -s "$work/theirs" ]
