#!/bin/sh
# lint_man_pages.sh MANDOC CERTSWEEP: every page that certsweep writes of itself is without warnings.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$2" --write-man-pages "$folder"
test -s "$folder/certsweep.1"
# No date stands in .TH: a page is as old as its build, and builds are to be the same byte for byte.
"$1" -T lint -W warning "$folder"/*.1 | grep -v 'missing date' > "$folder/lint" || true
if [ -s "$folder/lint" ]; then cat "$folder/lint"; exit 1; fi
for page in "$folder"/*.1; do "$1" -T utf8 "$page" > /dev/null; done
echo "$(ls "$folder"/*.1 | wc -l) pages are clean"
