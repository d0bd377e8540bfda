#!/bin/sh
# confirm.sh: reads lines of "address:port version number [dialect]" (suites.sh) that one judge did not see, and asks two more, openssl s_client
# and gnutls-cli, each with a hello of that suite alone. Prints the lines that neither confirms. CONFIRM_OPENSSL: another OpenSSL's command,
# for what this one lacks (suites of integrity alone: "chroot ROOT openssl" of Debian 13).
set -u
openssl=${CONFIRM_OPENSSL-openssl}
numbers=$(cd "$(dirname "$0")" && pwd)/../../../probes/tls/iana/cipher_suites.csv
all_13=TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
if [ "$openssl" != openssl ]; then all_13=$all_13:TLS_SHA256_SHA256:TLS_SHA384_SHA384; fi

# A login process may drop a connection: that is no answer, so it is asked again.
thrice() { "$@" || { sleep 0.2; "$@"; } || { sleep 0.5; "$@"; }; }

by_openssl() {                      # TARGET VERSION NUMBER DIALECT
    dialect=$4
    # shellcheck disable=SC2086
    name=$($openssl ciphers -V -ciphersuites "$all_13" 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' | awk -v wanted="$3" '
        {number = tolower($1); gsub("0x|,", "", number)} number == wanted {print $3}')
    case $2 in
    TLSv1.0) set -- "$1" -tls1 -cipher "$name:@SECLEVEL=0" ;;
    TLSv1.1) set -- "$1" -tls1_1 -cipher "$name:@SECLEVEL=0" ;;
    TLSv1.2) set -- "$1" -tls1_2 -cipher "$name:@SECLEVEL=0" ;;
    TLSv1.3) set -- "$1" -tls1_3 -ciphersuites "$name" -cipher ALL:@SECLEVEL=0 ;;
    *) return 1 ;;
    esac
    case $dialect in "" | tls) ;; *) set -- "$@" -starttls "$dialect" ;; esac
    # shellcheck disable=SC2086
    [ -n "$name" ] && timeout 10 $openssl s_client -connect "$@" < /dev/null 2> /dev/null | grep -q "Cipher is $name"
}
# GnuTLS calls TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 "+DHE-RSA:+AES-128-GCM:+AEAD"; unlike OpenSSL's client it lists the ffdhe groups
# (RFC 7919) in TLS 1.2 too, without which a GnuTLS server takes no DHE suite.
by_gnutls() {
    name=$(awk -F , -v wanted="0x$3" 'tolower($1) == wanted {print $2}' "$numbers")
    words=$(echo "$name" | sed -n 's/^TLS_\(.*\)_WITH_\(.*\)$/\1 \2/p' | tr _ -)
    exchange=${words% *} cipher=${words#* }
    case $cipher in
    *-CBC-SHA) cipher=${cipher%-SHA}:+SHA1 ;;
    *-CBC-SHA*) cipher=${cipher%-SHA*}:+${cipher##*-} ;;
    *-SHA*) cipher=${cipher%-SHA*}:+AEAD ;;
    *) cipher=$cipher:+AEAD ;;
    esac
    timeout 10 gnutls-cli --insecure --no-ca-verification -p "${1#*:}" "${1%:*}" < /dev/null 2> /dev/null --priority \
        "NONE:+VERS-${2%v*}${2#*v}:+$exchange:+$cipher:+GROUP-ALL:+SIGN-ALL:+COMP-NULL:%COMPAT" | grep -q 'Handshake was completed'
}

while read -r target version number dialect; do
    thrice by_openssl "$target" "$version" "$number" "${dialect-}" || thrice by_gnutls "$target" "$version" "$number" ||
        echo "$target $version $number"
done
