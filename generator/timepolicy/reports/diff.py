"""What another policy changes on a node: by meaning and by files, so that no difference is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from timepolicy.distros.release import DaemonName
from timepolicy.plan.files import CONTRACT
from timepolicy.plan.types import AgentPlan, NodePlan

Key = tuple[str, str]
"""A role and a release."""

MEANINGS = {
    "policy": "the policy's name",
    "timezone": "timezone",
    "sources": "source",
    "min_sources": "sources that must agree",
    "clocks": "reads hardware clocks",
    "dhcp_sources": "servers from DHCP",
    "step.threshold": "step threshold, in seconds",
    "step.when": "when the clock is stepped",
    "gate.units": "gated unit",
    "gate.max_offset": "largest offset to start with, in seconds",
    "gate.timeout": "gate's timeout, in seconds",
    "gate.start": "start on an unproven clock",
    "gate.proof": "what proves the clock",
    "gate.holdover": "largest error to start with without a source, in seconds",
    "serving.allow": "network that servers answer",
    "serving.orphan_stratum": "orphan stratum",
    "serving.nts": "servers have NTS",
    "serving.firewall": "firewall is opened",
    "openings": "packets that the firewall lets through",
    "textfile_dir": "directory of the metrics",
    "packages": "package",
    "extra.chrony": "extra line for chrony",
    "extra.timesyncd": "extra line for systemd-timesyncd",
    "daemon": "daemon",
    "enable": "unit that starts",
    "mask": "unit that is masked",
    "settings.hosts": "source",
    "settings.boot_timeout": "time to wait at boot, in seconds",
}
"""What a value in a plan is about, by its dotted path; a path that is not here stands for itself."""

CONSEQUENCES = ("digest", "tzdata")
"""Values that only follow from others in the list; the files show the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One value that differs; `old` or `new` is None where there is no such value."""

    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """A file on the node: what happens to it, and how many lines it gets and loses."""

    path: str
    change: str
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The changes for a role on some releases, and what happens when a running node gets the new plan."""

    role: str
    releases: tuple[str, ...]
    changes: tuple[Change, ...]
    files: tuple[FileChange, ...]
    effects: tuple[str, ...]


def differences(old: Mapping[Key, NodePlan], new: Mapping[Key, NodePlan]) -> list[Difference]:
    """Return what differs, releases with the same changes together; empty for equal plans."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for role, release in dict.fromkeys([*old, *new]):
        before, after = old.get((role, release)), new.get((role, release))
        changes: tuple[Change, ...]
        files: tuple[FileChange, ...] = ()
        effects: tuple[str, ...] = ()
        if before is None or after is None:
            change = Change(what="such a node", old="one" if before else None, new="one" if after else None)
            changes = (change,)
        else:
            changes, files = tuple(_changes(before, after)), tuple(_file_changes(before, after))
            effects = tuple(_effects(before, after)) if changes or files else ()
        if changes or files:
            groups.setdefault((role, changes, files, effects), []).append(release)
    return [
        Difference(role=role, releases=tuple(releases), changes=changes, files=files, effects=effects)
        for (role, changes, files, effects), releases in groups.items()
    ]


def _changes(old: NodePlan, new: NodePlan) -> Iterator[Change]:
    before, after = (dict(_facts(_data(plan), "")) for plan in (old, new))
    for path in dict.fromkeys([*before, *after]):
        was, becomes, what = before.get(path), after.get(path), MEANINGS.get(path, path)
        if was == becomes or path in CONSEQUENCES:
            continue
        if isinstance(was or becomes, list):
            yield from _members(what, was or [], becomes or [])
        else:
            yield Change(what=what, old=_text(was), new=_text(becomes))


def _data(plan: NodePlan) -> dict[str, Any]:
    """The values of the plan besides its files."""
    data = {key: value for key, value in plan.to_data().items() if key not in ("files", "contract")}
    if isinstance(plan, AgentPlan):
        contract = plan.contract.to_data() | {"daemon": plan.possible_daemons}
        if plan.contract.daemons and plan.contract.daemons[0].use_dhcp_sources:
            contract["dhcp_sources"] = True
        del contract["daemons"]
        return contract | {key: data[key] for key in ("packages", "openings", "extra") if key in data}
    return data


def _facts(data: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """Each value by its dotted path."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _facts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def _members(what: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
    """What left a list and what joined it; a new order where neither did."""
    before, after = [str(_member(item)) for item in old], [str(_member(item)) for item in new]
    yield from (Change(what=what, old=item, new=None) for item in before if item not in after)
    yield from (Change(what=what, old=None, new=item) for item in after if item not in before)
    if sorted(before) == sorted(after):
        yield Change(what=f"order: {what}", old=", ".join(before), new=", ".join(after))


def _member(item: Any) -> str:
    """A source by its host and its options; an opening as `UDP 123 from 10.2.0.0/16`."""
    if not isinstance(item, dict):
        return str(item)
    if "network" in item:
        ways = {"IN": "from", "OUT": "to"}
        return f"{item['protocol'].upper()} {item['port']} {ways[item['way']]} {item['network']}"
    others = [f"{key} {value}" for key, value in item.items() if key not in ("host", "own")]
    return " ".join([str(item["host"]), *others])


def _text(value: Any) -> str | None:
    return None if value is None else "yes" if value is True else str(value)


def _file_changes(old: NodePlan, new: NodePlan) -> Iterator[FileChange]:
    before, after = ({file.path: file for file in plan.files} for plan in (old, new))
    for path in dict.fromkeys([*before, *after]):
        was, becomes = before.get(path), after.get(path)
        # the values of the contract are reported instead
        if path == CONTRACT or was == becomes:
            continue
        lines = [file.content.splitlines() if file else [] for file in (was, becomes)]
        change = "added" if was is None else "removed" if becomes is None else "changed"
        yield FileChange(path=path, change=change, added=_count(*lines), removed=_count(*reversed(lines)))


def _count(old: list[str], new: list[str]) -> int:
    """How many lines of `new` are not in `old`."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return len(new) - sum(block.size for block in blocks)


def _effects(old: NodePlan, new: NodePlan) -> Iterator[str]:
    """What `timepolicy-node apply` does with a plan that is new to it."""
    if not isinstance(new, AgentPlan):
        return
    before, after = old.possible_daemons, new.possible_daemons
    if before == after:
        yield f"{after} is restarted"
    elif new.daemon is DaemonName.NONE:
        yield f"{before} goes on with the distribution's configuration"
    else:
        yield f"{before} is stopped and masked where it is not {after}, which takes its place"
    yield "the clock is proven anew; gated units that run go on, unless the clock has to be stepped"
