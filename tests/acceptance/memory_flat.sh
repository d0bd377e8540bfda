#!/bin/sh
# memory_flat.sh CERTSWEEP: a /24 (on 256 ports), a /16 and a /8 of loopback, on ports that refuse: the worker's peak memory (VmHWM)
# may differ by 2 MB at most. The /8 is stopped after 8 s.
set -u
certsweep=$1
work=$(mktemp -d /tmp/certsweep-memory.XXXXXX)
chmod 755 "$work"
keeper=''
finish() {
    [ -z "$keeper" ] || kill "$keeper" 2> /dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
export XDG_CONFIG_HOME="$work/config"

# peak NAME TARGET PORTS: the worker's peak in kB to $work/NAME. Read while it runs, since it is lost afterwards.
peak() {
    "$certsweep" scan "$2" -p "$3" --depth cert --rate max --loops 2 --connections 1000 -o "$work/$1.bundle" \
        > "$work/$1.log" 2>&1 &
    keeper=$!
    most=0 worker='' ends=$(($(date +%s) + 8))
    while kill -0 $keeper 2> /dev/null; do
        [ -n "$worker" ] || worker=$(pgrep -P $keeper -x certsweep-worke | head -n 1)
        if [ -n "$worker" ] && [ "$(cat "/proc/$worker/comm" 2> /dev/null)" = certsweep-worke ]; then
            now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$worker/status" 2> /dev/null)
            [ "${now:-0}" -le $most ] || most=$now
        fi
        [ "$(date +%s)" -lt $ends ] || { kill $keeper 2> /dev/null; sleep 0.2; }
        sleep 0.01
    done
    wait $keeper
    keeper=''
    [ $most -gt 0 ] || { echo "FAILED: the worker of $2 was over before it was looked at"; cat "$work/$1.log"; exit 1; }
    echo $most > "$work/$1"
    printf '%-16s %6d kB   %s\n' "$2" $most "$(sed -n 's/^certsweep: \([0-9,]* targets:.*\)/\1/p' "$work/$1.log" | tail -n 1)"
}
peak small 127.40.24.0/24 600-855
peak middle 127.40.0.0/16 600
peak large 127.0.0.0/8 600

sort -n "$work/small" "$work/middle" "$work/large" > "$work/sorted"
difference=$(($(tail -n 1 "$work/sorted") - $(head -n 1 "$work/sorted")))
echo "they differ by $difference kB, 2,048 allowed"
[ $difference -le 2048 ]
