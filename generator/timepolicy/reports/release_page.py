"""docs/distributions.md: every release of the catalogue, with what is known about it."""

from collections.abc import Iterator, Sequence

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.catalogue import Target
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Provisioning, Release
from timepolicy.facts.end_of_life import EDITION, ENDED
from timepolicy.plan.firewall import BACKENDS

HEAD = """\
# Distribution releases

What timepolicy knows about each release that a policy can name under `distros`. A node is recognized by its os-release.
`timepolicy distros --format markdown` generates this page.

- **verified**: packages and images of the release were inspected.
- **documented**: the vendor's documents say so.
- **inferred**: concluded from a relative. Try such a release on a node first; each assumption is a note of `validate`
  ([TP100](../rules/TP100.md)).

chrony's version is the oldest that a node of the release may have; it decides which options a policy may use."""

SYSTEMS_WITHOUT_AGENT = "no: see [TP311](../rules/TP311.md)"


def release_page(targets: Sequence[Target]) -> str:
    """Return the page in Markdown: an overview, and a section for each target."""
    overview = [
        f"| [{target.key}](#{_anchor(target)}) | {target.name} | {_default(target)} | {_confidence(target)} |"
        for target in targets
    ]
    table = ["| release | name | default daemon | known by |", "| --- | --- | --- | --- |", *overview]
    return "\n\n".join([HEAD, "\n".join(table), *map(_section, targets)]) + "\n"


def _section(target: Target) -> str:
    """One target: a table of facts, and what was assumed."""
    facts = _appliance(target) if isinstance(target, Appliance) else _release(target)
    rows = ["| fact | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in facts)]
    assumptions = [] if isinstance(target, Appliance) else [f"- {text}" for text in target.assumptions]
    parts = [f"## {target.key}", target.name + ".", "\n".join(rows)]
    return "\n\n".join([*parts, *(["Assumed:", "\n".join(assumptions)] if assumptions else [])])


def _release(release: Release) -> Iterator[tuple[str, str]]:
    firewalls = [backend.value for backend in BACKENDS if backend.value not in release.firewalls_missing]
    yield "os-release", f"`ID={release.os_id}`, `VERSION_ID={release.version_id}`"
    yield "default daemon", release.default_daemon.value
    yield "chrony", _chrony(release.chrony, DaemonName.CHRONY in release.in_image) if release.chrony else "none"
    if release.timesyncd:
        unit = release.timesyncd
        where = _where(unit.package, DaemonName.TIMESYNCD in release.in_image)
        yield "systemd-timesyncd", f"{where}; drop-ins in {unit.drop_in_dir}"
    yield "systemd", str(release.systemd)
    yield "node agent", f"with {release.python}" if release.has_agent else SYSTEMS_WITHOUT_AGENT
    if release.provisioning is Provisioning.CLOUD_INIT:
        yield "firewalls", ", ".join(firewalls)
    yield from _common(release)


def _appliance(system: Appliance) -> Iterator[tuple[str, str]]:
    yield "keeps the time", system.client
    yield "what waits", system.waits
    yield "node agent", SYSTEMS_WITHOUT_AGENT
    yield from _common(system)


def _common(target: Target) -> Iterator[tuple[str, str]]:
    yield "set up by", target.provisioning.value
    yield "known by", _confidence(target)
    if target.key in ENDED:
        yield "free security updates", f"ended {ENDED[target.key]} (list of {EDITION})"


def _chrony(chrony: Chrony, is_in_image: bool) -> str:
    nts = "" if chrony.nts else "; without NTS, as far as is known"
    return f"{chrony.version}, {_where(chrony.package, is_in_image)}; {chrony.config}, {chrony.unit}{nts}"


def _where(package: str, is_in_image: bool) -> str:
    return "in the image" if is_in_image else f"in package {package}"


def _default(target: Target) -> str:
    return target.client if isinstance(target, Appliance) else target.default_daemon.value


def _confidence(target: Target) -> str:
    return Confidence.DOCUMENTED.value if isinstance(target, Appliance) else target.confidence.value


def _anchor(target: Target) -> str:
    """The anchor that forges make of a heading."""
    return target.key.replace(".", "")
