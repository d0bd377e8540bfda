#!/bin/sh
# certsweep scope new | show, as a user runs them: test_scope_command.sh PROGRAM
set -u
program=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
failed=0
expect() {      # CODE TEXT ARGUMENTS...: the exit code, and a text in what it prints
    code=$1 text=$2
    shift 2
    out=$("$program" scope "$@" </dev/null 2>&1)
    got=$?
    case $got:$out in
    $code:*"$text"*) ;;
    *) echo "FAILED: scope $*: exit $got, expected $code and \"$text\" in:"; echo "$out"; failed=1 ;;
    esac
}
expect 0 "" new --authorised-by "Jane Doe, CISO" --range 203.0.113.0/24 --name '*.x.ca.gov' -x 203.0.113.7 \
    -x pay.x.ca.gov --until 2099-12-31 -o "$folder/scope.ini"
expect 0 "authorised by   Jane Doe, CISO" show "$folder/scope.ini"
expect 0 "203.0.113.0-203.0.113.255, every port" show "$folder/scope.ini"
expect 0 "excluded        pay.x.ca.gov" show "$folder/scope.ini"
expect 0 "holds now" show "$folder/scope.ini"
expect 0 "nobody: there is no file" show
expect 2 "expected --authorised-by" new
expect 2 "a prefix of IPv4 is /0 to /32" new --authorised-by J --range 1.2.3.4/99
expect 0 "" new --authorised-by J --range "203.0.113.0/25:443, 8443, 198.51.100.1" --name "a.example, *.b.example:25" \
    -x "203.0.113.9 pay.example" -o "$folder/lists.ini"
expect 0 "198.51.100.1, every port" show "$folder/lists.ini"
expect 0 "203.0.113.0-203.0.113.127, ports 443,8443" show "$folder/lists.ini"
expect 0 "what *.b.example resolves to, ports 25" show "$folder/lists.ini"
expect 0 "excluded        pay.example" show "$folder/lists.ini"
expect 2 "a name; write name = c.example" new --authorised-by J --range "203.0.113.0/24, c.example"
expect 2 "expected a date" new --authorised-by J --range 203.0.113.1 --until soon
expect 2 "ends before it begins" new --authorised-by J --range 203.0.113.1 --from 2027-01-01 --until 2026-01-01
expect 2 "No such file" show "$folder/absent.ini"
expect 2 "takes no argument" new 10.0.0.0/8
[ -e "$folder/absent.ini" ] && { echo "FAILED: a file nobody asked for"; failed=1; }
exit $failed
