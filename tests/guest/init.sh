#!/bin/busybox sh
# The first program of the guest: modules, network, the host's files read-only, then the job that the command line names.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do
    insmod "/modules/$module" || echo "FAIL module $module"
done < /modules/list
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
ip route add default via 10.0.2.2
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144 host /host || echo "FAIL the host's files"
mount -t proc proc /host/proc
mount -t sysfs sys /host/sys
mount --bind /dev /host/dev
mount -t tmpfs tmp /host/run
sleep 1
# job=PROGRAM,ARGUMENT,...
job=$(sed 's/.*job=\([^ ]*\).*/\1/' /proc/cmdline | tr ',' ' ')
chroot /host $job
echo "GUEST ENDS"
poweroff -f
