# What the world's accounts export. Sourced by world.sh.
# shellcheck shell=sh disable=SC2154

# of FILE OPTION...: what openssl x509 tells of it
of() { file=$1; shift; openssl x509 -in "$pki/$file.crt" -noout "$@"; }
hex_of() { of "$1" -serial | cut -d= -f2; }
sha1_of() { of "$1" -fingerprint -sha1 | cut -d= -f2 | tr -d :; }
sha256_of() { of "$1" -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f; }
spki_of() { openssl x509 -in "$pki/$1.crt" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1; }
field_of() { grep "^$1	" "$here/certificates.tsv" | cut -f "$2"; }
name_of() { field_of "$1" 7 | cut -d, -f1; }
us() { date -u -d "$1" +%m/%d/%Y; }
worded() { date -u -d "$1" '+%b %d, %Y'; }

# Sectigo's Certificate Manager, report "SSL Certificates": no issuer, no place.
# scm FILE STATUS ORDER SHA1 REVOKED
scm() {
    printf '"%s","%s","%s","%s","%s","State of World","%s","OV SSL","World","OTHER","INACTIVE","","199 days","","%s","%s","Desk","%s@world.gov","%s","%s","%s"\n' \
        "$3" "$(name_of "$1")" "$(field_of "$1" 7)" "$2" "$3" "Web Team" "$(us "$(field_of "$1" 3)")" "$(us "$(field_of "$1" 4)")" \
        "$1-team" "$(hex_of "$1" | sed 's/../&:/g; s/:$//')" "$4" "$5"
}
export_scm() {
    echo '"ID","Common Name","Subject Alt Names","Status","Order Number","Organization","Department","Certificate Type","Vendor","Server Software","Server Software State","Discovery Status","Term","Requested","Issued","Expires","Requester","External Requester","Serial Number","SHA1 Hash","Revoked"'
    scm www Issued 1001 "$(sha1_of www)" ''
    scm forms Issued 1002 '' ''
    scm twin-a Issued 1003 '' ''
    scm mail-old Issued 1004 '' ''
    scm mail-new Issued 1004 '' ''
    scm legacy Revoked 1005 '' "$(us 2040-06-10)"
    scm due Issued 1006 '' ''
    scm soon Issued 1007 '' ''
    scm over Expired 1008 '' ''
    echo '"1009","asked.world.gov","","Requested","","State of World","Web Team","OV SSL","World","OTHER","","","199 days","06/13/2040","","","","web@world.gov","","",""'
    echo '"1010","refused.world.gov","","Declined","","State of World","Web Team","OV SSL","World","OTHER","","","199 days","06/13/2040","","","","web@world.gov","","",""'
    echo '"1011","World Code Signing","","Issued","1011","State of World","Web Team","Code Signing","World","OTHER","","","1 year","","05/12/2040","05/12/2041","","","","",""'
}

# Entrust Certificate Services: the issuer's name, and the names of months.
# ecs FILE NUMBER STATUS
ecs() {
    printf '%s,%s,%s,%s,Advantage TLS,%s,"CN=Globex Public TLS CA,O=Globex Trust Ltd","%s","%s",Sam,sam@world.gov,pay-list@world.gov,Finance,,EC,256,SHA-256,CC-7,\n' \
        "$2" "$(name_of "$1")" "$(name_of "$1")" "$3" "$(hex_of "$1")" "$(worded "$(field_of "$1" 3)")" "$(worded "$(field_of "$1" 4)")"
}
export_ecs() {
    echo 'Tracking ID,Common Name,Subject Alt Names,Status,Cert Type,Serial Number,Issuer DN,Issue Date,Expiry Date,Requester Name,Requester Email,Additional Emails,Organization,Org Unit,Key Type,Key Size,Signing Algorithm,Cost Center,Deployment Locations'
    ecs pay 2700001 Active
    ecs fault-1 2700002 Active
}

# A list that somebody keeps by hand, with places.
# kept COMMON_NAME NAMES SERIAL ISSUER SHA256 SPKI FROM TO LOCATION DELIVERED REPLACES INSTALLED_BY
kept() { printf '%s,"%s",%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,Network Team,net-list@world.gov\n' "$@"; }
# known FILE LOCATION DELIVERED REPLACES INSTALLED_BY: with all that can be known
known() {
    kept "$(name_of "$1")" "$(field_of "$1" 7)" "$(hex_of "$1")" 'State TLS CA' "$(sha256_of "$1")" "$(spki_of "$1")" "$(field_of "$1" 3)" \
        "$(field_of "$1" 4)" "$2" "$3" "$4" "$5"
}
export_list() {
    echo 'Common Name,SAN,Serial,Issuer,SHA-256,SPKI SHA-256,Valid From,Valid Until,Location,Delivered,Replaces,Installed By,Owner,Contacts'
    known intranet "$net.4:8443" 2040-04-02 '' service
    kept api.world.gov '' '' '' '' "$(spki_of api)" '' '' '' '' '' ''
    kept '' '' "$(hex_of numbered)" '' '' '' '' '' '' '' '' ''
    kept '' 'named.world.gov named2.world.gov' 77 '' '' '' '' '' '' '' '' ''
    kept called.world.gov '' 78 '' '' '' '' '' '' '' '' ''
    known shop-old "$net.17:8443" '' '' ''
    known shop-new '' '' "$(hex_of shop-old)" ''
    known moved "$net.22:8443" '' '' ''
    known which "$net.39:8443" '' '' ''
    known ghost "$net.23:8443" '' '' service
    known silent "$net.45:8443" '' '' ''
    known unused '' 2040-05-12 '' ''
    known unplaced '' '' '' ''
    kept vault.world.gov '' 79 'Vault CA' '' '' '' 2040-12-04 '' '' '' ''
}
