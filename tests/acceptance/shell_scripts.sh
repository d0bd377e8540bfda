#!/bin/sh
# shell_scripts.sh SOURCE: every shell script of the tree is clean under shellcheck.
set -eu
cd "$1"
command -v shellcheck > /dev/null || { echo "SKIP: shellcheck is not installed, no script was looked at" >&2; exit 0; }
scripts=$(find . -path ./build -prune -o -path ./.git -prune -o -type f -print |
    while read -r file; do
        head -c 9 "$file" | grep -q '^#!/bin/sh' && echo "$file"
    done)
# shellcheck disable=SC2086    # a list of words
shellcheck -x -S warning $scripts
echo "$scripts" | wc -l
