#!/bin/sh
# posture_matrix.sh BUILD [DIR]: the truth about what real servers accept, as a table in Markdown on standard output. Starts openssl
# s_server and gnutls-serv in configurations that are hard to tell, and the direct TLS servers of servers.sh, in a network namespace
# of their own, scans each alone at every depth, and asks nmap (ssl-enum-ciphers) and sslscan the same. A version or suite that only
# one of the two others finds is "missed"; what only the scan finds must be confirmed by a client (confirm.sh) or is "alone".
# Fails where anything is missed or alone. Connections are counted by the kernel, log lines in what the servers wrote.
# By hand, some minutes: MATRIX_SERVERS=dialects does the same with the servers of dialect_servers.sh alone, and
# MATRIX_SERVERS=registries with those of package registries (../peers/registries.sh), MATRIX_SERVERS=peers with the small servers of
# ../peers on other libraries of Debian (Go, JSSE, Bouncy Castle, Erlang, NSS, mbedTLS, wolfSSL, Botan). MATRIX_ONLY=REGEX: of real servers, those whose
# address:port matches; of the others, those whose name does.
set -eu
for tool in nmap sslscan sqlite3 openssl gnutls-serv unshare ip; do
    command -v $tool > /dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespace_alone 'posture beside nmap and sslscan is' "$@"
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
numbers=$here/../../../probes/tls/iana/cipher_suites.csv
pids=
on_end() { for pid in $pids; do kill "$pid" 2>/dev/null || :; done; }
servers_begin matrix
failed=0

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/rsa.key" -out "$work/rsa.pem" -days 5 -subj /CN=rsa.example 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ec.key" -out "$work/ec.pem" -days 5 -subj /CN=ec.example 2>/dev/null
hash_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }
openssl_version=$(openssl version | cut -d ' ' -f 2)
gnutls_version=$(gnutls-serv --version | sed -n '1s/.* //p')

port=20000
: > "$work/rows"                    # port, server, configuration, hash or "-" where no certificate is served
by_openssl() {                      # CERTIFICATE|- OPTIONS...
    port=$((port + 1)) with=$1
    shift
    if [ "$with" = - ]; then set -- -nocert "$@"; hash=-; else hash=$(hash_of "$work/$with.pem"); set -- -cert "$work/$with.pem" -key "$work/$with.key" "$@"; fi
    openssl s_server -accept "127.0.0.1:$port" -quiet "$@" > "$work/log.$port" 2>&1 < /dev/null &
    pids="$pids $!"
    echo "$port	OpenSSL $openssl_version	$(echo "$* " | sed "s,$work/,,g; s/-cert [^ ]* -key [^ ]* *//; s/^ *$/default/; s/ *$//")	$hash" >> "$work/rows"
}
by_gnutls() {                       # PRIORITY
    port=$((port + 1))
    gnutls-serv --quiet --port "$port" --x509keyfile "$work/rsa.key" --x509certfile "$work/rsa.pem" --priority "$1" > "$work/log.$port" 2>&1 < /dev/null &
    pids="$pids $!"
    case $1 in *ANON*) hash=- ;; *) hash=$(hash_of "$work/rsa.pem") ;; esac
    echo "$port	GnuTLS $gnutls_version	$1	$hash" >> "$work/rows"
}
by_old() {                          # OPTIONS...: the farm's server of the days of OpenSSL 1.0
    port=$((port + 1))
    "$build/tests/farm/old" -p "$port" "$@" > "$work/old.$port" 2>&1 &
    pids="$pids $!"
    for _ in $(seq 100); do grep -qs ready "$work/old.$port" && break; sleep 0.1; done
    echo "$port	farm (1.0 era)	$*	$(head -n 1 "$work/old.$port")" >> "$work/rows"
}
matrix_of_configurations() {
    by_openssl rsa
    by_openssl rsa -tls1_3
    by_openssl rsa -tls1_2
    by_openssl ec -dcert "$work/rsa.pem" -dkey "$work/rsa.key"
    by_openssl rsa -cipher ECDHE-RSA-CAMELLIA128-SHA256:AECDH-AES128-SHA:NULL-SHA:@SECLEVEL=0
    by_openssl rsa -tls1_2 -cipher ARIA128-GCM-SHA256:ECDHE-ARIA256-GCM-SHA384
    by_openssl rsa -tls1_2 -cipher AES128-CCM8
    by_openssl rsa -cipher NULL-SHA256:@SECLEVEL=0
    by_openssl rsa -tls1 -cipher AES128-SHA:@SECLEVEL=0
    by_openssl rsa -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
    by_openssl rsa -no_tls1_2 -cipher ALL:@SECLEVEL=0
    by_openssl - -cipher aNULL:@SECLEVEL=0
    by_gnutls NORMAL
    by_gnutls NORMAL:-VERS-ALL:+VERS-TLS1.3
    by_gnutls NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128:+3DES-CBC
    by_gnutls NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128
    by_gnutls NORMAL:-KX-ALL:+ANON-ECDH:+ANON-DH:-VERS-TLS1.3
    by_old -s 0009,0015
    by_old -s 0096,009a
    by_old -s 0007
    by_old -s 0003,0006,0008,0014
    by_old -s 0001,0002
    by_old -s 002f,000a,0005 -v 0300-0301 -k 010080,0700c0
    by_old -v 0400-0400 -k 020080,060040
    listen_all
}
mkfifo "$work/never"
exec 9<> "$work/never"              # an input that does not end: some servers stop at its end
by_peer() {                         # WHAT CONFIGURATION CERTIFICATE COMMAND...: on the port that follows
    port=$((port + 1)) what=$1 configuration=$2 hash=$(hash_of "$work/$3.pem")
    shift 3
    "$@" > "$work/log.$port" 2>&1 <&9 &
    pids="$pids $!"
    echo "$port	$what	$configuration	$hash" >> "$work/rows"
}
next() { echo $((port + 1)); }
package() { echo "$1 $(dpkg-query -W -f='${Version}' "$2" 2>/dev/null | sed 's/^[0-9]*://; s/[-+].*//')"; }
missing() { echo "SKIP $1: not installed, or it does not build" >&2; }
matrix_of_peers() {
    peers=$(cd "$here/../peers" && pwd)
    if go build -C "$peers" -o "$work/go_peer" . 2> "$work/build.log"; then
        by_peer "Go $(go version | sed 's/.*go\([0-9.]*\) .*/\1/')" 'TLS 1.0 to 1.3' ec "$work/go_peer" -listen "127.0.0.1:$(next)" -cert "$work/ec.pem" -key "$work/ec.key"
    else missing Go; fi
    openssl pkcs12 -export -in "$work/rsa.pem" -inkey "$work/rsa.key" -name leaf -passout pass:p -out "$work/rsa.p12"
    if command -v java > /dev/null; then
        by_java() { by_peer "$1 $2" "$3" rsa java ${6+"$6"} "$peers/JsseServer.java" 127.0.0.1 "$(next)" "$work/rsa.p12" p "$4" ${5:+"$5"}; }
        runtime=$(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')
        by_java JSSE "$runtime" 'TLS 1.2, 1.3' TLSv1.2,TLSv1.3
        by_java JSSE "$runtime" 'SSLv3 to TLS 1.2, RC4, 3DES, EXPORT, NULL' SSLv3,TLSv1,TLSv1.1,TLSv1.2 '.*(RC4|3DES|EXPORT|NULL).*'
        jars=/usr/share/java
        if [ -e $jars/bctls.jar ]; then
            by_peer "$(package 'Bouncy Castle' libbctls-java)" 'TLS 1.2, 1.3' rsa java -Dpeer=bouncycastle \
                -cp "$jars/bcprov.jar:$jars/bcutil.jar:$jars/bcpkix.jar:$jars/bctls.jar" "$peers/JsseServer.java" 127.0.0.1 "$(next)" "$work/rsa.p12" p TLSv1.2,TLSv1.3
        else missing 'Bouncy Castle'; fi
    else missing JSSE; fi
    if command -v escript > /dev/null; then
        for version in 1.2 1.3; do
            by_peer "$(package Erlang erlang-ssl)" "TLS $version" ec escript "$peers/erlang_peer.escript" 127.0.0.1 "$(next)" "$work/ec.pem" "$work/ec.key" "tlsv$version"
        done
    else missing Erlang; fi
    if command -v selfserv > /dev/null; then
        mkdir "$work/nss"
        certutil -N -d "sql:$work/nss" --empty-password
        pk12util -i "$work/rsa.p12" -d "sql:$work/nss" -W p > /dev/null
        by_peer "$(package NSS libnss3)" 'selfserv, TLS 1.2, 1.3' rsa selfserv -d "sql:$work/nss" -n leaf -p "$(next)" -V tls1.2:tls1.3
    else missing NSS; fi
    if cc -o "$work/mbedtls_peer" "$peers/mbedtls/mbedtls_peer.c" -lmbedtls -lmbedx509 -lmbedcrypto 2> "$work/build.log"; then
        by_peer "$(package mbedTLS libmbedtls-dev)" 'up to TLS 1.2' ec "$work/mbedtls_peer" 127.0.0.1 "$(next)" "$work/ec.pem" "$work/ec.key" 1.2
    else missing mbedTLS; fi
    if cc -D_GNU_SOURCE -o "$work/wolfssl_peer" "$peers/wolfssl/wolfssl_peer.c" -lwolfssl 2> "$work/build.log"; then
        for version in 1.2 1.3; do
            by_peer "$(package wolfSSL libwolfssl-dev)" "TLS $version" rsa "$work/wolfssl_peer" 127.0.0.1 "$(next)" "$work/rsa.pem" "$work/rsa.key" $version
        done
    else missing wolfSSL; fi
    if command -v botan > /dev/null; then
        by_peer "$(package Botan botan)" 'tls_server' ec botan tls_server "$work/ec.pem" "$work/ec.key" "--port=$(next)"
    else missing Botan; fi
    listen_all
}
matrix_of_registries() {            # see peers/registries.sh
    js=$here/../peers/tls_server.js node=${MATRIX_NODE-} bun=${MATRIX_BUN-} rustls=${MATRIX_RUSTLS-}
    if [ -n "$rustls" ]; then
        for with in rsa ec; do by_peer "rustls 0.23, ring" "$with" $with "$rustls" "127.0.0.1:$(next)" "$work/$with.pem" "$work/$with.key"; done
        for version in 1.2 1.3; do by_peer "rustls 0.23, ring" "TLS $version" ec "$rustls" "127.0.0.1:$(next)" "$work/ec.pem" "$work/ec.key" $version; done
    fi
    if [ -n "$node" ]; then
        library="Node $("$node" -p 'process.versions.node'), OpenSSL $("$node" -p 'process.versions.openssl')"
        by_peer "$library" default rsa "$node" "$js" 127.0.0.1 "$(next)" "$work/rsa.pem" "$work/rsa.key"
        by_peer "$library" 'TLSv1, ALL:@SECLEVEL=0' rsa "$node" "$js" 127.0.0.1 "$(next)" "$work/rsa.pem" "$work/rsa.key" TLSv1 ALL:@SECLEVEL=0
    fi
    if [ -n "$bun" ]; then
        by_peer "Bun $("$bun" --version), BoringSSL" default rsa "$bun" "$js" 127.0.0.1 "$(next)" "$work/rsa.pem" "$work/rsa.key"
    fi
    listen_all
}
listen_all() {                      # until every row's port is listened to
    cut -f 1 "$work/rows" | while read -r port; do
        for _ in $(seq 300); do ss -Hltn "sport = :$port" | grep -q . && break; sleep 0.1; done
    done
}
case ${MATRIX_SERVERS-common} in
common) matrix_of_configurations ;;
registries) matrix_of_registries ;;
peers) matrix_of_peers ;;
dialects) export SERVERS_SET=dialects ;;
esac

case ${MATRIX_SERVERS-common} in none | registries | peers) real= ;; *) real=yes ;; esac
if [ -n "$real" ]; then
    sh "$here/servers.sh" start "$work/s" > "$work/servers.log" 2>&1 || { cat "$work/servers.log"; exit 1; }
fi

opened() { awk '$1 == "Tcp:" && $2 != "RtoAlgorithm" {print $6}' /proc/net/snmp; }
lines() { cat "$work/log.$1" "$work"/s/*.log "$work"/s/*/*log* 2>/dev/null | wc -l; }
scan() {                            # TARGET DEPTH [OPTIONS]: the connections it took
    target=$1 depth=$2
    shift 2
    rm -f "$work"/b*
    before=$(opened)
    timeout 120 "$certsweep" scan "$target" --depth "$depth" --rate max -o "$work/b" "$@" > "$work/scan.log" 2>&1 || { cat "$work/scan.log" >&2; exit 1; }
    echo $(($(opened) - before))
}
ours() {                            # TARGET: lines of "version number" from the bundle, versions that have no suite listed too
    sh "$here/suites.sh" "$work/b" | cut -d ' ' -f 2-
}
by_nmap() {
    nmap -Pn -n -p "${1#*:}" --script ssl-enum-ciphers "${1%:*}" 2>/dev/null | awk -v numbers="$numbers" '
        BEGIN {while ((getline line < numbers) > 0) {split(line, field, ","); number[field[2]] = tolower(substr(field[1], 3))}}
        $1 == "|" && $2 ~ /^(SSL|TLS)v[0-9.]*:$/ {version = substr($2, 1, length($2) - 1)}
        $1 == "|" && $2 ~ /^TLS_/ {name = $2; sub("^TLS_AKE_WITH_", "TLS_", name); if (name in number) print version, number[name]}' | sort -u
}
by_sslscan() {                      # TARGET DIALECT
    case $2 in
    tls) how= ;;
    rdp) how=--rdp ;;
    nntp) return 0 ;;               # sslscan does not speak it
    *) how=--starttls-$2 ;;
    esac
    # shellcheck disable=SC2086
    timeout 60 sslscan $how --xml=- --no-groups --no-fallback --no-renegotiation --no-compression --no-heartbleed --no-check-certificate \
        --no-cipher-details "$1" 2>/dev/null < /dev/null | sed -n 's/.*<cipher .*sslversion="\([^"]*\)".* id="0x\([0-9A-Fa-f]*\)".*/\1 \2/p' |
        tr A-F a-f | sed 's/^tlsv/TLSv/; s/^sslv/SSLv/' | sort -u
}
row() {                             # TARGET SERVER CONFIGURATION HASH PROTOCOL [OPTIONS]
    target=$1 server=$2 configuration=$3 hash=$4 dialect=$5
    shift 5
    logged=$(lines "${target#*:}")
    cert=$(scan "$target" cert "$@")
    logged_cert=$(($(lines "${target#*:}") - logged))
    found=$(sqlite3 "$work/b" "SELECT coalesce((SELECT group_concat(DISTINCT lower(hex(sha256))) FROM certificate), '-')")
    case ",$found," in *",$hash,"*) chain=equal ;; *) if [ "$hash" = - ] && [ "$found" = - ]; then chain='none, as served'; else chain="WRONG $found"; failed=1; fi ;; esac
    logged=$(lines "${target#*:}")
    posture=$(scan "$target" posture "$@")
    logged_posture=$(($(lines "${target#*:}") - logged))
    logged=$(lines "${target#*:}")
    suites=$(scan "$target" suites --suite-connections 400 "$@")
    logged_suites=$(($(lines "${target#*:}") - logged))
    ours | sort -u > "$work/ours"
    by_nmap "$target" > "$work/nmap"
    by_sslscan "$target" "$dialect" > "$work/sslscan"
    sort -u "$work/nmap" "$work/sslscan" > "$work/theirs"
    comm -23 "$work/theirs" "$work/ours" > "$work/missed"
    comm -13 "$work/theirs" "$work/ours" | sed "s/^/$target /; s/\$/ $dialect/" > "$work/more"
    sh "$here/confirm.sh" < "$work/more" > "$work/alone"
    cut -d ' ' -f 2,3 "$work/alone" | sort > "$work/alone.pairs"
    comm -13 "$work/theirs" "$work/ours" | comm -23 - "$work/alone.pairs" | sort -u - "$work/theirs" > "$work/agreed"
    what="$(wc -l < "$work/ours") pairs"
    if cmp -s "$work/nmap" "$work/ours"; then what="$what = nmap"; elif [ -s "$work/nmap" ]; then what="$what, nmap $(wc -l < "$work/nmap")"; else what="$what, nmap none"; fi
    if cmp -s "$work/sslscan" "$work/ours"; then what="$what = sslscan"; elif [ -s "$work/sslscan" ]; then what="$what, sslscan $(wc -l < "$work/sslscan")"; else what="$what, sslscan none"; fi
    [ ! -s "$work/more" ] || what="$what, $(($(wc -l < "$work/more") - $(wc -l < "$work/alone"))) more confirmed by a client"
    [ ! -s "$work/missed" ] || { what="$what, MISSED: $(tr '\n' ';' < "$work/missed")"; failed=1; }
    [ ! -s "$work/alone" ] || { what="$what, ALONE: $(cut -d ' ' -f 2- < "$work/alone" | tr '\n' ';')"; failed=1; }
    versions=$(cut -d ' ' -f 1 "$work/ours" | sort -u | tr '\n' ' ' | sed 's/TLSv//g; s/ $//; s/ /, /g')
    theirs=$(cut -d ' ' -f 1 "$work/agreed" | sort -u | tr '\n' ' ' | sed 's/TLSv//g; s/ $//; s/ /, /g')
    [ "$versions" = "$theirs" ] || versions="$versions (theirs: $theirs)"
    echo "| $server | \`$configuration\` | $dialect | $chain | $versions | $what | $cert / $posture / $suites | $logged_cert / $logged_posture / $logged_suites |"
}

echo '| server | configuration | dialect | chain | versions | suites (version and suite) | connections cert / posture / suites | lines logged |'
echo '|---|---|---|---|---|---|---|---|'
while IFS='	' read -r port server configuration hash; do
    echo "$server" | grep -q -E "${MATRIX_ONLY-.}" || continue
    row "127.0.0.1:$port" "$server" "$configuration" "$hash" tls
done < "$work/rows"
if [ -n "$real" ]; then
    awk -F '\t' '$3 == "-" && $5 == "certificate" && $4 ~ /^(tls|ftp|rdp|nntp)$/' "$work/s/expected" > "$work/direct"
    while IFS='	' read -r address at _ dialect _ _ hashes; do
        echo "$address:$at" | grep -q -E "${MATRIX_ONLY-.}" || continue
        case ${SERVERS_SET-common}.${address##*.}.$at in
        common.1.*) server="nginx $(nginx -v 2>&1 | sed 's,.*/,,')" ;;
        common.4.*) server="haproxy $(haproxy -v | sed -n '1s/.*version \([^ ]*\).*/\1/p')" ;;
        common.5.*) server="stunnel $(stunnel -version 2>&1 | sed -n 's,.*stunnel \([0-9.]*\) on.*,\1,p')" ;;
        common.*) continue ;;
        *.8883) server=$(package mosquitto mosquitto) ;;
        *.6380) server=$(package Redis redis-server) ;;
        *.11211) server=$(package memcached memcached) ;;
        *.2379) server=$(package etcd etcd-server) ;;
        *.2380) server="$(package etcd etcd-server), peers" ;;
        *.2083) server=$(package FreeRADIUS freeradius) ;;
        *.5061) server=$(package Kamailio kamailio) ;;
        *.5671) server=$(package RabbitMQ rabbitmq-server) ;;
        *.10853) server=$(package unbound unbound) ;;
        *.10854) server=$(package BIND bind9) ;;
        *.10021 | *.10990) server=$(package ProFTPD proftpd-core) ;;
        *.10991) server=vsftpd ;;
        *.2762) server=$(package dcmtk dcmtk) ;;
        *.3389) server=$(package xrdp xrdp) ;;
        dialects.28.*) server="direct.py, port $at" ;;
        dialects.30.*) server=$(package Docker docker.io) ;;
        dialects.31.*) server="INN $(dpkg-deb -f "$here"/../../../build/unpacked/packages/inn2_*.deb Version 2>/dev/null || :)" ;;
        *) continue ;;
        esac
        row "$address:$at" "$server" default "$(echo "$hashes" | tr '|' '\n' | head -n 1 | cut -d , -f 1)" "$dialect" --probe "$dialect"
    done < "$work/direct"
fi
[ "$failed" = 0 ]
