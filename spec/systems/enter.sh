#!/bin/sh
# enter.sh ROOT ARCHIVES CHECK...: in mount and process namespaces of its own, makes the folder ROOT its root and runs the
# checks there. Packages that apt fetches stay in the folder ARCHIVES.
set -eu
root=$1 archives=$2
shift 2

# No chroot: within one, specs could make no namespaces.
mount --bind "$root" "$root"
mkdir -p "$root/host"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$archives" "$root/var/cache/apt/archives"
cd "$root"
pivot_root . host
cd /
umount -l /host
rmdir /host

# A new user's environment, but for the proxies of this machine.
exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
  sh /heygen/spec/systems/inside.sh "$@"
