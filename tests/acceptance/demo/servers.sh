# The demonstration's servers: nginx, openssl s_server and PostgreSQL from Debian, on loopback addresses of their
# own. Sourced by run. Each is bounded in time, so that none outlives a run that was killed.
#   serve NAME ADDRESS PORT [S_SERVER OPTION...]      NAME's chain and key, until servers_stop
#   servers_wait                                      until each of them answers
#   servers_stop

server_pids=''
server_places=''
postgresql_place=''
mail_place=''

serve() {
    name=$1 address=$2 port=$3
    shift 3
    timeout 900 openssl s_server -accept "$address:$port" -www -quiet -cert "$pki/$name.crt" \
        -key "$pki/$name.key" "$@" \
        > "$work/$name.log" 2>&1 < /dev/null &
    server_pids="$server_pids $!"
    server_places="$server_places $address:$port"
}

# Two virtual hosts, distinguished by the server name, and mail with STARTTLS that still sends the certificate
# before the renewed one.
serve_nginx() {
    nginx_host() { printf 'server { listen %s.1:8443 ssl; server_name %s.dmv.demo.gov; %s return 204; }\n' "$net" "$1" "$2"; }
    nginx_pair() { printf 'ssl_certificate %s.chain.pem; ssl_certificate_key %s.key; ' "$pki/$1" "$pki/$1"; }
    mkdir "$work/nginx"
    cat > "$work/nginx/nginx.conf" <<EOF
daemon off;
worker_processes 1;
pid $work/nginx/pid;
load_module /usr/lib/nginx/modules/ngx_mail_module.so;
events { }
mail {
    server_name mail.dmv.demo.gov;
    auth_http 127.0.0.1:9/nobody-logs-in;
    server { listen $net.2:2525; protocol smtp; smtp_auth plain; starttls on; $(nginx_pair mail) }
}
http {
    access_log off;
    client_body_temp_path $work/nginx/1; proxy_temp_path $work/nginx/2; fastcgi_temp_path $work/nginx/3;
    uwsgi_temp_path $work/nginx/4; scgi_temp_path $work/nginx/5;
    $(nginx_host portal "$(nginx_pair portal)$(nginx_pair portal-rsa)")
    $(nginx_host forms "$(nginx_pair forms)")
}
EOF
    timeout 900 nginx -e "$work/nginx/log" -c "$work/nginx/nginx.conf" > "$work/nginx/log" 2>&1 < /dev/null &
    server_pids="$server_pids $!"
    server_places="$server_places $net.1:8443"
    mail_place=$net.2:2525
}

server_wait() {    # ADDRESS:PORT [S_CLIENT OPTION...]
    place=$1
    shift
    tries=0
    until timeout 3 openssl s_client -connect "$place" -cipher 'ALL:@SECLEVEL=0' -legacy_server_connect "$@" \
        < /dev/null > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { echo "demo: no server came up on $place" >&2; return 1; }
        sleep 0.1
    done
}

servers_wait() {
    for each in $server_places; do server_wait "$each"; done
    [ -z "$postgresql_place" ] || server_wait "$postgresql_place" -starttls postgres
    for pid in $server_pids; do
        kill -0 "$pid" 2>/dev/null || { echo "demo: a server ended; does something else use $net.0/28?" >&2; return 1; }
    done
    [ -z "$mail_place" ] || server_wait "$mail_place" -starttls smtp
}

servers_stop() {
    for pid in $server_pids; do kill "$pid" 2>/dev/null || :; done
    for pid in $server_pids; do wait "$pid" 2>/dev/null || :; done
    server_pids=''
}

# PostgreSQL with ssl on, on its own port: TLS behind the SSLRequest of its protocol, a STARTTLS of sorts.
serve_postgresql() {    # NAME ADDRESS
    name=$1 address=$2
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    data=$work/postgresql
    mkdir -m 700 "$data"
    cp "$pki/$name.crt" "$work/postgresql.crt"
    cp "$pki/$name.key" "$work/postgresql.key"
    chmod 600 "$work/postgresql.key"
    as=''
    if [ "$(id -u)" -eq 0 ]; then
        chown -R certsweep: "$data" "$work/postgresql.crt" "$work/postgresql.key"
        as='setpriv --reuid=certsweep --regid=certsweep --clear-groups'
    fi
    # shellcheck disable=SC2086    # $as is several words or none
    (cd / && $as "$bin/initdb" -D "$data" -A reject -N > "$work/initdb.log" 2>&1)
    # shellcheck disable=SC2086
    (cd / && exec $as timeout 900 "$bin/postgres" -D "$data" -h "$address" -p 5432 -k '' -c ssl=on \
        -c ssl_cert_file="$work/postgresql.crt" -c ssl_key_file="$work/postgresql.key" \
        > "$work/postgresql.log" 2>&1) &
    server_pids="$server_pids $!"
    postgresql_place=$address:5432
}
