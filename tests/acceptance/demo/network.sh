# The demonstration network: which server has which certificate, and what the organisation knows of them. Sourced by
# run, and by the acceptance test that checks what certsweep says of it. $work is a folder for all of it; $here is
# this one.
# shellcheck shell=sh disable=SC2154

# ---- who serves what ------------------------------------------------------------------------------------
# Two owners: the motor vehicles department (DMV, $net.0/29) and the parks service ($net.8/29). portal and
# forms are virtual hosts of one nginx, which also takes mail; portal has a certificate per kind of key.

net=${DEMO_NET:-127.77.0}      # another, where two run at once
dmv='/C=US/ST=Demo State/O=State of Demo/CN='
parks='/C=US/ST=Demo State/O=State of Demo/CN='

make_certificates() {
    pki_init "$work/pki"
    pki_leaf portal   state  ec:prime256v1  20  170 "${dmv}portal.dmv.demo.gov" 'DNS:portal.dmv.demo.gov'
    pki_leaf portal-rsa state rsa:2048     20  170 "${dmv}portal.dmv.demo.gov" 'DNS:portal.dmv.demo.gov'
    pki_leaf mail     state  ec:prime256v1 160  40 "${dmv}mail.dmv.demo.gov" 'DNS:mail.dmv.demo.gov'
    pki_leaf mail-new state  ec:prime256v1   3 197 "${dmv}mail.dmv.demo.gov" 'DNS:mail.dmv.demo.gov'
    pki_leaf forms    state  rsa:2048      170   20 "${dmv}forms.dmv.demo.gov" 'DNS:forms.dmv.demo.gov'
    pki_leaf wildcard state  ec:prime256v1  10  180 "${dmv}*.dmv.demo.gov" 'DNS:*.dmv.demo.gov'
    pki_leaf forgot   state  rsa:2048       90  100 "${dmv}intranet.dmv.demo.gov" 'DNS:intranet.dmv.demo.gov'
    pki_leaf archive  state  rsa:2048      190   -3 "${dmv}archive.dmv.demo.gov" 'DNS:archive.dmv.demo.gov'
    pki_leaf pay      globex ec:prime256v1  30  150 "${parks}pay.parks.demo.gov" 'DNS:pay.parks.demo.gov'
    pki_leaf booking  globex rsa:2048       30  795 "${parks}booking.parks.demo.gov" 'DNS:booking.parks.demo.gov'
    pki_leaf printer  self   rsa:2048      900 2700 '/CN=printer-7.parks.demo.gov' 'DNS:printer-7.parks.demo.gov'
    pki_leaf legacy   state  rsa:1024      100   80 "${parks}legacy.parks.demo.gov" 'DNS:legacy.parks.demo.gov'
    pki_leaf kiosk    lab    rsa:2048      100  200 "${parks}kiosk.parks.demo.gov" 'DNS:kiosk.parks.demo.gov' sha1
    pki_leaf camera   lab    rsa:2048       60  120 "${parks}camera.parks.demo.gov" 'DNS:camera.parks.demo.gov'
    pki_leaf database lab    ec:secp384r1   60  120 "${parks}db.parks.demo.gov" 'DNS:db.parks.demo.gov'
}

start_servers() {
    serve_nginx
    serve wildcard $net.3  8443
    serve forgot   $net.4  8443
    serve archive  $net.5  8443
    serve pay      $net.8  8443
    serve booking  $net.9  8443
    serve printer  $net.10 9443
    serve legacy   $net.11 8443 -tls1 -cipher 'AES128-SHA:@SECLEVEL=0'
    serve kiosk    $net.12 8443 -cipher 'DEFAULT:@SECLEVEL=0'
    serve camera   $net.13 8443 -tls1_2 -cipher 'AES128-SHA:@SECLEVEL=0'
    serve_postgresql database $net.14
    servers_wait
}

# ---- what the organisation knows ------------------------------------------------------------------------

csv_line() {    # NAME LOCATION OWNER CONTACTS
    file=$work/pki/$1.crt
    printf '%s,%s,%s,%s,%s,%s,"%s"\n' \
        "$(openssl x509 -in "$file" -noout -subject -nameopt multiline | sed -n 's/ *commonName *= //p')" \
        "$(openssl x509 -in "$file" -noout -serial | cut -d= -f2)" \
        "$(date -u -d "$(openssl x509 -in "$file" -noout -enddate | cut -d= -f2)" +%Y-%m-%dT%H:%M:%SZ)" \
        "$(openssl x509 -in "$file" -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f)" \
        "$2" "$3" "$4"
}

write_managed_set() {
    {
        echo 'Common Name,Serial,Valid Until,SHA-256,Location,Owner,Contacts'
        csv_line portal   $net.1:8443  DMV 'tls@dmv.demo.gov'
        csv_line portal-rsa $net.1:8443 DMV 'tls@dmv.demo.gov'
        csv_line forms    $net.1:8443  DMV 'tls@dmv.demo.gov'
        csv_line mail     $net.2:2525  DMV 'tls@dmv.demo.gov'
        csv_line mail-new $net.2:2525  DMV 'tls@dmv.demo.gov'
        csv_line wildcard $net.3:8443  DMV 'tls@dmv.demo.gov'
        csv_line archive  $net.5:8443  DMV 'archive@dmv.demo.gov'
        csv_line legacy   $net.11:8443 'Parks Service' 'it@parks.demo.gov'
    } > "$work/managed.csv"
    cat > "$work/owners.csv" <<EOF
site,prefix,name suffix,issuer,owner,contacts,environment
demo,$net.0/29,,,DMV,tls@dmv.demo.gov,production
demo,$net.8/29,,,Parks Service,it@parks.demo.gov,production
EOF
    sed "s|@PKI@|$work/pki|g" "$here/policy.ini" > "$work/policy.ini"
}
