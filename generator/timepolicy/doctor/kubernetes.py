"""What a wrong clock left behind in Kubernetes: certificates and tokens from the future, and services that wait."""

import re
import time
from calendar import timegm
from collections.abc import Iterator, Sequence
from contextlib import suppress

from timepolicy.doctor.diagnosis import Check, Diagnosis, Weight
from timepolicy.doctor.node import Node

TOLERANCE_S = 60
"""kubeadm dates certificates at the start of the current minute or before; a token's date may be a moment ahead."""


def certificates(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Certificates that are not valid yet."""
    early = [(date, path) for date, path in _dates(node) if date > node.true_time + TOLERANCE_S]
    if early:
        date, path = max(early)
        yield Diagnosis(
            "certificate-from-the-future",
            f"{len(early)} of the certificates on this node become valid in the future: a wrong clock made them",
            "correct the clock, delete them, `kubeadm certs renew all` (or the distribution's way), then restart etcd, "
            "kube-apiserver, kube-controller-manager, kube-scheduler and kubelet, in this order",
            f"{path}: notBefore {_utc(date)}",
        )


def _dates(node: Node) -> Iterator[tuple[float, str]]:
    for line in node.examination.probe("certificates").lines:
        found = re.match(r"(\w{3} +\d+ \d\d:\d\d:\d\d \d{4}) GMT (.+)", line)
        with suppress(ValueError):  # a date that does not exist
            if found:
                yield timegm(time.strptime(found[1], "%b %d %H:%M:%S %Y")), found[2]


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def tokens(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """ServiceAccount tokens that the API server calls used before they were issued."""
    rows = [line.split(" ", 1) for line in node.examination.probe("tokens").lines]
    early = [(int(row[0]), row[-1]) for row in rows if row[0].isdigit() and int(row[0]) > node.true_time + TOLERANCE_S]
    if early:
        date, path = max(early)
        yield Diagnosis(
            "token-from-the-future",
            f"{len(early)} ServiceAccount tokens on this node were issued in the future: the API server answers 401",
            "correct the control plane's clock, restart kube-controller-manager, then delete the pods that have them",
            f"{path}: issued {_utc(date)}",
        )


def complaints(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """What kubelet says of times."""
    lines = [line for line in node.examination.probe("complaints").lines if "valid" in line or "before issued" in line]
    if lines:
        yield Diagnosis(
            "kubelet-complains",
            "kubelet says that a certificate or token is not valid yet",
            "compare the clocks of this node and of the control plane: run `timepolicy doctor` for both",
            lines[-1],
            Weight.WARNING,
        )


def gate(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """What timepolicy's agent says, where it is installed."""
    probe = node.examination.probe("gate")
    if probe.status in (1, 2) and probe.lines:
        yield Diagnosis(
            "verification-failed",
            "timepolicy's own verification of this node does not pass",
            "`timepolicy-node status` on the node shows which check, and its remedy",
            probe.lines[0],
        )


KUBERNETES_CHECKS: tuple[Check, ...] = (gate, certificates, tokens, complaints)
