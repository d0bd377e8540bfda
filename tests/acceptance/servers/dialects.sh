#!/bin/sh
# dialects.sh BUILD: starts the servers of dialect_servers.sh and scans them: by the protocol that is named, by the table of ports,
# through each proxy; every chain must be the one that the server was given, and every refusal be reported as one. Then that no
# server was harmed: a VNC server with its usual limit still lets a client in.
set -eu
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
export SERVERS_SET=dialects SERVERS_NET=84
servers_begin dialects
sh "$here/servers.sh" start "$work/s"
failed=0

scan_only() {                       # OPTIONS...
    rm -f "$work/bundle"*
    timeout 100 "$certsweep" scan @"$work/targets" "$@" --depth cert --rate max -o "$work/bundle" \
        --jsonl-all="$work/found" > "$work/out" 2> "$work/log" < /dev/null || { cat "$work/log"; exit 1; }
}
scan() {                            # EXPECTED OPTIONS...: scans what is expected, and compares
    expected=$1
    shift
    awk -F '\t' '{print ($3 == "-" ? $1 : $3 "@" $1) ":" $2}' "$expected" > "$work/targets"
    scan_only "$@"
    "$build/tests/farm/compare" "$expected" "$work/found" || failed=1
}

echo "each in its own protocol, named:"
cut -f 4 "$work/s/expected" | sort -u > "$work/protocols"
while read -r protocol; do
    case $protocol in openvpn) continue ;; esac         # a server without --mode server serves one client, then rests
    awk -F '\t' -v protocol="$protocol" '$4 == protocol' "$work/s/expected" > "$work/of.protocol"
    scan "$work/of.protocol" --probe "$protocol"
done < "$work/protocols"

echo "by the table of ports:"
awk -F '\t' '$2 !~ /^(10631|10024|10021|10119|1195)$/ && $4 !~ /^proxy/' "$work/s/expected" > "$work/by.port"
scan "$work/by.port"

# By its address alone a server of many hosts refuses; a name that is given is asked then.
if grep -q '	xmpp	' "$work/s/expected"; then
    echo "an XMPP server by its address, and a name that is given:"
    awk -F '\t' '$4 ~ /^xmpp/' "$work/s/expected" > "$work/by.name"
    awk -F '\t' '$3 == "-" {print $1 ":" $2}' "$work/by.name" > "$work/targets"
    rm -f "$work/bundle"*
    "$certsweep" scan @"$work/targets" --sni mail.example --depth cert --rate max -o "$work/bundle" --jsonl-all="$work/found" > "$work/out" 2> "$work/log"
    "$build/tests/farm/compare" "$work/by.name" "$work/found" || failed=1
fi

if [ -f "$work/s/ways" ]; then
    awk -F '\t' '$4 != "openvpn"' "$work/by.port" > "$work/through"
    while read -r way; do
        echo "through $way:"
        scan "$work/through" --via "$way"
    done < "$work/s/ways"
fi

if [ -f "$work/s/ways.login" ]; then
    head -n 3 "$work/by.port" > "$work/through"
    echo scanner:secret > "$work/login"
    echo scanner:wrong > "$work/login.wrong"
    chmod 600 "$work/login" "$work/login.wrong"
    while read -r way; do
        echo "through $way with a login:"
        scan "$work/through" --via "$way" --via-login "$work/login"
        ! grep -q -e secret -e c2VjcmV0 "$work/bundle" || { echo "the password is in the bundle"; failed=1; }
        for login in '' "--via-login $work/login.wrong"; do
            # shellcheck disable=SC2086
            scan_only --via "$way" $login
            ! grep -v '"outcome":"unreachable","detail":"proxy: ' "$work/found" || { echo "not told that the login is wrong"; failed=1; }
        done
    done < "$work/s/ways.login"
    chmod 644 "$work/login"
    ! "$certsweep" scan 127.0.0.1 --via "$(head -n 1 "$work/s/ways.login")" --via-login "$work/login" -o "$work/bundle" 2> "$work/log" || failed=1
    grep -q 'others may read it' "$work/log" || { cat "$work/log"; failed=1; }
fi

if [ -f "$work/s/openvpn.chain" ]; then
    echo "OpenVPN servers behind a static key:"
    for kind in tls-auth:1196:ours tls-crypt:1197:ours tls-crypt-v2:1198:v2-client; do
        file=$work/s/${kind##*:}.key kind=${kind%:*}
        printf '127.%s.0.4\t%s\t-\topenvpn\tcertificate\t1\t%s\n' "$SERVERS_NET" "${kind#*:}" "$(cat "$work/s/openvpn.chain")" > "$work/guarded"
        scan "$work/guarded" --probe openvpn --openvpn-key "${kind%:*}:$file"
        ! grep -q -F "$(sed -n 5p "$file")" "$work/bundle" || { echo "the key is in the bundle"; failed=1; }
    done
fi

if grep -q ' 5902$' "$work/s/listening"; then
    echo "a VNC server that shuts out after five connections without a login:"
    rm -f "$work/bundle"*
    "$certsweep" scan "127.$SERVERS_NET.0.3:5902" --depth suites --rate max -o "$work/bundle" --jsonl="$work/found" > "$work/out" 2> "$work/log"
    python3 - "127.$SERVERS_NET.0.3" 5902 "$work/found" <<'END' || failed=1
import json, socket, sys
found = [json.loads(line) for line in open(sys.argv[3])]
assert found and found[0]["outcome"] == "certificate", found
client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
assert client.recv(12) == b"RFB 003.008\n"
client.sendall(b"RFB 003.008\n")
types = client.recv(64)
assert types[0] != 0, types         # 0: turned away, a reason follows
print("it still lets a client in")
END
fi
[ "$failed" = 0 ]
