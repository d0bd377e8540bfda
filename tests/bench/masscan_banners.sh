#!/bin/sh
# masscan_banners.sh BUILD [ROUNDS]: certsweep beside masscan --banners, which speaks TCP by itself and so finds nothing on
# loopback. Here both are in a network namespace, and nginx (TLS 1.2, RSA, which masscan can) answers on the 1,024 addresses of 10.64.0.0/22
# behind a veth pair. CPU of the client in microseconds per chain found, medians of ROUNDS (3), recall beside it. masscan
# has an address of its own on the link, since the kernel would reset its connections. Root is needed.
set -u
build=$(realpath "$1") rounds=${2:-3}
certsweep=${CERTSWEEP:-$build/scanner/cli/certsweep}
measure=$build/tests/bench/bench_measure
a='' b=''
work=$(mktemp -d /tmp/certsweep-banner.XXXXXX)
chmod 755 "$work"
# shellcheck disable=SC2317  # the trap runs it
finish() {
    nginx_stop
    namespaces_remove
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
for tool in masscan nginx; do command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }; done
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../fixtures/namespaces.sh"
# shellcheck source=tests/fixtures/nginx.sh
. "$(dirname -- "$0")/../fixtures/nginx.sh"
namespaces_join banner 'masscan --banners is' || exit 1
in_b sysctl -qw net.core.somaxconn=4096
self_signed bench rsa:2048 30
nginx_start 127.0.0.1:443 ip netns exec "$b" <<END
server { listen 0.0.0.0:443 ssl backlog=4096; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;
ssl_certificate $work/bench.crt; ssl_certificate_key $work/bench.key; return 200 ok; }
END
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
