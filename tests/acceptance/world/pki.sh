# The world's certificates: fixed dates, serial numbers from the files' names. Sourced by world.sh.
# shellcheck shell=sh disable=SC2154
#   world_pki      makes what certificates.tsv lists in $pki: FILE.crt, FILE.key, FILE.chain.pem

world_rows() { grep -v '^#' "$here/certificates.tsv"; }

world_serial() {    # FILE SERIAL: what the table says, or 18 digits of the name's hash; the first is neither 0 nor above 7
    case $2 in
        =*) world_serial "${2#=}" - ;;
        *) printf '4%s' "$(printf %s "$1" | sha256sum | tr a-f A-F | cut -c 1-17)" ;;
    esac
}

world_sign() {      # FILE CA FROM TO SERIAL SUBJECT, extensions in FILE.ext
    printf '%s\n' "$5" > "$pki/serial"
    : > "$pki/index"            # two CAs, and one at fault, give one number twice
    openssl req -new -config "$pki/ca.cnf" -key "$pki/$1.key" -subj "$6" -out "$pki/$1.csr" || return
    if [ "$2" = self ]; then issuer="-selfsign -keyfile $pki/$1.key"; else issuer="-cert $pki/$2.crt -keyfile $pki/$2.key"; fi
    # shellcheck disable=SC2086    # several words on purpose
    openssl ca -batch -notext -config "$pki/ca.cnf" $issuer -md sha256 -in "$pki/$1.csr" -out "$pki/$1.crt" -extfile "$pki/$1.ext" \
        -startdate "$(printf %s "$3" | tr -d -)000000Z" -enddate "$(printf %s "$4" | tr -d -)235959Z" 2> "$pki/$1.log" ||
        { cat "$pki/$1.log"; return 1; }
}

world_ca() {        # FILE SUBJECT
    openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"
    printf '%s\n' 'basicConstraints = critical, CA:TRUE' 'keyUsage = critical, keyCertSign, cRLSign' 'subjectKeyIdentifier = hash' > "$pki/$1.ext"
    world_sign "$1" self 2020-01-01 2049-12-31 "$(world_serial "$1" -)" "$2"
}

world_leaf() {      # FILE CA FROM TO SERIAL KEY NAMES
    case $6 in
        =*) cp "$pki/${6#=}.key" "$pki/$1.key" ;;
        *) openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key" ;;
    esac
    case $1 in
        user-*) usage=clientAuth names=URI:urn:world:$7 ;;
        mailbox-*) usage=emailProtection names=email:$7 ;;
        *) usage=serverAuth names=DNS:$(printf %s "$7" | sed 's/,/,DNS:/g') ;;
    esac
    {
        echo 'basicConstraints = critical, CA:FALSE'
        echo 'keyUsage = critical, digitalSignature'
        echo "extendedKeyUsage = $usage"
        echo "subjectAltName = $names"
    } > "$pki/$1.ext"
    world_sign "$1" "$2" "$3" "$4" "$(world_serial "$1" "$5")" "/O=State of World/CN=${7%%,*}" || return
    cp "$pki/$1.crt" "$pki/$1.chain.pem"
    case $2 in self | gone) ;; *) cat "$pki/$2.crt" >> "$pki/$1.chain.pem" ;; esac
}

# FILE: a list of the state's CA, from its first day to its last, that revokes this one
world_list() {
    printf 'R\t401204235959Z\t400601000000Z,keyCompromise\t%s\tunknown\t/CN=%s\n' "$(world_serial "$1" -)" "$1" > "$pki/index"
    openssl ca -batch -config "$pki/ca.cnf" -gencrl -cert "$pki/state.crt" -keyfile "$pki/state.key" -md sha256 \
        -crl_lastupdate 20200101000000Z -crl_nextupdate 20491231235959Z -out "$pki/state.crl"
}

# Month 13: the end cannot be read. The signature is broken with it, which no server minds.
world_spoil_date() {    # FILE
    openssl x509 -in "$pki/$1.crt" -outform DER | LC_ALL=C sed 's/401204235959Z/401304235959Z/' > "$pki/$1.der"
    { echo '-----BEGIN CERTIFICATE-----'; base64 -w 64 "$pki/$1.der"; echo '-----END CERTIFICATE-----'; } > "$pki/$1.crt"
    cat "$pki/$1.crt" "$pki/state.crt" > "$pki/$1.chain.pem"
}

world_pki() {
    mkdir "$pki"
    cat > "$pki/ca.cnf" <<EOF
[ca]
default_ca = world
[world]
new_certs_dir = $pki
database = $pki/index
serial = $pki/serial
unique_subject = no
policy = any
copy_extensions = none
[any]
organizationName = optional
commonName = optional
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
EOF
    world_ca state '/O=State Trust Services/CN=State TLS CA' && world_ca pretender '/O=State Trust Services/CN=State TLS CA' &&
        world_ca globex '/O=Globex Trust Ltd/CN=Globex Public TLS CA' && world_ca trusty '/O=Trusty Partner/CN=Trusty CA' &&
        world_ca lab '/O=Laboratory/CN=Lab Internal CA' && world_ca gone '/O=Long Gone/CN=Gone CA' || return
    world_rows > "$pki/rows"
    while IFS='	' read -r file ca from to serial key names _ _; do
        world_leaf "$file" "$ca" "$from" "$to" "$serial" "$key" "$names" || return
    done < "$pki/rows"
    world_spoil_date undated
}
