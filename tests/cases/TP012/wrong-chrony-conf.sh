cat <<'END'
# Use public servers from the pool.ntp.org project.
pool 2.debian.pool.ntp.org iburst

# Record the rate at which the system clock gains or loses time.
driftfile /var/lib/chrony/drift

rtcsync
makestep 1 3
END
