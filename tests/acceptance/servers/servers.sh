#!/bin/sh
# servers.sh start DIR | stop DIR: real servers that we did not write, from Debian, each on its address of 127.NET.0.0/16 (default
# 82), high ports, without privileges (as nobody where root starts them), everything they need under DIR. What a scan
# must find is in DIR/expected, in the farm's words (tests/farm/face.h): address, port, server name, protocol, outcome,
# connections, hashes of the chain. Versions and suites for other judges are in DIR/endpoints. A server that is not
# installed is listed with SKIP. All are stopped by pid. SERVERS_SET=dialects: those of dialect_servers.sh instead.
set -eu
command=${1:?start or stop} dir=${2:?a folder}
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
net=${SERVERS_NET:-82}
PATH=$PATH:/usr/sbin:/sbin

stop() {
    [ -f "$dir/pids" ] || return 0
    while read -r pid; do kill "$pid" 2>/dev/null || :; done < "$dir/pids"
    for _ in $(seq 50); do
        alive=
        while read -r pid; do if kill -0 "$pid" 2>/dev/null; then alive=$pid; fi; done < "$dir/pids"
        [ -n "$alive" ] || break
        sleep 0.1
    done
    while read -r pid; do kill -9 "$pid" 2>/dev/null || :; done < "$dir/pids"
    if [ -d "$dir/postfix/etc" ]; then postfix -c "$dir/postfix/etc" stop >/dev/null 2>&1 || :; fi
    : > "$dir/pids"
}
if [ "$command" = stop ]; then
    stop
    exit 0
fi

# --- certificates: root <- issuing <- leaf, what is served is leaf and issuing -----------------------------------
key() {                             # FILE KIND
    case $2 in
    rsa*) openssl genrsa -out "$1" "${2#rsa}" ;;
    ec*) openssl ecparam -name "${2#ec:}" -genkey -noout -out "$1" ;;
    ed*) openssl genpkey -algorithm "$2" -out "$1" ;;
    esac 2>/dev/null
}
authority() {                       # NAME SUBJECT ISSUER
    key "$dir/$1.key" ec:prime256v1
    openssl req -new -key "$dir/$1.key" -subj "/O=Acceptance/CN=$2" -out "$dir/$1.csr"
    printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n' > "$dir/ca.ext"
    if [ "$3" = "$1" ]; then set -- "$1" "$2" -signkey "$dir/$1.key"; else set -- "$1" "$2" -CA "$dir/$3.pem" -CAkey "$dir/$3.key" -CAcreateserial; fi
    name=$1
    shift 2
    openssl x509 -req -in "$dir/$name.csr" "$@" -days 30 -extfile "$dir/ca.ext" -out "$dir/$name.pem" 2>/dev/null
}
leaf() {                            # NAME KIND DNS
    key "$dir/$1.key" "$2"
    openssl req -new -key "$dir/$1.key" -subj "/O=Acceptance/CN=$3" -out "$dir/$1.csr"
    printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$3" > "$dir/leaf.ext"
    openssl x509 -req -in "$dir/$1.csr" -CA "$dir/issuing.pem" -CAkey "$dir/issuing.key" -CAcreateserial -days 20 \
        -extfile "$dir/leaf.ext" -out "$dir/$1.leaf" 2>/dev/null
    cat "$dir/$1.leaf" "$dir/issuing.pem" > "$dir/$1.pem"
    cat "$dir/$1.pem" "$dir/$1.key" > "$dir/$1.both"
    hash_of "$dir/$1.leaf" > "$dir/$1.hash"
}
hash_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }
chain_of() { echo "$(cat "$dir/$1.hash"),$(hash_of "$dir/issuing.pem")"; }

# --- how a server is started, waited for, written down --------------------------------------------------------
unprivileged=
if [ "$(id -u)" = 0 ]; then unprivileged="setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all"; fi
start_server() {                    # NAME COMMAND...
    log=$dir/$1.log
    shift
    # From /: haproxy wants to come back to where it was started, which may be root's own folder.
    # shellcheck disable=SC2086
    (cd / && exec $unprivileged "$@") > "$log" 2>&1 < /dev/null &
    echo $! >> "$dir/pids"
}
root_server() {                     # as start_server, with root's rights: for what does not run without
    before=$unprivileged unprivileged=
    start_server "$@"
    unprivileged=$before
}
answers() {                         # ADDRESS PORT: within half a minute?
    for _ in $(seq 150); do
        [ -n "$(echo "$1 $2" | not_answering)" ] || return 0
        sleep 0.2
    done
    return 1
}
not_answering() {                   # those of standard input ("ADDRESS PORT"); by /proc, so without a connection
    while read -r address port; do printf '%s:%s %04X\n' "$address" "$port" "$port"; done |
        awk 'FNR == 1 {file++} file < 3 {if ($4 == "0A") {split($2, local, ":"); listens[local[2]] = 1} next}
            !($2 in listens) {printf " %s", $1}' /proc/net/tcp /proc/net/tcp6 -
}
installed() {                       # NAME COMMAND
    command -v "$2" >/dev/null 2>&1 || { echo "SKIP $1: $2 is not installed"; return 1; }
}
expect() {                          # HOST PORT SERVER-NAME PROTOCOL CHAIN[|CHAIN] [CONNECTIONS]
    printf '127.%s.0.%s\t%s\t%s\t%s\tcertificate\t%s\t%s\n' "$net" "$1" "$2" "$3" "$4" "${6-1}" "$5" >> "$dir/expected"
}
expect_outcome() {                  # HOST PORT SERVER-NAME PROTOCOL OUTCOME[|OUTCOME]: no chain
    printf '127.%s.0.%s\t%s\t%s\t%s\t%s\t0\t-\n' "$net" "$1" "$2" "$3" "$4" "$5" >> "$dir/expected"
}
home() {                            # NAME: a folder that the server may write
    mkdir -p "$dir/$1"
    chmod 777 "$dir/$1"
}

mkdir -p "$dir"
[ -z "$(ls -A "$dir")" ] || { echo "start wants an empty folder: $dir"; exit 1; }
chmod 755 "$dir"
: > "$dir/pids"
: > "$dir/expected"
trap 'stop; exit 1' INT TERM
authority root "Root" root
authority issuing "Issuing" root
leaf a-rsa rsa2048 a.example
leaf a-ecdsa ec:prime256v1 a.example
leaf b ec:secp384r1 b.example
leaf ed ed25519 ed.example
leaf old rsa1024 old.example
leaf mail rsa2048 mail.example
chmod 644 "$dir"/*.key "$dir"/*.both

# --- the servers -----------------------------------------------------------------------------------------------
nginx_server() {
    home nginx
    cat > "$dir/nginx/nginx.conf" <<END
daemon off; pid $dir/nginx/pid; error_log $dir/nginx/error.log;
events {}
http {
    access_log off;
    client_body_temp_path $dir/nginx/a; proxy_temp_path $dir/nginx/b; fastcgi_temp_path $dir/nginx/c;
    uwsgi_temp_path $dir/nginx/d; scgi_temp_path $dir/nginx/e;
    ssl_protocols TLSv1.2 TLSv1.3;
    server { listen 127.$net.0.1:8443 ssl default_server; server_name a.example;
        ssl_certificate $dir/a-rsa.pem; ssl_certificate_key $dir/a-rsa.key;
        ssl_certificate $dir/a-ecdsa.pem; ssl_certificate_key $dir/a-ecdsa.key; return 200; }
    server { listen 127.$net.0.1:8443 ssl; server_name b.example;
        ssl_certificate $dir/b.pem; ssl_certificate_key $dir/b.key; return 200; }
}
END
    start_server nginx nginx -c "$dir/nginx/nginx.conf" -p "$dir/nginx" -e "$dir/nginx/error.log"
    a="$(chain_of a-ecdsa)|$(chain_of a-rsa)"
    expect 1 8443 - tls "$a"
    expect 1 8443 a.example tls "$a"
    expect 1 8443 b.example tls "$(chain_of b)"
}
s_server() {                        # PORT LEAF OPTIONS...
    port=$1 with=$2
    shift 2
    start_server "s_server.$port" openssl s_server -accept "127.$net.0.2:$port" -key "$dir/$with.key" -cert "$dir/$with.leaf" \
        -cert_chain "$dir/issuing.pem" -quiet "$@"
    expect 2 "$port" - tls "$(chain_of "$with")"
}
openssl_servers() {
    s_server 9001 ed -tls1_3
    s_server 9002 a-rsa -tls1_2 -cipher AES128-SHA
    s_server 9003 old -tls1 -cipher ALL:@SECLEVEL=0
    s_server 9004 a-ecdsa -tls1_2 -Verify 1
    s_server 9005 a-ecdsa -tls1_3 -Verify 1
    s_server 9006 a-rsa -tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384
    s_server 9007 b -tls1_3 -groups P-384
    s_server 9008 b -tls1_3 -groups P-521
    s_server 9009 b -tls1_3 -groups X448
    s_server 9010 a-rsa -tls1_3 -groups ffdhe3072
    s_server 9011 a-rsa -tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256
    s_server 9012 a-ecdsa -tls1_1 -cipher ALL:@SECLEVEL=0
}
gnutls_servers() {
    serve() {                       # PORT PRIORITY
        start_server "gnutls.$1" gnutls-serv --port "$1" --x509keyfile "$dir/a-rsa.key" --x509certfile "$dir/a-rsa.pem" \
            --http --quiet --priority "$2"
        expect 3 "$1" - tls "$(chain_of a-rsa)"
    }
    serve 9101 "NONE:+VERS-TLS1.0:+ARCFOUR-128:+RSA:+SHA1:+SIGN-ALL:+COMP-NULL:%VERIFY_ALLOW_BROKEN"
    serve 9102 "NONE:+VERS-TLS1.0:+3DES-CBC:+RSA:+SHA1:+SIGN-ALL:+COMP-NULL:%VERIFY_ALLOW_BROKEN"
    serve 9103 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
    serve 9104 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
}
haproxy_server() {
    home haproxy
    cat > "$dir/haproxy/haproxy.cfg" <<END
global
    ssl-server-verify none
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend tls
    bind 127.$net.0.4:8443 ssl crt $dir/a-ecdsa.both crt $dir/b.both
    http-request deny
END
    start_server haproxy haproxy -db -f "$dir/haproxy/haproxy.cfg"
    expect 4 8443 - tls "$(chain_of a-ecdsa)"
    expect 4 8443 b.example tls "$(chain_of b)"
}
stunnel_server() {
    home stunnel
    cat > "$dir/stunnel/stunnel.conf" <<END
foreground = yes
pid =
[tls]
accept = 127.$net.0.5:8443
connect = 127.$net.0.5:1
cert = $dir/a-rsa.pem
key = $dir/a-rsa.key
sslVersionMax = TLSv1.2
END
    start_server stunnel stunnel "$dir/stunnel/stunnel.conf"
    expect 5 8443 - tls "$(chain_of a-rsa)"
}
# dovecot's settings, but for its services: HOST PROTOCOLS
dovecot_settings() {
    user=$(id -un)
    [ "$user" != root ] || user=nobody
    group=$(id -gn "$user")
    own="ssl_cert = <$dir/mail.pem
ssl_key = <$dir/mail.key
mail_location = maildir:$dir/dovecot/mail"
    case $(dovecot --version) in 2.4.*)          # of Debian 13: another language of settings
        printf 'dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n'
        own="ssl_server_cert_file = $dir/mail.pem
ssl_server_key_file = $dir/mail.key
mail_driver = maildir
mail_path = $dir/dovecot/mail" ;;
    esac
    cat <<END
base_dir = $dir/dovecot/run
state_dir = $dir/dovecot/state
log_path = $dir/dovecot/log
listen = 127.$net.0.$1
protocols = $2
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
ssl = yes
$own
service anvil {
  chroot =
}
END
}
dovecot_server() {
    home dovecot
    dovecot_settings 6 'imap pop3' > "$dir/dovecot/dovecot.conf"
    cat >> "$dir/dovecot/dovecot.conf" <<END
service imap-login {
  chroot =
  inet_listener imap {
    port = 10143
  }
  inet_listener imaps {
    port = 10993
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = 10110
  }
  inet_listener pop3s {
    port = 0
  }
}
END
    case $(dovecot --version) in
    2.4.*) printf 'passdb static {\n  fields {\n    nopassword = yes\n  }\n}\n' ;;
    *) printf 'passdb {\n  driver = static\n  args = nopassword=y\n}\n' ;;
    esac >> "$dir/dovecot/dovecot.conf"
    start_server dovecot dovecot -F -c "$dir/dovecot/dovecot.conf"
    expect 6 10143 - imap "$(chain_of mail)"
    expect 6 10110 - pop3 "$(chain_of mail)"
    expect 6 10993 - tls "$(chain_of mail)"
}
slapd_server() {
    home slapd
    cat > "$dir/slapd/slapd.conf" <<END
pidfile $dir/slapd/pid
TLSCertificateFile $dir/mail.pem
TLSCertificateKeyFile $dir/mail.key
TLSCACertificateFile $dir/issuing.pem
END
    start_server slapd slapd -d 0 -f "$dir/slapd/slapd.conf" -h "ldap://127.$net.0.7:10389 ldaps://127.$net.0.7:10636"
    expect 7 10389 - ldap "$(chain_of mail)"
    expect 7 10636 - tls "$(chain_of mail)"
}
postgres_server() {
    home postgres
    bin=$(dirname "$1")
    # its folder and its key must be readable by its user only
    # shellcheck disable=SC2086
    $unprivileged "$bin/initdb" -A trust -N -D "$dir/postgres/data" > "$dir/initdb.log" 2>&1
    # shellcheck disable=SC2086
    $unprivileged install -m 600 "$dir/a-ecdsa.key" "$dir/postgres/server.key"
    start_server postgres "$bin/postgres" -D "$dir/postgres/data" -c "listen_addresses=127.$net.0.8" -c port=15432 \
        -c "unix_socket_directories=$dir/postgres" -c ssl=on -c "ssl_cert_file=$dir/a-ecdsa.pem" \
        -c "ssl_key_file=$dir/postgres/server.key"
    expect 8 15432 - postgres "$(chain_of a-ecdsa)"
    # from 17 on also with TLS at once (sslnegotiation=direct)
    if [ "$("$bin/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 17 ]; then expect 8 15432 - tls "$(chain_of a-ecdsa)"; fi
}
nss_server() {
    home nss
    openssl pkcs12 -export -in "$dir/a-rsa.pem" -inkey "$dir/a-rsa.key" -name server -passout pass: -out "$dir/nss/server.p12"
    chmod 644 "$dir/nss/server.p12"
    # shellcheck disable=SC2086
    $unprivileged certutil -N --empty-password -d "sql:$dir/nss" > "$dir/nss.log" 2>&1
    # shellcheck disable=SC2086
    $unprivileged pk12util -i "$dir/nss/server.p12" -d "sql:$dir/nss" -W '' >> "$dir/nss.log" 2>&1
    start_server selfserv selfserv -d "sql:$dir/nss" -n server -p 9201 -V tls1.2:tls1.3 -H 1
    expect 9 9201 - tls "$(chain_of a-rsa)"
}
postfix_server() {                  # its master must be root; it drops what it can itself
    mkdir -p "$dir/postfix/etc" "$dir/postfix/queue" "$dir/postfix/data"
    chown postfix "$dir/postfix/data"
    cat > "$dir/postfix/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/postfix/queue
data_directory = $dir/postfix/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
maillog_file_prefixes = $dir
maillog_file = $dir/postfix/log
alias_maps =
alias_database =
smtpd_tls_security_level = may
smtpd_tls_chain_files = $dir/mail.key, $dir/mail.pem
END
    cat > "$dir/postfix/etc/master.cf" <<END
127.$net.0.10:10025 inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
END
    if postfix -c "$dir/postfix/etc" start > "$dir/postfix.log" 2>&1; then
        expect 10 10025 - smtp "$(chain_of mail)"
    else
        echo "SKIP postfix: it does not start here (see $dir/postfix.log)"
        rm -rf "$dir/postfix"
    fi
}
hybrid_server() {                   # Go 1.24 and later: a server that knows nothing but X25519MLKEM768
    home hybrid
    here=$(cd "$(dirname "$0")" && pwd)
    if ! GO111MODULE=off go build -o "$dir/hybrid/server" "$here/hybrid.go" 2> "$dir/hybrid.log"; then
        echo "SKIP hybrid: this Go is too old for ML-KEM"
        return
    fi
    start_server hybrid "$dir/hybrid/server" "127.$net.0.11:8443" "$dir/a-ecdsa.pem" "$dir/a-ecdsa.key"
    expect 11 8443 - tls "$(chain_of a-ecdsa)"
    # the hybrid groups are not in the first hello: a second connection is due
    sed -i "s/^\(127.$net.0.11\t.*\)\t1\t/\1\t2\t/" "$dir/expected"
}

servers=$(cd "$(dirname "$0")" && pwd)
if [ "${SERVERS_SET:-common}" = dialects ]; then
    # shellcheck source=tests/acceptance/servers/dialect_servers.sh
    . "$servers/dialect_servers.sh"
else
    if installed nginx nginx; then nginx_server; fi
    if installed openssl openssl; then openssl_servers; fi
    if installed gnutls gnutls-serv; then gnutls_servers; fi
    if installed haproxy haproxy; then haproxy_server; fi
    if installed stunnel stunnel; then stunnel_server; fi
    if installed dovecot dovecot; then dovecot_server; fi
    if installed slapd slapd; then slapd_server; fi
    if installed nss selfserv && installed nss pk12util; then nss_server; fi
    # shellcheck disable=SC2012
    initdb=$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)
    if installed postgres "${initdb:-initdb}"; then postgres_server "$initdb"; fi
    if [ "$(id -u)" != 0 ]; then echo "SKIP postfix: its master must be started by root"
    elif installed postfix postfix; then postfix_server; fi
    if installed hybrid go; then hybrid_server; fi
fi

# --- until all answer -------------------------------------------------------------------------------------------
cut -f 1,2 "$dir/expected" | tr '\t' ' ' | sort -u >> "$dir/listening"
missing=
for _ in $(seq 600); do                # RabbitMQ on a busy machine takes its time
    missing=$(not_answering < "$dir/listening")
    [ -n "$missing" ] || break
    sleep 0.2
done
if [ -n "$missing" ]; then
    echo "not answering:$missing"
    tail -n 3 "$dir"/*.log
    stop
    exit 1
fi
echo "ready: $(wc -l < "$dir/expected") endpoints"
