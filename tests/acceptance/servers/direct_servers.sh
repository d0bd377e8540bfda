# shellcheck shell=sh disable=SC2154    # dir, net and the rest are servers.sh's
# Sourced by dialect_servers.sh: servers that speak TLS from the first byte behind other names than HTTPS (and the one or two
# of the same package that speak STARTTLS). Real ones where Debian has them, direct.py where it has none.

mosquitto_server() {
    printf 'listener 8883 127.%s.0.11\ncertfile %s\nkeyfile %s\nallow_anonymous true\n' "$net" "$dir/a-rsa.pem" "$dir/a-rsa.key" > "$dir/mosquitto.conf"
    start_server mosquitto mosquitto -c "$dir/mosquitto.conf"
    expect 11 8883 - tls "$(chain_of a-rsa)"
}
redis_server() {
    start_server redis redis-server --port 0 --bind "127.$net.0.12" --tls-port 6380 --tls-cert-file "$dir/a-rsa.pem" --tls-key-file \
        "$dir/a-rsa.key" --tls-ca-cert-file "$dir/root.pem" --tls-auth-clients no --save ''
    expect 12 6380 - tls "$(chain_of a-rsa)"
}
memcached_server() {
    start_server memcached memcached -l "127.$net.0.13" -p 11211 -U 0 -Z -o "ssl_chain_cert=$dir/a-rsa.pem,ssl_key=$dir/a-rsa.key"
    expect 13 11211 - tls "$(chain_of a-rsa)"
}
etcd_server() {
    home etcd
    start_server etcd etcd --data-dir "$dir/etcd/data" --listen-client-urls "https://127.$net.0.14:2379" --advertise-client-urls \
        "https://127.$net.0.14:2379" --listen-peer-urls "https://127.$net.0.14:2380" --initial-advertise-peer-urls \
        "https://127.$net.0.14:2380" --initial-cluster "default=https://127.$net.0.14:2380" --cert-file "$dir/a-rsa.pem" --key-file \
        "$dir/a-rsa.key" --peer-cert-file "$dir/a-rsa.pem" --peer-key-file "$dir/a-rsa.key" --peer-trusted-ca-file "$dir/root.pem"
    expect 14 2379 - tls "$(chain_of a-rsa)"
    expect 14 2380 - tls "$(chain_of a-rsa)"        # it wants a certificate of ours
}
radsec_server() {                   # FreeRADIUS: RADIUS over TLS (RFC 6614), which wants a certificate of ours
    own_home freeradius
    cat > "$dir/freeradius/radiusd.conf" <<END
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = $dir/freeradius
run_dir = $dir/freeradius
logdir = $dir/freeradius
name = radiusd
pidfile = $dir/freeradius/pid
log {
  destination = files
  file = $dir/freeradius/log
}
thread pool {
  start_servers = 1
  max_servers = 2
}
clients radsec {
  client loopback {
    ipaddr = 127.0.0.0/8
    proto = tls
    secret = radsec
    limit {
      max_connections = 256
    }
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.$net.0.15
    port = 2083
    proto = tcp
    clients = radsec
    tls {
      private_key_file = $dir/a-rsa.key
      certificate_file = $dir/a-rsa.pem
      ca_file = $dir/root.pem
      require_client_cert = yes
      tls_min_version = "1.2"
      tls_max_version = "1.3"
    }
  }
  authorize {
    reject
  }
}
modules {
  always reject {
    rcode = reject
  }
}
END
    start_server freeradius freeradius -f -d "$dir/freeradius"
    expect 15 2083 - tls "$(chain_of a-rsa)"
}
sip_server() {                      # Kamailio: SIP over TLS (RFC 5630)
    home kamailio
    cat > "$dir/kamailio/kamailio.cfg" <<END
#!KAMAILIO
debug=2
log_stderror=yes
children=1
enable_tls=yes
listen=tls:127.$net.0.16:5061
loadmodule "tls.so"
loadmodule "sl.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "$dir/a-rsa.pem")
modparam("tls", "private_key", "$dir/a-rsa.key")
request_route {
    exit;
}
END
    start_server kamailio kamailio -f "$dir/kamailio/kamailio.cfg" -DD -E -m 32 -M 8 -Y "$dir/kamailio"
    expect 16 5061 - tls "$(chain_of a-rsa)"
}
amqp_server() {                     # RabbitMQ, on Erlang's ssl. Its name server is started here, so that it ends with the rest
    home rabbitmq
    cat > "$dir/rabbitmq/rabbitmq.conf" <<END
listeners.tcp = none
listeners.ssl.1 = 127.$net.0.17:5671
ssl_options.certfile = $dir/a-rsa.pem
ssl_options.keyfile = $dir/a-rsa.key
ssl_options.cacertfile = $dir/root.pem
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false
END
    start_server epmd epmd -port 14369 -address 127.0.0.1
    start_server rabbitmq env "HOME=$dir/rabbitmq" ERL_EPMD_PORT=14369 "RABBITMQ_NODENAME=certsweep$net@localhost" RABBITMQ_DIST_PORT=14370 \
        "RABBITMQ_CONFIG_FILE=$dir/rabbitmq/rabbitmq.conf" "RABBITMQ_MNESIA_BASE=$dir/rabbitmq/data" "RABBITMQ_LOG_BASE=$dir/rabbitmq/log" \
        "RABBITMQ_ENABLED_PLUGINS_FILE=$dir/rabbitmq/plugins" "RABBITMQ_PID_FILE=$dir/rabbitmq/pid" /usr/lib/rabbitmq/bin/rabbitmq-server
    expect 17 5671 - tls "$(chain_of a-rsa)"
}
dns_servers() {                     # DNS over TLS (RFC 7858)
    if installed unbound unbound; then
        cat > "$dir/unbound.conf" <<END
server:
  interface: 127.$net.0.18@10853
  tls-port: 10853
  tls-service-key: $dir/a-rsa.key
  tls-service-pem: $dir/a-rsa.pem
  access-control: 127.0.0.0/8 allow
  module-config: iterator
  directory: $dir
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
remote-control:
  control-enable: no
END
        start_server unbound unbound -d -c "$dir/unbound.conf"
        expect 18 10853 - tls "$(chain_of a-rsa)"
    fi
    if installed named named; then
        home named
        cat > "$dir/named/named.conf" <<END
tls local { key-file "$dir/a-rsa.key"; cert-file "$dir/a-rsa.pem"; };
options {
  directory "$dir/named";
  listen-on port 10854 tls local { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  lock-file none;
  session-keyfile none;
  dnssec-validation no;
  recursion no;
};
controls { };
END
        start_server named named -g -n 1 -c "$dir/named/named.conf"
        # it listens on addresses of interfaces alone
        printf '127.0.0.1\t10854\t-\ttls\tcertificate\t1\t%s\n' "$(chain_of a-rsa)" >> "$dir/expected"
    fi
}
ftp_servers() {                     # implicit TLS; ProFTPD by AUTH TLS (RFC 4217) too
    vsftpd=$(command -v vsftpd) || vsftpd=$unpacked/usr/sbin/vsftpd
    if installed vsftpd "$vsftpd"; then
        home vsftpd
        cp "$vsftpd" "$dir/vsftpd/vsftpd"               # nobody may read it here
        cat > "$dir/vsftpd/vsftpd.conf" <<END
listen=YES
listen_address=127.$net.0.22
listen_port=10991
background=NO
run_as_launching_user=YES
anonymous_enable=YES
ssl_enable=YES
implicit_ssl=YES
allow_anon_ssl=YES
rsa_cert_file=$dir/a-rsa.pem
rsa_private_key_file=$dir/a-rsa.key
secure_chroot_dir=$dir/vsftpd
anon_root=$dir/vsftpd
xferlog_enable=YES
vsftpd_log_file=$dir/vsftpd/log
END
        owned vsftpd/vsftpd.conf
        start_server vsftpd "$dir/vsftpd/vsftpd" "$dir/vsftpd/vsftpd.conf"
        expect 22 10991 - tls "$(chain_of a-rsa)"
    fi
    if installed proftpd proftpd && [ -e /usr/lib/proftpd/mod_tls.so ]; then
        own_home proftpd
        user=$(id -un)
        [ "$user" != root ] || user=nobody
        cat > "$dir/proftpd/proftpd.conf" <<END
LoadModule mod_tls.c
ControlsEngine off
User $user
Group $(id -gn "$user")
ServerType standalone
UseIPv6 off
DefaultAddress 127.$net.0.23
SocketBindTight on
Port 10021
WtmpLog off
SystemLog $dir/proftpd/log
PidFile $dir/proftpd/pid
ScoreboardFile $dir/proftpd/scoreboard
DelayEngine off
AuthOrder mod_auth_file.c
<Global>
  TLSEngine on
  TLSLog $dir/proftpd/tls.log
  TLSRSACertificateFile $dir/a-rsa.leaf
  TLSRSACertificateKeyFile $dir/proftpd/key
  TLSCertificateChainFile $dir/issuing.pem
  TLSProtocol TLSv1.2 TLSv1.3
</Global>
<VirtualHost 127.$net.0.23>
  Port 10990
  TLSOptions UseImplicitSSL
</VirtualHost>
END
        cp "$dir/a-rsa.key" "$dir/proftpd/key"
        chmod 600 "$dir/proftpd/key"
        owned proftpd/key
        start_server proftpd proftpd -n -c "$dir/proftpd/proftpd.conf"
        expect 23 10021 - ftp "$(chain_of a-rsa)"
        expect 23 10990 - tls "$(chain_of a-rsa)"
    fi
}
dicom_server() {
    home dicom
    start_server dicom storescp +tls "$dir/a-rsa.key" "$dir/a-rsa.pem" +cf "$dir/root.pem" -ic -od "$dir/dicom" 2762
    expect 24 2762 - tls "$(chain_of a-rsa)"
}
rdp_servers() {
    if installed xrdp xrdp; then
        home xrdp
        cat > "$dir/xrdp/xrdp.ini" <<END
[Globals]
ini_version=1
fork=true
port=tcp://127.$net.0.25:3389
security_layer=tls
certificate=$dir/a-rsa.pem
key_file=$dir/a-rsa.key
ssl_protocols=TLSv1.2, TLSv1.3
autorun=
[Logging]
LogFile=$dir/xrdp/log
LogLevel=INFO
EnableSyslog=false
[Channels]
[none]
name=none
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
END
        start_server xrdp xrdp --nodaemon --config "$dir/xrdp/xrdp.ini"
        expect 25 3389 - rdp "$(chain_of a-rsa)"
    fi
    # NLA alone, over a display of its own
    if installed freerdp freerdp-shadow-cli && installed freerdp Xtigervnc; then
        home shadow
        home shadow/freerdp
        home shadow/freerdp/shadow
        cp "$dir/a-rsa.key" "$dir/shadow/freerdp/shadow/shadow.key"
        cp "$dir/a-rsa.leaf" "$dir/shadow/freerdp/shadow/shadow.crt"
        chmod 644 "$dir/shadow/freerdp/shadow"/*
        start_server shadow.display env "HOME=$dir/shadow" Xtigervnc ":$((400 + net))" -interface "127.$net.0.26" -rfbport 6900 -SecurityTypes None \
            -listen tcp -nolisten unix -ac
        answers "127.$net.0.26" 6900 || echo "the display of freerdp does not answer"
        start_server shadow env "HOME=$dir/shadow" "XDG_CONFIG_HOME=$dir/shadow" "DISPLAY=127.0.0.1:$((400 + net))" freerdp-shadow-cli \
            /port:3389 "/bind-address:127.$net.0.26" /sec:nla
        expect 26 3389 - rdp "$(cat "$dir/a-rsa.hash")"
    fi
}
irc_server() {                      # InspIRCd: STARTTLS (IRCv3's tls extension)
    own_home inspircd
    cat > "$dir/inspircd/inspircd.conf" <<END
<config format="xml">
<server name="irc.example" description="acceptance" network="acceptance" id="0AA">
<admin name="none" nick="none" email="none@irc.example" description="none">
<bind address="127.$net.0.29" port="6667" type="clients">
<connect name="main" allow="*" timeout="10">
<pid file="$dir/inspircd/pid">
<log method="file" type="*" level="default" target="$dir/inspircd/log">
<module name="cap">
<module name="ssl_gnutls">
<sslprofile name="server" provider="gnutls" certfile="$dir/a-rsa.pem" keyfile="$dir/a-rsa.key" cafile="" crlfile="" mindhbits="2048">
<module name="starttls">
<starttls provider="server">
END
    start_server inspircd inspircd --nofork --nopid --config "$dir/inspircd/inspircd.conf"
    expect 29 6667 - irc "$(chain_of a-rsa)"
}
docker_server() {                   # its API, which wants a certificate of ours; as root, in namespaces that end with it
    mkdir -p "$dir/docker"
    root_server docker unshare --mount --pid --fork --kill-child --mount-proc dockerd --data-root "$dir/docker/data" --exec-root "$dir/docker/run" \
        --pidfile "$dir/docker/pid" --host "tcp://127.$net.0.30:2376" --tlsverify --tlscacert "$dir/root.pem" --tlscert "$dir/a-rsa.pem" \
        --tlskey "$dir/a-rsa.key" --iptables=false --ip6tables=false --ip-masq=false --bridge=none --storage-driver=vfs
    if answers "127.$net.0.30" 2376; then expect 30 2376 - tls "$(chain_of a-rsa)"
    else echo "SKIP docker: dockerd does not run here: $(grep -i -e fail -e error "$dir/docker.log" | tail -n 1 | cut -c 1-200)"; fi
}
news_server() {                     # INN's reader: STARTTLS (RFC 4642), and TLS at once on a port of its own (RFC 8143)
    own_home news
    for part in db spool spool/articles spool/overview tmp run log etc lib; do own_home "news/$part"; done
    cp "$inn"/usr/lib/news/lib*.so.* "$inn/usr/lib/news/bin/nnrpd" "$inn/usr/lib/news/bin/tdx-util" "$dir/news/lib"
    cp "$dir/a-rsa.key" "$dir/news/key"
    chmod 600 "$dir/news/key"
    cat > "$dir/news/etc/inn.conf" <<END
mta: "/bin/false"
organization: "acceptance"
ovmethod: tradindexed
hismethod: hisv6
pathhost: news.example
domain: news.example
fromhost: news.example
server: 127.$net.0.31
runasuser: nobody
runasgroup: nogroup
nnrpdloadlimit: 0
pathnews: $dir/news
pathbin: $dir/news/lib
pathdb: $dir/news/db
pathetc: $dir/news/etc
pathfilter: $dir/news/etc
pathrun: $dir/news/run
pathlog: $dir/news/log
pathspool: $dir/news/spool
patharticles: $dir/news/spool/articles
pathoverview: $dir/news/spool/overview
pathtmp: $dir/news/tmp
tlscertfile: $dir/a-rsa.pem
tlskeyfile: $dir/news/key
tlscafile: $dir/root.pem
END
    printf 'auth "all" {\n  hosts: "*"\n  default: "<anonymous>"\n}\naccess "all" {\n  users: "*"\n  newsgroups: "!*"\n}\n' > "$dir/news/etc/readers.conf"
    printf 'method tradspool {\n  newsgroups: *\n  class: 0\n}\n' > "$dir/news/etc/storage.conf"
    for file in db/active db/newsgroups db/history db/history.dir db/history.hash db/history.index spool/overview/group.index; do
        : > "$dir/news/$file"
        owned "news/$file"
    done
    owned news/key
    set -- env "LD_LIBRARY_PATH=$dir/news/lib" "INNCONF=$dir/news/etc/inn.conf"
    # shellcheck disable=SC2086
    (cd / && $unprivileged "$@" "$dir/news/lib/tdx-util" -A) > "$dir/news.index.log" 2>&1
    # who is not root has its ports bound by a setuid program; root becomes who inn.conf says
    root_server news "$@" "$dir/news/lib/nnrpd" -D -f -b "127.$net.0.31" -p 10119
    root_server news.tls "$@" "$dir/news/lib/nnrpd" -D -f -b "127.$net.0.31" -p 10563 -S
    expect 31 10119 - nntp "$(chain_of a-rsa)"
    expect 31 10563 - tls "$(chain_of a-rsa)"
}
product_servers() {                 # what Debian does not have: Kafka, MongoDB, Elasticsearch, Docker, Kubernetes, WinRM, Oracle, HL7 ...
    cp "$servers/direct.py" "$dir/direct.py"            # nobody may read it here
    start_server direct /usr/bin/python3 "$dir/direct.py" "127.$net.0.28" "$dir/a-rsa.pem" "$dir/a-rsa.key" "$dir/root.pem"
    for port in 9093 27017 9200 2376 6443 10250 5986 2484 2575; do expect 28 $port - tls "$(chain_of a-rsa)"; done
    expect 28 5432 - tls "$(chain_of a-rsa)" 2          # by its port it is asked with SSLRequest first
}
owned() {                           # FILE...: its server's own, which it wants
    if [ "$(id -u)" = 0 ]; then (cd "$dir" && chown nobody:nogroup "$@"); fi
}
own_home() {                        # NAME: a folder that only this user may write
    mkdir -p "$dir/$1"
    chmod 755 "$dir/$1"
    owned "$1"
}

unpacked=$servers/../../../build/unpacked       # by ./bootstrap: what cannot be installed beside the others

if installed mosquitto mosquitto; then mosquitto_server; fi
if installed redis redis-server; then redis_server; fi
if installed memcached memcached; then memcached_server; fi
if installed etcd etcd; then etcd_server; fi
if installed freeradius freeradius; then radsec_server; fi
if installed kamailio kamailio; then sip_server; fi
if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then amqp_server; else echo "SKIP rabbitmq: it is not installed"; fi
dns_servers
ftp_servers
if installed dicom storescp; then dicom_server; fi
rdp_servers
if installed inspircd inspircd; then irc_server; fi
if [ "$(id -u)" != 0 ]; then echo "SKIP docker, news: their servers must be started by root"
else
    if installed docker dockerd; then docker_server; fi
    inn=/
    [ -x /usr/lib/news/bin/nnrpd ] || inn=$unpacked
    if [ -x "$inn/usr/lib/news/bin/nnrpd" ]; then news_server; else echo "SKIP news: inn2 is neither installed nor unpacked"; fi
fi
if installed products /usr/bin/python3; then product_servers; fi
