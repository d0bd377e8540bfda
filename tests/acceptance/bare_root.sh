#!/bin/sh
# bare_root.sh DIR [RELEASE] [JOB...]: the promise of ./bootstrap, "complete alone on a machine that has nothing", in a
# Debian of which only debootstrap's minbase is there; RELEASE is bookworm (the default) or trixie. Each JOB (default:
# "scan" and "test --servers") gets a fresh root, DIR/root-N, with a clone of this repository, and namespaces of its own
# for mounts, processes and network. So its loopback is its own, and what it leaves running ends with it;
# only apt-get goes out, through the network that this script was started in. Run it by hand, as root: it needs
# debootstrap, half an hour and 6 GB, and no ctest calls it.
set -eu
dir=${1:?usage: bare_root.sh DIR [bookworm|trixie] [JOB...]}
shift
release=bookworm
case ${1-} in bookworm | trixie) release=$1; shift ;; esac
[ $# -gt 0 ] || set -- scan 'test --servers'
source=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
[ "$(id -u)" -eq 0 ] || { echo "bare_root.sh: only root can make and enter a root folder" >&2; exit 2; }
mkdir -p "$dir"
dir=$(CDPATH='' cd -- "$dir" && pwd)

if [ ! -e "$dir/$release.done" ]; then
    debootstrap --variant=minbase "$release" "$dir/$release" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
    cp /etc/resolv.conf "$dir/$release/etc/resolv.conf"
    cp /etc/apt/apt.conf.d/*proxy* "$dir/$release/etc/apt/apt.conf.d/" 2> /dev/null || :
    # The one thing that the root gets beside minbase: its apt-get leaves the namespace that the tests run in.
    printf '#!/bin/sh\nexec nsenter --net=/run/outside /usr/bin/apt-get "$@"\n' > "$dir/$release/usr/local/sbin/apt-get"
    chmod 755 "$dir/$release/usr/local/sbin/apt-get"
    touch "$dir/$release.done"
fi

# Runs in the new namespaces; its mounts are visible there only.
# shellcheck disable=SC2016    # the inner shell expands it
inside='
root=$1 job=$2
ip link set lo up
mount --bind "$root" "$root"        # "ip netns exec" wants a root that is a mount
: > "$root/run/outside"
mount --bind "$outside" "$root/run/outside"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 ${http_proxy:+http_proxy="$http_proxy"} sh -c "cd /root/certsweep && ./bootstrap $job"
'

failed=0 number=0
for job in "$@"; do
    number=$((number + 1))
    root=$dir/root-$number
    rm -rf "$root"
    cp -a "$dir/$release" "$root"
    git clone -q "$source" "$root/root/certsweep"
    outside=$dir/outside
    : > "$outside"
    mount --bind /proc/self/ns/net "$outside"
    echo "bare_root.sh: ./bootstrap $job in $root, log $dir/log-$number"
    code=0
    outside=$outside unshare --mount --net --pid --fork --kill-child sh -euc "$inside" sh "$root" "$job" \
        > "$dir/log-$number" 2>&1 < /dev/null || code=$?
    umount "$outside"
    echo "bare_root.sh: ./bootstrap $job ended with $code"
    [ $code -eq 0 ] || failed=1
done
exit $failed
