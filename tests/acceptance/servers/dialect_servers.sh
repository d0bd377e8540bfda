# shellcheck shell=sh disable=SC2154    # dir, net and the rest are servers.sh's
# Sourced by servers.sh where SERVERS_SET=dialects: servers of Debian for the dialects and ports that the others do not have, on
# the ports that are their own where those are above 1024. Each is a function that calls start_server and expect.

nut_server() {                      # Debian's upsd is linked with NSS
    home nut
    openssl pkcs12 -export -in "$dir/a-rsa.pem" -inkey "$dir/a-rsa.key" -name server -passout pass: -out "$dir/nut/server.p12"
    chmod 644 "$dir/nut/server.p12"
    # shellcheck disable=SC2086
    $unprivileged certutil -N --empty-password -d "sql:$dir/nut" > "$dir/nut.log" 2>&1
    # shellcheck disable=SC2086
    $unprivileged pk12util -i "$dir/nut/server.p12" -d "sql:$dir/nut" -W '' >> "$dir/nut.log" 2>&1
    printf 'LISTEN 127.%s.0.1 3493\nCERTPATH %s\nCERTIDENT "server" ""\nSTATEPATH %s\n' "$net" "$dir/nut" "$dir/nut" > "$dir/nut/upsd.conf"
    printf '[none]\ndriver = dummy-ups\nport = none\n' > "$dir/nut/ups.conf"
    : > "$dir/nut/upsd.users"
    start_server nut env "NUT_CONFPATH=$dir/nut" "NUT_STATEPATH=$dir/nut" "NUT_ALTPIDPATH=$dir/nut" /lib/nut/upsd -F -u nobody
    expect 1 3493 - nut "$(chain_of a-rsa)"
}
cups_server() {
    for part in cups cups/ssl cups/spool cups/cache cups/state; do home $part; done
    cp "$dir/a-rsa.pem" "$dir/cups/ssl/printer.example.crt"
    cp "$dir/a-rsa.key" "$dir/cups/ssl/printer.example.key"
    chmod 644 "$dir"/cups/ssl/*
    cat > "$dir/cups/cups-files.conf" <<END
ServerRoot $dir/cups
ServerKeychain $dir/cups/ssl
RequestRoot $dir/cups/spool
CacheDir $dir/cups/cache
StateDir $dir/cups/state
AccessLog $dir/cups/access
ErrorLog $dir/cups/error
PageLog $dir/cups/page
END
    cat > "$dir/cups/cupsd.conf" <<END
Listen 127.$net.0.2:10631
ServerName printer.example
ServerAlias *
DefaultEncryption IfRequested
Browsing Off
<Location />
  Order allow,deny
  Allow all
</Location>
END
    start_server cups cupsd -f -c "$dir/cups/cupsd.conf" -s "$dir/cups/cups-files.conf"
    expect 2 10631 - http-upgrade "$(chain_of a-rsa)"
}
vnc_servers() {
    home vnc
    serve() {                       # DISPLAY PORT OPTIONS...
        display=$1 port=$2
        shift 2
        start_server "vnc.$port" env "HOME=$dir/vnc" Xtigervnc ":$display" -interface "127.$net.0.3" -rfbport "$port" \
            -X509Cert "$dir/a-rsa.pem" -X509Key "$dir/a-rsa.key" -nolisten tcp -nolisten unix "$@"
    }
    serve "$((100 + net))" 5900 -SecurityTypes X509None,TLSNone -BlacklistThreshold 1000
    serve "$((200 + net))" 5901 -SecurityTypes VncAuth -BlacklistThreshold 1000
    serve "$((300 + net))" 5902 -SecurityTypes X509None
    expect 3 5900 - vnc "$(chain_of a-rsa)"
    expect_outcome 3 5901 - vnc starttls_refused
    echo "127.$net.0.3 5902" >> "$dir/listening"        # with its own limit: for dialects.sh
}
openvpn_servers() {
    openvpn --genkey secret "$dir/tls-auth.key"
    chmod 644 "$dir/tls-auth.key"
    serve() {                       # PORT OPTIONS...
        port=$1
        shift
        start_server "openvpn.$port" openvpn --dev null --ifconfig-noexec --tls-server --proto tcp-server --local "127.$net.0.4" --lport "$port" \
            --ca "$dir/root.pem" --cert "$dir/a-rsa.leaf" --extra-certs "$dir/issuing.pem" --key "$dir/a-rsa.key" --dh none "$@"
    }
    serve 1194
    serve 1195 --tls-auth "$dir/tls-auth.key"
    serve 1196 --tls-auth "$dir/tls-auth.key" 0
    serve 1197 --tls-crypt "$dir/tls-auth.key"
    openvpn --genkey tls-crypt-v2-server "$dir/v2-server.key"
    openvpn --tls-crypt-v2 "$dir/v2-server.key" --genkey tls-crypt-v2-client "$dir/v2-client.key"
    chmod 644 "$dir/v2-server.key"
    serve 1198 --tls-crypt-v2 "$dir/v2-server.key"
    install -m 600 "$dir/tls-auth.key" "$dir/ours.key"  # only we may read it
    for port in 1196 1197 1198; do echo "127.$net.0.4 $port" >> "$dir/listening"; done      # for dialects.sh
    chain_of a-rsa > "$dir/openvpn.chain"
    expect 4 1194 - openvpn "$(chain_of a-rsa)"
    expect_outcome 4 1195 - openvpn 'timeout_handshake|closed|reset'       # who lacks its key gets no answer
}
ngircd_server() {                   # without TLS
    cat > "$dir/ngircd.conf" <<END
[Global]
Name = irc.example
Info = none
Listen = 127.$net.0.5
Ports = 6667
[Options]
PAM = no
Ident = no
DNS = no
END
    start_server ngircd ngircd -n -f "$dir/ngircd.conf"
    expect_outcome 5 6667 - irc starttls_refused
}
prosody_server() {
    home prosody
    cat > "$dir/prosody/prosody.cfg.lua" <<END
pidfile = "$dir/prosody/pid"
data_path = "$dir/prosody"
log = { info = "$dir/prosody/log" }
interfaces = { "127.$net.0.6" }
modules_enabled = { "tls", "saslauth", "dialback" }
s2s_require_encryption = true
ssl = { certificate = "$dir/mail.pem", key = "$dir/mail.key" }
VirtualHost "mail.example"
END
    start_server prosody prosody --config "$dir/prosody/prosody.cfg.lua" -F
    expect 6 5222 mail.example xmpp "$(chain_of mail)"
    expect 6 5269 mail.example xmpp-server "$(chain_of mail)"
    expect_outcome 6 5222 - xmpp starttls_refused       # by its bare address, and no name known
    expect_outcome 6 5269 - xmpp-server starttls_refused
}
lmtp_server() {
    home dovecot
    dovecot_settings 7 lmtp > "$dir/dovecot/dovecot.conf"
    cat >> "$dir/dovecot/dovecot.conf" <<END
service lmtp {
  user = $user
  inet_listener lmtp {
    port = 10024
  }
}
END
    start_server dovecot dovecot -F -c "$dir/dovecot/dovecot.conf"
    expect 7 10024 - lmtp "$(chain_of mail)"
}
mssql_server() {                    # no server speaks TDS that Debian has: a dialogue of our own
    cp "$servers/mssql.py" "$dir/mssql.py"              # user nobody can read it here
    start_server mssql /usr/bin/python3 "$dir/mssql.py" "127.$net.0.8" 1433 "$dir/a-rsa.pem" "$dir/a-rsa.key"
    expect 8 1433 - mssql "$(chain_of a-rsa)"
    start_server mssql8 openssl s_server -accept "127.$net.0.9:1433" -key "$dir/a-rsa.key" -cert "$dir/a-rsa.leaf" \
        -cert_chain "$dir/issuing.pem" -alpn tds/8.0 -quiet
    expect 9 1433 - tls "$(chain_of a-rsa)" 2           # TDS 8: TLS from its first byte
}
balancer_servers() {                # behind a PROXY header
    cat > "$dir/balanced.cfg" <<END
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend balanced
    bind 127.$net.0.10:8443,127.$net.0.10:8444 accept-proxy ssl crt $dir/a-rsa.both
    http-request deny
END
    start_server balanced haproxy -db -f "$dir/balanced.cfg"
    expect 10 8443 - proxy+tls "$(chain_of a-rsa)"
    expect 10 8444 - proxy-v2+tls "$(chain_of a-rsa)"
}
proxies() {                         # ways, not targets: dialects.sh goes through them
    if installed tinyproxy tinyproxy; then
        printf 'Port 3128\nListen 127.%s.0.20\nTimeout 10\nLogLevel Info\nLogFile "%s"\n' "$net" "$dir/tinyproxy.log" > "$dir/tinyproxy.conf"
        start_server tinyproxy tinyproxy -d -c "$dir/tinyproxy.conf"
        echo "http://127.$net.0.20:3128" >> "$dir/ways"
        echo "127.$net.0.20 3128" >> "$dir/listening"
        sed 's/^Port 3128/Port 3129/; s/tinyproxy.log/tinyproxy.login.log/' "$dir/tinyproxy.conf" > "$dir/tinyproxy.login.conf"
        echo 'BasicAuth scanner secret' >> "$dir/tinyproxy.login.conf"
        start_server tinyproxy.login tinyproxy -d -c "$dir/tinyproxy.login.conf"
        echo "http://127.$net.0.20:3129" >> "$dir/ways.login"
        echo "127.$net.0.20 3129" >> "$dir/listening"
    fi
    if installed microsocks microsocks; then
        start_server microsocks microsocks -i "127.$net.0.21" -p 1080
        echo "socks5://127.$net.0.21:1080" >> "$dir/ways"
        echo "127.$net.0.21 1080" >> "$dir/listening"
        start_server microsocks.login microsocks -i "127.$net.0.21" -p 1081 -u scanner -P secret
        echo "socks5://127.$net.0.21:1081" >> "$dir/ways.login"
        echo "127.$net.0.21 1081" >> "$dir/listening"
    fi
}

if [ -x /lib/nut/upsd ] && installed nut certutil; then nut_server; else echo "SKIP nut: upsd is not installed"; fi
if installed cups cupsd; then cups_server; fi
if installed vnc Xtigervnc; then vnc_servers; fi
if installed openvpn openvpn; then openvpn_servers; fi
if installed ngircd ngircd; then ngircd_server; fi
if installed prosody prosody; then prosody_server; fi
if [ -x /usr/lib/dovecot/lmtp ] && installed lmtp dovecot; then lmtp_server; else echo "SKIP lmtp: no dovecot-lmtpd is installed"; fi
# Debian's own: another may be where user nobody cannot go
if installed mssql /usr/bin/python3; then mssql_server; fi
if installed haproxy haproxy; then balancer_servers; fi
# shellcheck source=tests/acceptance/servers/direct_servers.sh
. "$servers/direct_servers.sh"
proxies
