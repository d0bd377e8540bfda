#!/bin/sh
# closed_streams.sh CERTSWEEP: standard streams that the caller has closed, and limits of file sizes: no file takes their place, and
# what could not be written is no success.
set -u
certsweep=$1
work=$(mktemp -d /tmp/certsweep-streams.XXXXXX)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work/config"
failures=0
wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }

"$certsweep" rules explain K02 > "$work/whole" || wrong "rules explain: $?"
"$certsweep" rules explain K02 -o "$work/file" <&- >&- 2>&- || wrong "all closed: $?"
cmp "$work/whole" "$work/file" || wrong 'the file has other words in it'
"$certsweep" rules explain K02 >&- 2> "$work/log" && wrong 'nobody got the words, and it ended with 0'
grep -q 'standard output' "$work/log" || wrong "and it was not said why: $(cat "$work/log")"
"$certsweep" scan 127.0.0.1:9 -o "$work/a.bundle" <&- >&- 2>&- || wrong "scan: $?"
"$certsweep" bundle check "$work/a.bundle" > "$work/out" 2>&1 || wrong "its bundle: $(cat "$work/out")"
"$certsweep" scan 127.0.0.1:9 -o "$work/b.bundle" --jsonl-all >&- 2> "$work/log" && wrong 'JSON lines that nobody got ended with 0'

{ ulimit -f 0; "$certsweep" rules explain K02 -o "$work/limited" 2>&1 && echo 'it ended with 0'; } | cat > "$work/log"
grep -q 'ended with 0' "$work/log" && wrong 'a file over the limit is a success'
grep -q 'File too large' "$work/log" || wrong "the limit is not named: $(cat "$work/log")"
[ ! -e "$work/limited" ] || wrong 'half a file is left'
[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
