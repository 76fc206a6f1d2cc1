#!/bin/sh
# Runs in the guest as root, in the home directory to which Packer uploads: install the policy, prove the clock, seal.
set -eu
if [ "$IS_BOOTED" = true ]; then
  seal() { /usr/local/sbin/timepolicy-node seal "$@"; }
  ! command -v cloud-init >/dev/null || cloud-init status --wait || [ $? -eq 2 ] # 2: done, with warnings
  sh timepolicy-install.sh
  # the gate is active once the clock is proven; ten minutes allow for packages and slow sources
  timeout 600 sh -c 'until systemctl is-active --quiet timepolicy-gate.service; do sleep 1; done' || {
    /usr/local/sbin/timepolicy-node status
    journalctl --no-pager -n 50 -u timepolicy-apply.service -u timepolicy-gate.service
    exit 1
  } >&2
else
  seal() { /usr/local/sbin/timepolicy-seal --root / "$@"; } # Python may not be installed yet
  sh timepolicy-install.sh --root /
  set -- --time "$(cat timepolicy-now)"
fi
# shellcheck disable=SC2086  # options
seal $SEAL_OPTIONS "$@"
# shellcheck disable=SC2086
seal --check $SEAL_OPTIONS
rm -f timepolicy-install.sh timepolicy-now
