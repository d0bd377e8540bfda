#!/bin/sh
# options.sh CERTSWEEP: what the options of a scan promise beyond its first look. --fail-on speaks of this scan alone and
# refuses words that it does not know; --window holds, in a resumed scan too; names that the private cluster knows are
# asked again.
set -u
PATH=$PATH:/usr/sbin:/sbin
certsweep=$1
net=127.40.1
# shellcheck source=tests/fixtures/own_home.sh
. "$(dirname -- "$0")/../fixtures/own_home.sh"
# shellcheck source=tests/fixtures/nginx.sh
. "$(dirname -- "$0")/../fixtures/nginx.sh"

on_end() { nginx_stop; }
home_begin options
command -v nginx > /dev/null || { echo "SKIP: no nginx (./bootstrap test --servers installs it)"; exit 77; }

# ends CODE WORD COMMAND...: ends with this code and says the word
ends() {
    wanted=$1 word=$2
    shift 2
    timeout 120 "$@" > "$work/out" 2>&1
    code=$?
    [ $code -eq "$wanted" ] || wrong "$* ended with $code, expected $wanted: $(cat "$work/out")"
    grep -qF -- "$word" "$work/out" || wrong "$*: no \"$word\" in: $(cat "$work/out")"
}

self_signed strong rsa:2048 200
self_signed weak rsa:1024 200
nginx_start $net.1:8443 <<END
ssl_ciphers ALL:@SECLEVEL=0;
server { listen $net.1:8443 ssl; ssl_certificate $work/strong.crt; ssl_certificate_key $work/strong.key; }
server { listen $net.2:8443 ssl; ssl_certificate $work/weak.crt; ssl_certificate_key $work/weak.key; }
END

# ---- before there is a database: none is made for a bundle alone
ends 0 'chains in' "$certsweep" scan $net.1:8443 -o "$work/alone.bundle"
[ -z "$(ls "$CERTSWEEP_HOME")" ] || wrong 'a scan with -o made a database'

# ---- --fail-on
ends 2 'superseded but served' "$certsweep" scan $net.1:8443 --fail-on expired,weakk
ends 2 '--fail-on K999' "$certsweep" scan $net.1:8443 -o "$work/none.bundle" --fail-on K999
[ ! -e "$work/none.bundle" ] || wrong 'a refused scan left a bundle'
ends 0 'not judged' "$certsweep" scan $net.2:8443 -o "$work/left.bundle" --fail-on K02
must "$certsweep" db start
ends 1 '--fail-on k02' "$certsweep" scan strong.example@$net.1 $net.2 -p 8443 --fail-on k02
ends 1 '--fail-on weak' "$certsweep" scan $net.2:8443 --fail-on 'expired, weak'
ends 0 'chains in' "$certsweep" scan $net.1:8443 --fail-on expired,K02
ends 1 '--fail-on self-signed' "$certsweep" scan $net.1:8443 --fail-on self-signed
ends 1 '--fail-on self-signed' "$certsweep" scan $net.1:8443 --fail-on self-signed        # again: nothing new was said
ends 1 'since there is no managed source' "$certsweep" scan $net.1:8443 --fail-on unmanaged
ends 1 'since there is no managed source' "$certsweep" reconcile --fail-on 'expired, Unmanaged'
ends 1 'asked of nothing' "$certsweep" scan $net.1:8443 --depth cert --fail-on H08
ends 0 'chains in' "$certsweep" scan $net.1:8443 --site elsewhere --fail-on K02
ends 0 'chains in' "$certsweep" scan $net.3:8443 --fail-on K02,self-signed,expired

# ---- names that the private cluster knows
ends 0 '"server_name":"strong.example"' "$certsweep" scan $net.1:8443 --jsonl
ends 0 '"server_name":null' "$certsweep" scan $net.1:8443 --site nowhere --jsonl
if grep -q strong.example "$work/out"; then wrong 'a name of another site was asked'; fi

# ---- --window
hour=$(($(date +%-H) + 3))
closed=$(printf '%02d:00-%02d:30' $((hour % 24)) $((hour % 24)))
ends 2 'expected a window' "$certsweep" scan $net.1:8443 --window 9-17
ends 4 'scan --resume' "$certsweep" scan $net.1:8443 --window "$closed" -o "$work/night.bundle"
ends 4 'the window is closed' "$certsweep" scan --resume "$work/night.bundle"
for other in "-p 1" "-x $net.9" "--rate 7" "--depth cert" "--scope $work/none" "--shard 1/2" "-o $work/else.bundle" --dry-run; do
    # shellcheck disable=SC2086  # two words
    ends 2 "--resume goes on as the scan began" "$certsweep" scan --resume "$work/night.bundle" $other
done
ends 2 "--resume goes on with the targets" "$certsweep" scan --resume "$work/night.bundle" $net.7
# the user's settings are no contradiction
mkdir -p "$XDG_CONFIG_HOME/certsweep" && printf '[scan]\nexclude = 127.99.0.0/16\n' > "$XDG_CONFIG_HOME/certsweep/certsweep.conf"
ends 0 'chains in' "$certsweep" scan --resume "$work/night.bundle" --window 00:00-24:00
rm "$XDG_CONFIG_HOME/certsweep/certsweep.conf"
ends 0 'open until' "$certsweep" scan $net.1:8443 --window "$closed" --window 00:00-24:00 -o "$work/both.bundle"
printf '[plan]\nwindow = 00:00-24:00\n[targets]\ntarget = %s.1\nports = 8443\n' $net > "$work/site.plan"
ends 0 'its window is closed' "$certsweep" scan --plan "$work/site.plan" --window "$closed"

[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo 'fail-on, known names and windows as promised'
