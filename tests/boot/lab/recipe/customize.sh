# Runs inside the new root, after the packages are installed.

# A cloud image is generalised: it gets its machine-id on first boot.
: >/etc/machine-id
echo 'LABEL=root / ext4 defaults 0 1' >/etc/fstab
echo localhost >/etc/hostname
echo root:root | chpasswd

# The guest reaches no mirror; its own repository holds the other time daemon.
rm -f /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/packages ./' >/etc/apt/sources.list

systemctl enable labprobe.service labreport.service containerd.service kubelet.service

# Housekeeping that would only compete for the emulated CPU; none of it is about time.
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer getty@tty1.service getty-static.service systemd-pstore.service
