#!/bin/sh
# packaged_files.sh CERTSWEEP PACKAGING: the examples that the packages carry are read without a complaint, also with
# every commented line switched on, and run-plans runs every plan, whatever one of them ends with.
set -eu
certsweep=$1 packaging=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work/config"
mkdir -p "$work/config/certsweep" "$work/plans"

"$certsweep" scan --plan "$packaging/night.plan.example" --dry-run
sed 's/^;\([a-z]\)/\1/' "$packaging/certsweep.conf.example" > "$work/config/certsweep/certsweep.conf"
"$certsweep" scan 127.0.0.1 --dry-run

cat > "$work/fake" <<EOF
#!/bin/sh
echo "\$*" >> "$work/calls"
case \$3 in *2.plan) exit 4 ;; *3.plan) exit 5 ;; esac
EOF
chmod +x "$work/fake"
touch "$work/plans/1.plan" "$work/plans/2.plan" "$work/plans/3.plan" "$work/plans/not-a-plan"
code=0
"$packaging/run-plans" "$work/fake" "$work/plans" || code=$?
[ $code -eq 4 ] || { echo "run-plans ended with $code, not with the first failure's 4"; exit 1; }
for plan in 1 2 3; do printf 'scan --plan %s/plans/%s.plan --continue\n' "$work" $plan; done | cmp - "$work/calls"
