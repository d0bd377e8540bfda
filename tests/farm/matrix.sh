#!/bin/sh
# The recall matrix as faces (face.h), one address each from 127.NET.1.1 on, port PORT:
#
#     matrix.sh [NET [PORT]] matrix      what every current capture must read, in one connection
#     matrix.sh [NET [PORT]] split       the first flight cut at every byte, 1.2 and 1.3 (addresses of their own)
#     matrix.sh [NET [PORT]] tarpits     what must end with its own outcome
#     matrix.sh [NET [PORT]] starttls    every dialect, on its own port (may need root)
#     matrix.sh [NET [PORT]] choice      dialects where TLS at once is usual, and the reverse (may need root)
set -eu
net=80 port=4433
case ${1-} in [0-9]*) net=$1; shift ;; esac
case ${1-} in [0-9]*) port=$1; shift ;; esac

at=0
face() {                            # the next address
    at=$((at + 1))
    echo "127.$net.$((1 + at / 250)).$((1 + at % 250)):$port $*"
}

# versions x keys, each with these words; EdDSA and PSS keys need 1.2; in 1.3 a curve is bound to its scheme, so P-224,
# secp256k1 and (in OpenSSL 3.0) brainpool have none (RFC 8446, section 4.2.3)
keys() {
    for key in rsa1024 rsa2048 rsa3072 rsa4096 rsa8192 p224 p256 p384 p521 k256 bp256 bp384 bp512; do
        for version in 1.0 1.1 1.2; do
            face version=$version key=$key "$@"
        done
    done
    for key in pss2048 ed25519 ed448; do
        face version=1.2 key=$key "$@"
    done
    for key in rsa1024 rsa2048 rsa3072 rsa4096 rsa8192 p256 p384 p521 pss2048 ed25519 ed448; do
        face version=1.3 key=$key "$@"
    done
}

matrix() {
    keys
    keys mtls=required name=a.example chain=3
    keys mtls=optional name=a.example ask=wrong.example chain=10 bytes=70000
    keys name=a.example ask=- chain=100 bytes=270000
    for version in 1.0 1.1 1.2 1.3; do
        for chain in 1 2 3 10 100; do
            for bytes in 1000 16000 17000 65000 270000; do
                face version=$version key=p256 chain=$chain bytes=$bytes
            done
        done
        for mtls in required optional; do
            face version=$version key=rsa2048 mtls=$mtls
        done
        face version=$version name=a.example name=b.example
        face version=$version name=a.example ask=wrong.example
        face version=$version name=a.example ask=-
        face version=$version key=rsa2048,p256
    done
    face version=1.0 name=a.example no-name=warning ask=wrong.example
    face version=1.2 name=a.example no-name=warning ask=wrong.example
    face min=1.0 max=1.3
    # groups that are not in the first hello's shares: HelloRetryRequest; and one curve only
    for group in P-256 P-384 P-521 X25519 X448 ffdhe2048 ffdhe3072; do
        face version=1.3 groups=$group
    done
    for group in P-521 X448 ffdhe2048; do
        for chain in 1 100; do
            face version=1.3 groups=$group key=rsa4096 chain=$chain bytes=270000 mtls=required name=a.example
            face version=1.3 groups=$group key=ed25519 chain=$chain bytes=1000 mtls=optional name=a.example ask=wrong.example
        done
    done
    for group in P-256 P-384 P-521 X25519; do
        face version=1.2 groups=$group
    done
    for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256 \
        TLS_AES_128_CCM_8_SHA256; do
        face version=1.3 suites=$suite
        face version=1.3 suites=$suite bytes=70000 chain=5
    done
    for cipher in AES128-SHA AES256-GCM-SHA384 CAMELLIA128-SHA DHE-RSA-AES128-SHA DHE-RSA-AES256-GCM-SHA384 \
        ECDHE-RSA-AES128-SHA ECDHE-RSA-CHACHA20-POLY1305; do
        face version=1.2 key=rsa2048 ciphers=$cipher:@SECLEVEL=0
    done
    # a hello offers at most 60 suites: who has nothing but a rare one is reached by a later hello
    for cipher in AES128-CCM8 ARIA128-GCM-SHA256; do
        face version=1.2 key=rsa2048 ciphers=$cipher:@SECLEVEL=0 connections=4
    done
    # just below the limit of 1 MiB
    face version=1.2 chain=20 bytes=1040000
    face version=1.3 chain=20 bytes=1040000
    face version=1.3 refuse=generator connections=2
    face version=1.3 refuse=generator groups=P-384 connections=2
}

split() {                           # flights of about 1,000 bytes (one certificate of 512); a HelloRetryRequest of about 100
    echo "127.$net.16.0+1400:$((port + 1)) version=1.2 chain=1 bytes=512 split=address"
    echo "127.$net.32.0+1400:$((port + 2)) version=1.3 chain=1 bytes=512 split=address"
    echo "127.$net.48.0+140:$((port + 3)) version=1.3 chain=1 bytes=512 groups=P-521 split=address"
}

tarpits() {
    at=10000
    for behave in silence drip half cut endless endless-records endless-message flood flood flood reset-accept reset-hello close-hello \
        garbage http ssh echo; do
        face behave=$behave
    done
    face bytes=1100000 chain=20 version=1.2 expect=too_large
    face bytes=1100000 chain=20 version=1.3 expect=too_large
    # the chain is whole before the misery begins
    face version=1.2 mtls=required key=rsa1024
    face name=a.example no-name=fatal
    face name=a.example no-name=fatal ask=- expect=tls_alert
    face name=a.example no-name=fatal ask=wrong.example expect=tls_alert
}

starttls() {
    for dialect in smtp:25 lmtp:24 imap:143 pop3:110 ftp:21 nntp:119 sieve:4190 irc:6667 ldap:389 postgres:5432 mysql:3306 \
        xmpp:5222 rdp:3389 http-upgrade:631 nut:3493 vnc:5900; do
        echo "127.$net.64.1:${dialect#*:} starttls=${dialect%:*}"
        echo "127.$net.64.2:${dialect#*:} starttls=${dialect%:*} version=1.2 key=rsa2048 chain=4 bytes=20000"
    done
    # a server that greets late, as postscreen does, and rejects clients that speak first
    for dialect in smtp:25 lmtp:24 imap:143 pop3:110 ftp:21 nntp:119 sieve:4190 mysql:3306 vnc:5900; do
        echo "127.$net.64.3:${dialect#*:} starttls=${dialect%:*} greet=7000"
    done
}

# (not mysql: its one connection is spent by the hello)
choice() {
    for place in smtp:443 smtp:21 imap:993 imap:110 pop3:995 pop3:25 ftp:990 ftp:25 lmtp:8443 nntp:9443 sieve:8443 irc:6697 vnc:5671; do
        echo "127.$net.65.$((at += 1)):${place#*:} starttls=${place%:*} connections=2"
    done
    for port in 21 25 110 119 143 389 587 631 1194 1433 3306 3389 3493 4190 5222 5432 5900 6667; do
        echo "127.$net.65.100:$port connections=2"
    done
    echo "127.$net.65.101:443 behave=ssh"
    echo "127.$net.65.101:80 behave=http"
}

"$@"
