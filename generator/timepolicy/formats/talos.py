"""Talos 1.12 and newer: a TimeSyncConfig document, to append to the machine configuration or to patch it with."""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.types import SettingsPlan


def _write(plans: Sequence[SettingsPlan]) -> bytes:
    """Return the document. Without bootTimeout, Talos lets kubelet and etcd wait for the time without a limit."""
    (plan,) = plans
    timeout = {"bootTimeout": f"{plan.boot_timeout}s"} if plan.boot_timeout else {}
    hosts = [str(host) for host in plan.hosts]
    document = {"apiVersion": "v1alpha1", "kind": "TimeSyncConfig", **timeout, "ntp": {"servers": hosts}}
    return (header(plans) + as_yaml(document)).encode()


FORMAT = Format(name="talos", extension="talos.yaml", plan=SettingsPlan, provisioning=Provisioning.TALOS, write=_write)
