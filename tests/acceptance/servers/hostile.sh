#!/bin/sh
# hostile.sh BUILD: asks the servers of hostile.py in every dialect. Whatever they do, each attempt ends in its time and takes
# nothing for TLS that is none; what they say in the clear after the agreement to TLS is kept as a fact of the endpoint.
set -eu
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
address=127.86.0.1
for tool in python3 sqlite3; do
    command -v $tool > /dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
server=
on_end() { test -z "$server" || kill "$server" 2>/dev/null || :; }
servers_begin hostile
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key" -out "$work/cert" -days 2 -subj /CN=mail.example 2> /dev/null
python3 "$here/hostile.py" $address 20000 "$work/cert" "$work/key" > "$work/servers" 2> "$work/servers.log" &
server=$!
for _ in $(seq 100); do
    grep -q '^ready' "$work/servers" && break
    sleep 0.1
done
last=$(sed -n 's/^\([0-9]*\) .*/\1/p' "$work/servers" | tail -n 1)
port_of() { sed -n "s/^\([0-9]*\) $1\$/\1/p" "$work/servers"; }

failed=0
scan() {                            # PROBE [TIMEOUT]: by default short, since most of these servers never answer
    rm -f "$work/bundle"*
    timeout 200 "$certsweep" scan "$address" -p "20000-$last" --probe "$1" --depth cert --rate max --handshake-timeout "${2-500}" --greeting-timeout "${2-500}" -o "$work/bundle" \
        --jsonl-all="$work/found" > "$work/out" 2> "$work/log" < /dev/null || { echo "$1: ended with $?"; cat "$work/log"; exit 1; }
    sed -n 's/.*"port":\([0-9]*\),.*"outcome":"\([a-z_]*\)".*/\1 \2/p' "$work/found" > "$work/outcomes"
    [ "$(wc -l < "$work/outcomes")" = $((last - 19999)) ] || { echo "$1: $(wc -l < "$work/outcomes") outcomes"; failed=1; }
}
is() {                              # NAME OUTCOME: of the last scan
    grep -q "^$(port_of "$1") $2\$" "$work/outcomes" || { echo "$1: not $2: $(grep "^$(port_of "$1") " "$work/outcomes")"; failed=1; }
}

"$certsweep" scan 127.0.0.1 --probe none 2>&1 | sed -n 's/.*there are //p' | tr -d , | tr ' ' '\n' > "$work/probes"
[ "$(wc -l < "$work/probes")" -gt 20 ]
while read -r probe; do
    scan "$probe"
    allowed='not_tls|timeout_handshake|starttls_refused|closed|reset|tls_error|tls_alert'
    grep -v -E " ($allowed)\$" "$work/outcomes" > "$work/other" || :
    case $probe in smtp | lmtp | auto) sed -i "/^\($(port_of cleartext_before)\|$(port_of cleartext_record)\) certificate\$/d" "$work/other" ;; esac
    if [ -s "$work/other" ]; then echo "$probe:" && cat "$work/other" && failed=1; fi
done < "$work/probes"
echo "$(wc -l < "$work/probes") probes at $((last - 19999)) servers"

scan smtp 5000                      # here some do, and a busy machine takes its time
is cleartext_before certificate
is cleartext_record certificate
is cleartext_instead not_tls
sqlite3 -separator ' ' "$work/bundle" "SELECT port, value, detail FROM posture JOIN endpoint ON endpoint.id = posture.endpoint
    WHERE item = 'cleartext_after_starttls' ORDER BY port" > "$work/cleartext"
cat > "$work/cleartext.expected" <<END
$(port_of cleartext_before) accepted 14 bytes: 250 injected??
$(port_of cleartext_record) accepted 7 bytes: ??????(
$(port_of cleartext_instead) accepted 23 bytes: 500 I did not mean it??
END
diff "$work/cleartext.expected" "$work/cleartext" || failed=1
[ "$failed" = 0 ]
