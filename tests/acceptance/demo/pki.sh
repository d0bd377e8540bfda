# The demonstration's certificates, made at each run with dates relative to now. Sourced by run.
#   pki_init DIR                                  three CAs: state (own), globex (foreign), lab (private)
#   pki_leaf NAME CA KEY DAYS_BEFORE DAYS_AFTER SUBJECT NAMES [DIGEST]
# leaves DIR/NAME.crt, DIR/NAME.key and DIR/NAME.chain.pem. KEY: rsa:2048, ec:prime256v1, ed25519. CA "self": the
# leaf signs itself. Days are counted from now; DAYS_AFTER may be negative.

pki_init() {
    pki=$1
    mkdir -p "$pki"
    cat > "$pki/ca.cnf" <<EOF
[ca]
default_ca = demo
[demo]
new_certs_dir = $pki
database = $pki/index
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = none
[any]
organizationName = optional
commonName = optional
countryName = optional
stateOrProvinceName = optional
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
EOF
    : > "$pki/index"
    pki_ca state '/C=US/ST=Demo State/O=Demo State Trust Services/CN=Demo State TLS CA 2024'
    pki_ca globex '/C=US/O=Globex Trust Ltd/CN=Globex Public TLS CA R3'
    pki_ca lab '/O=Parks Laboratory/CN=Parks Lab Internal CA'
}

pki_key() {    # FILE KEY
    case $2 in
        rsa:*) openssl genrsa -out "$1" "${2#rsa:}" ;;
        ec:*) openssl ecparam -name "${2#ec:}" -genkey -noout -out "$1" ;;
        *) openssl genpkey -algorithm "$2" -out "$1" ;;
    esac 2>/dev/null
}

pki_date() { date -u -d "$1 days" +%Y%m%d%H%M%SZ; }

pki_sign() {    # NAME CA DAYS_BEFORE DAYS_AFTER SUBJECT DIGEST, extensions in NAME.ext
    openssl req -new -config "$pki/ca.cnf" -key "$pki/$1.key" -subj "$5" -out "$pki/$1.csr"
    if [ "$2" = self ]; then issuer="-selfsign -keyfile $pki/$1.key"
    else issuer="-cert $pki/$2.crt -keyfile $pki/$2.key"
    fi
    # shellcheck disable=SC2086    # several words on purpose
    openssl ca -batch -notext -config "$pki/ca.cnf" $issuer -md "$6" -in "$pki/$1.csr" -out "$pki/$1.crt" \
        -extfile "$pki/$1.ext" -startdate "$(pki_date "-$3")" -enddate "$(pki_date "$4")" 2>/dev/null
}

pki_ca() {    # NAME SUBJECT
    pki_key "$pki/$1.key" rsa:2048
    printf '%s\n' 'basicConstraints = critical, CA:TRUE' 'keyUsage = critical, keyCertSign, cRLSign' \
        'subjectKeyIdentifier = hash' > "$pki/$1.ext"
    pki_sign "$1" self 700 2500 "$2" sha256
}

pki_leaf() {
    pki_key "$pki/$1.key" "$3"
    {
        echo 'basicConstraints = critical, CA:FALSE'
        echo 'keyUsage = critical, digitalSignature, keyEncipherment'
        echo 'extendedKeyUsage = serverAuth'
        [ -z "$7" ] || echo "subjectAltName = $7"
    } > "$pki/$1.ext"
    pki_sign "$1" "$2" "$4" "$5" "$6" "${8:-sha256}"
    cp "$pki/$1.crt" "$pki/$1.chain.pem"
    [ "$2" = self ] || cat "$pki/$2.crt" >> "$pki/$1.chain.pem"
}
