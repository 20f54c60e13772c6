#!/bin/sh
# A host to try scripts on: a network namespace of its own, and this machine's files with everything that is written kept in memory.
# Usage: test-host.sh <script> <package.deb>…; to be run under `unshare --net --mount --pid --fork --propagation private` as root.
set -eu
script=$1
shift
room=$(mktemp -d)
mount -t tmpfs tmpfs "$room"
mkdir "$room/upper" "$room/work" "$room/host"
mount -t overlay overlay -o "lowerdir=/,upperdir=$room/upper,workdir=$room/work" "$room/host"
for package in "$@"; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$room/host"
done
# What the installation of ifupdown2 does.
chmod +x "$room/host/usr/share/ifupdown2/__main__.py" 2>/dev/null || :
mount -t proc proc "$room/host/proc"
mount -t sysfs sysfs "$room/host/sys"
mount -t tmpfs tmpfs "$room/host/run"
mount -t tmpfs tmpfs "$room/host/tmp"
mount -t tmpfs tmpfs "$room/host/root"
mount --bind /dev "$room/host/dev"
mkdir -p "$room/host/run/network" "$room/host/etc/network/interfaces.d"
cp "$script" "$room/host/step.sh"
status=0
chroot "$room/host" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh /step.sh || status=$?
umount -R "$room" 2>/dev/null || umount -l "$room"
rmdir "$room"
exit "$status"
