#!/bin/sh
# masscan_banners.sh BUILD [ROUNDS]: certsweep beside masscan --banners, which speaks TCP by itself and so finds nothing on
# loopback. Here both are in a network namespace, and nginx (TLS 1.2, RSA, which masscan can) answers on the 1,024 addresses of 10.64.0.0/22
# behind a veth pair. CPU of the client in microseconds per chain found, medians of ROUNDS (3), recall beside it. masscan
# has an address of its own on the link, since the kernel would reset its connections. Root is needed.
set -u
build=$(realpath "$1") rounds=${2:-3}
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
measure=$build/tests/bench/bench_measure
a=cs-banner-a-$$ b=cs-banner-b-$$
work=$(mktemp -d /tmp/certsweep-banner.XXXXXX)
chmod 755 "$work"
# shellcheck disable=SC2317  # the trap runs it
finish() {
    [ ! -s "$work/nginx.pid" ] || kill "$(cat "$work/nginx.pid")" 2>/dev/null
    ip netns del "$a" 2>/dev/null
    ip netns del "$b" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
for tool in masscan nginx; do command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }; done
if ! ip netns add "$a" || ! ip netns add "$b"; then echo "SKIP: network namespaces are not permitted here"; exit 77; fi
ip link add banner-a netns "$a" type veth peer name banner-b netns "$b"
for end in "$a banner-a 10.99.0.1" "$b banner-b 10.99.0.2"; do
    # shellcheck disable=SC2086  # three words
    set -- $end
    ip -n "$1" link set lo up
    ip -n "$1" link set "$2" up
    ip -n "$1" addr add "$3/24" dev "$2"
done
ip -n "$a" route add default via 10.99.0.2
ip -n "$b" route add local 10.64.0.0/12 dev lo
ip netns exec "$b" sysctl -qw net.core.somaxconn=4096
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 30 \
    -subj /CN=bench.example -addext subjectAltName=DNS:bench.example 2>/dev/null
cat > "$work/nginx.conf" <<END
worker_processes 1; worker_rlimit_nofile 20000; pid $work/nginx.pid; error_log $work/error.log; events { worker_connections 9000; }
http { access_log off; server { listen 0.0.0.0:443 ssl backlog=4096; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;
ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; return 200 ok; } }
END
ip netns exec "$b" nginx -c "$work/nginx.conf" 2>/dev/null || { echo "FAILED: nginx"; exit 1; }
mac=$(ip netns exec "$b" cat /sys/class/net/banner-b/address | tr : -)

# each prints how many addresses showed a chain; what is measured goes to the file
measured() { result=$1; shift; ip netns exec "$a" timeout 90 "$measure" "$result" "$@"; }
run_certsweep() {
    rm -f "$work"/s.bundle*
    XDG_CONFIG_HOME=$work measured "$1" "$certsweep" scan 10.64.0.0/22:443 --depth cert --rate 5000 --prefix-rate 0 --loops 1 \
        -o "$work/s.bundle" > "$work/s.out" 2>&1
    sed -n 's/.* targets: \([0-9,]*\) certificate.*/\1/p' "$work/s.out" | tr -d ,
}
run_masscan() {
    measured "$1" masscan 10.64.0.0/22 -p443 --banners --capture cert --rate 5000 --wait 8 --adapter banner-a --adapter-ip 10.99.0.9 \
        --router-mac "$mac" -oJ "$work/m.json" > "$work/m.out" 2>&1
    grep X509 "$work/m.json" 2>/dev/null | sed 's/.*"ip": "\([0-9.]*\)".*/\1/' | sort -u | wc -l
}
echo '| client | user us | system us | seconds | recall |'
echo '|---|---|---|---|---|'
for client in certsweep masscan; do
    for _ in $(seq "$rounds"); do
        rm -f "$work/r"
        found=$(run_$client "$work/r")
        echo "$(cat "$work/r") ${found:-0}" >> "$work/$client"
    done
    awk -v client=$client '
    function median(v, n,   i, j, t) {
        for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (v[j] < v[i]) {t = v[i]; v[i] = v[j]; v[j] = t}
        return v[int((n + 1) / 2)]
    }
    {n++; found = $NF > 0 ? $NF : 1; u[n] = $1 / found; s[n] = $2 / found; w[n] = $3 / 1e6; q[n] = $NF / 1024}
    END {printf "| %s | %.1f | %.1f | %.1f | %.2f %% |\n", client, median(u, n), median(s, n), median(w, n), median(q, n) * 100}' "$work/$client"
done
