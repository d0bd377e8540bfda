#!/bin/sh
# log_lines.sh BUILD: what a scan leaves in servers' logs, as a table in Markdown: for each endpoint of both sets of servers.sh the
# lines that all logs grew by at each depth, and how many of them Debian's fail2ban counts against us in its usual mode and in
# mode=aggressive (fail2ban-regex; the last depth, which says most). What goes to syslog is caught by a /dev/log that only these
# servers see. Run by hand; it takes some minutes. LOG_LINES_SETS=dialects: one set alone; LOG_LINES_ONLY=REGEX: of its endpoints,
# those whose address:port matches.
set -eu
# shellcheck source=tests/fixtures/namespaces.sh
. "$(dirname -- "$0")/../../fixtures/namespaces.sh"
namespace_alone 'what a scan leaves in logs is' "$@"
if [ "${LOG_LINES_MOUNTS-}" != $$ ]; then       # exec keeps the process, and so its number
    export LOG_LINES_MOUNTS=$$
    exec unshare --mount sh "$0" "$@"
fi
build=$1
# shellcheck source=tests/fixtures/servers.sh
. "$(dirname -- "$0")/../../fixtures/servers.sh"
logger=
# shellcheck disable=SC2317    # servers_end calls it
on_end() {
    [ -z "$logger" ] || kill "$logger"
    umount -l /dev || :                 # ours, not the machine's
}
servers_begin log-lines
mkdir "$work/dev" "$work/dev.work"
mount -t overlay overlay -o "lowerdir=/dev,upperdir=$work/dev,workdir=$work/dev.work" /dev
python3 -c 'import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("/dev/log")
os.chmod("/dev/log", 0o666)
while True:
    os.write(1, listener.recv(8192).rstrip(b"\0\n") + b"\n")' > "$work/caught.log" &
logger=$!
for _ in $(seq 100); do [ -S /dev/log ] && break; sleep 0.1; done

logs() { find "$work/s" "$work/caught.log" -type f \( -name '*.log' -o -name '*log' -o -name error -o -name 'log.*' \) ! -path '*/data/*' | sort; }
sizes() { logs | while read -r file; do echo "$(wc -l < "$file") $file"; done; }
new_lines() {                       # BEFORE: the lines that came since then
    logs | while read -r file; do
        old=$(awk -v file="$file" '$2 == file {print $1}' "$1")
        tail -n "+$((${old:-0} + 1))" "$file"
    done
}
# fail2ban's filters read syslog: what the servers wrote to files of their own gets its head.
as_syslog() {                       # DAEMON
    case $1 in postfix*) cat ;; *) sed -E "s,^([A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}) ([a-z0-9-]+: )?(Info: |Error: )?,\1 host $1[1]: \2," ;; esac
}
counted() {                         # DAEMON FILTER MODE: of the lines in $work/new
    if [ ! -e "/etc/fail2ban/filter.d/$2.conf" ]; then echo -; return; fi
    as_syslog "$1" < "$work/new" > "$work/syslog"
    fail2ban-regex "$work/syslog" "$2$3" 2> /dev/null | sed -n 's/.*, \([0-9]*\) matched, .*/\1/p' | tail -n 1
}
scan() {                            # TARGET PROBE DEPTH: the lines it left are in $work/new
    sizes > "$work/before"
    rm -f "$work/bundle"*
    timeout 200 "$certsweep" scan "$1" --probe "$2" --depth "$3" --suite-connections 400 --rate max -o "$work/bundle" > "$work/scan.log" 2>&1 || cat "$work/scan.log" >&2
    sleep 1
    new_lines "$work/before" > "$work/new"
    wc -l < "$work/new"
}
row() {                             # TARGET PROBE
    case $1 in
    *:10025) daemon=postfix/smtpd filter=postfix ;;
    *.0.6:10*) daemon=dovecot filter=dovecot ;;
    *:10024) daemon=dovecot filter=dovecot ;;
    *.0.7:10*) daemon=slapd filter=slapd ;;
    *.22:10991) daemon=vsftpd filter=vsftpd ;;
    *.23:10*) daemon=proftpd filter=proftpd ;;
    *:10854) daemon=named filter=named-refused ;;
    *.5:8443) daemon=stunnel filter=stunnel ;;
    *) daemon=- filter=- ;;
    esac
    cert=$(scan "$1" "$2" cert)
    posture=$(scan "$1" "$2" posture)
    cp "$work/new" "$work/posture"
    usual=$(counted "$daemon" "$filter" '') aggressive=$(counted "$daemon" "$filter" '[mode=aggressive]')
    suites=$(scan "$1" "$2" suites)
    words=$(sed -E 's/[|`]/ /g' "$work/posture" | tail -n 1 | cut -c 1-90)
    echo "| $1 | $2 | $cert | $posture | $suites | $filter: ${usual:--} / ${aggressive:--} | $words |"
}

echo '| endpoint | protocol | cert | posture | suites | counted by fail2ban at posture: usual / aggressive | the last line of posture |'
echo '|---|---|---|---|---|---|---|'
for set in ${LOG_LINES_SETS-common dialects}; do
    rm -rf "$work/s"
    SERVERS_SET=$set SERVERS_NET=88 sh "$here/servers.sh" start "$work/s" > "$work/start.log" 2>&1 || { cat "$work/start.log" >&2; exit 1; }
    grep SKIP "$work/start.log" >&2 || :
    sleep 3
    awk -F '\t' '$3 == "-" && $5 == "certificate" {print $1 ":" $2, $4}' "$work/s/expected" | sort -u > "$work/targets"
    while read -r target probe; do
        echo "$target" | grep -q -E "${LOG_LINES_ONLY-.}" || continue
        case $target:$probe in *:openvpn | *.28:* | *.0.[23]:9*) continue ;; esac   # serves one client; logs nothing; tools of libraries
        row "$target" "$probe"
    done < "$work/targets"
    sh "$here/servers.sh" stop "$work/s"
done
