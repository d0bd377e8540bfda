#!/bin/sh
# suites.sh BUNDLE: the suites that a scan with --depth suites found accepted, sorted lines of "address:port version number",
# as other tools' findings can be written too. IPv4 only.
set -eu
numbers=$(cd "$(dirname "$0")" && pwd)/../../../probes/tls/iana/cipher_suites.csv
sqlite3 -separator ' ' "$1" "SELECT hex(address), port, item FROM posture JOIN endpoint ON endpoint.id = posture.endpoint
    WHERE item LIKE 'suite:%' AND value = 'accepted'" | awk -v numbers="$numbers" '
    BEGIN {while ((getline line < numbers) > 0) {split(line, field, ","); number[field[2]] = tolower(substr(field[1], 3))}}
    function byte(text) {return (index("0123456789ABCDEF", substr(text, 1, 1)) - 1) * 16 + index("0123456789ABCDEF", substr(text, 2, 1)) - 1}
    {
        split($3, item, ":")
        print byte(substr($1, 1, 2)) "." byte(substr($1, 3, 2)) "." byte(substr($1, 5, 2)) "." byte(substr($1, 7, 2)) ":" $2, item[2], number[item[3]]
    }' | sort
