"""Talos: a TimeSyncConfig document, to stand beside the machine configuration or to patch it with (Talos 1.12)."""

from timepolicy.distros.release import Provisioning
from timepolicy.formats._shell import header
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.types import NodePlan

NAME = "talos"

PROVISIONING = frozenset({Provisioning.TALOS})

TAKES_SEVERAL = False


def render(*plans: NodePlan) -> bytes:
    """Return the document. Without bootTimeout kubelet and etcd wait for the time for ever, as Talos does by itself."""
    (plan,) = plans
    settings = plan.settings
    assert settings is not None, "PROVISIONING was asked first"
    timeout = {"bootTimeout": f"{settings.boot_timeout}s"} if settings.boot_timeout else {}
    hosts = [str(host) for host in settings.hosts]
    document = {"apiVersion": "v1alpha1", "kind": "TimeSyncConfig", **timeout, "ntp": {"servers": hosts}}
    return (header(plans) + as_yaml(document)).encode()
