#!/bin/sh
# named_commands.sh CERTSWEEP SOURCE: every command, with every option, that a message, report, next step, rule or README of the
# program names is one that it has: it is asked for the help of each, once; the rest is text, read by one awk.
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

# The help of every command, each line behind its name.
while read -r name; do
    # shellcheck disable=SC2086    # one or two words
    if ! "$certsweep" $name --help > "$work/help" 2>&1; then
        echo "WRONG: certsweep $name --help fails"
        exit 1
    fi
    sed "s/^/$name:/" "$work/help"
done < "$work/commands" > "$work/helps"

# shellcheck disable=SC2016    # awk's own
awk '
function wrong(text) { print "WRONG: " text; failures++ }
# The option with no part of a word beside it; the word, standing alone.
function has_option(name, option) { return index(options[name] " ", " " option " ") > 0 }
function has_word(name, word) { return (" " help[name] " ") ~ ("[^A-Za-z0-9_]" word "[^A-Za-z0-9_]") }
FILENAME ~ /commands$/ { command[$0] = 1; family[$1] = 1; next }
FILENAME ~ /helps$/ { at = index($0, ":"); name = substr($0, 1, at - 1); text = substr($0, at + 1)
    help[name] = help[name] " " text; gsub(/[=,[]/, " ", text); options[name] = options[name] " " text; next }
!($2 in family) { next }                # prose: "certsweep reads", "certsweep finds"
{
    name = $2
    if (!(name in command)) {
        split($3, word, "|")
        name = $2 " " word[1]
        if (!(name in command)) { wrong("certsweep " $2 " " $3 ": no such command"); next }
    }
    if ($3 ~ /\|/ && name != $2)        # each alternative of "managed accept|ignore"
        for (i = split($3, word, "|"); i > 0; i--)
            if (!(($2 " " word[i]) in command)) wrong("certsweep " $2 " " word[i] ": no such command")
    checked++
    for (i = 3; i <= NF; i++)
        if (match($i, /^--[a-z][a-z-]*/) && !has_option(name, substr($i, 1, RLENGTH)))
            wrong("certsweep " name " has no " substr($i, 1, RLENGTH) " (in: " $0 ")")
    if (name == "report" && $3 ~ /^[a-z]/ && !has_word(name, $3)) wrong("there is no report " $3)
}
END {
    if (checked <= 60) wrong("only " checked + 0 " commands were found")
    if (failures > 0) { print failures " wrong"; exit 1 }
    print checked " commands, all there"
}' "$work/commands" "$work/helps" "$work/lines"
