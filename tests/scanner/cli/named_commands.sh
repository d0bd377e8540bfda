#!/bin/sh
# named_commands.sh CERTSWEEP SOURCE: every command, with every option, that a message, report, next step, rule or README of the
# program names is one that it has: it is asked for the help of each.
set -u
certsweep=$1 source=$2
work=$(mktemp -d /tmp/certsweep-named.XXXXXX)
trap 'rm -rf "$work"' EXIT

# What follows "certsweep" up to the end of the command: a quote, a bracket, a full stop, a semicolon, two blanks. Comments are for
# those who write the program.
grep -rhE 'certsweep [a-z]' "$source/reports" "$source/inventory" "$source/scanner" \
    --include='*.c' --include='*.h' --include='*.sql' --include='README.md' |
    grep -vE '^ *(--|/\*|\*|//)' | grep -oE 'certsweep [a-z][^"`;():<]*' |
    sed "s/'.*//; s/  .*//; s/, .*//; s/\\\\n.*//; s/\. .*//; s/[.]*\$//; s/ \$//" | grep ' .* ' | sort -u > "$work/lines"
"$certsweep" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | sort -u > "$work/commands"
[ "$(wc -l < "$work/commands")" -gt 20 ] || { echo "the help lists too few commands"; exit 1; }
cut -d' ' -f1 "$work/commands" | sort -u > "$work/families"

failures=0 checked=0
wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }
while read -r _ first second rest; do
    grep -qxF "$first" "$work/families" || continue         # prose: "certsweep reads", "certsweep finds"
    name=$first
    if ! grep -qxF "$first" "$work/commands"; then
        name="$first ${second%%|*}"
        if ! grep -qxF "$name" "$work/commands"; then wrong "certsweep $first $second: no such command"; continue; fi
    fi
    # Each alternative of "managed adopt|accept".
    case $second in *'|'*)
        for word in $(echo "$second" | tr '|' ' '); do
            grep -qxF "$first $word" "$work/commands" || wrong "certsweep $first $word: no such command"
        done ;;
    esac
    checked=$((checked + 1))
    file=$work/help-$(echo "$name" | tr ' ' -)
    # shellcheck disable=SC2086    # one or two words
    [ -s "$file" ] || "$certsweep" $name --help > "$file" 2>&1 || wrong "certsweep $name --help ends with $?"
    for option in $(echo "$second $rest" | grep -oE '(^| )--[a-z][a-z-]*'); do
        grep -qE -- "(^|[ ,])$option([ =[]|\$)" "$file" || wrong "certsweep $name has no $option (in: certsweep $first $second $rest)"
    done
    if [ "$name" = report ]; then
        case $second in [a-z]*) grep -qw -- "$second" "$file" || wrong "there is no report $second" ;; esac
    fi
done < "$work/lines"
[ "$checked" -gt 60 ] || wrong "only $checked commands were found"
[ $failures -eq 0 ] || { echo "$failures wrong"; exit 1; }
echo "$checked commands, all there"
