"""Settings as a policy's text: what the files say, and in comments what they do not say or a policy cannot."""

from collections.abc import Iterator
from typing import Any

import yaml

from timepolicy.configs.report import Report
from timepolicy.configs.settings import Settings
from timepolicy.findings.forms.text import render_lines
from timepolicy.findings.register.imports import (
    ABOUT_LOST_LINES,
    ADDRESS_OF_NO_SERVER,
    NOT_CARRIED,
    NOTHING_TO_CARRY,
    SERVING_NOT_CARRIED,
    TOO_MANY_NETWORKS,
)
from timepolicy.findings.result import Findings

MOST_NETWORKS = 64
"""What a policy's schema takes in `servers.allow`."""


class _Dumper(yaml.SafeDumper):
    """Indents lists below their keys, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # PyYAML's signature
        super().increase_indent(flow, indentless=False)


def policy_text(settings: Settings, addresses: tuple[str, ...], timezone: str | None, report: Report) -> str | None:
    """Return the policy that `settings` make; None, with a finding, where there is no source of time.

    `addresses` are those of the server that the files are for. Of what they say about serving, nothing is left out
    silently.
    """
    data = _policy(settings, addresses, timezone or "UTC", report)
    if not sum(source.votes for source in settings.sources) and "orphan_stratum" not in data.get("servers", {}):
        report.whole(next(iter(report))[0], NOTHING_TO_CARRY)
        return None
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"# {_plain(line)}\n" for line in _comments(timezone, report)) + "\n" + text


def _comments(timezone: str | None, report: Report) -> Iterator[str]:
    yield "Made by `timepolicy import` from " + ", ".join(source.name for source, _ in report)
    if timezone is None:
        yield "The files do not say the timezone: UTC is assumed."
    for source, findings in report:
        kept = Findings()
        kept.extend(finding for finding in findings if finding.rule in ABOUT_LOST_LINES)
        yield from render_lines(kept, source).splitlines()


def _plain(text: str) -> str:
    """`text` without what YAML takes for no text, or for a line's end."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _policy(settings: Settings, addresses: tuple[str, ...], timezone: str, report: Report) -> dict[str, Any]:
    servers = _servers(settings, addresses, report)
    data: dict[str, Any] = {"timezone": timezone}
    if settings.sources:
        data["upstreams"] = [source.to_data() for source in settings.sources]
    if servers:
        data["servers"] = servers
        _report_clients(settings, report)
    else:
        data["clients"] = _clients(settings, report)
    if settings.step:
        data["step"] = settings.step
    return data


def _clients(settings: Settings, report: Report) -> dict[str, Any]:
    if settings.orphan_stratum:
        why = "only servers of a policy have it"
        report.whole(next(iter(report))[0], NOT_CARRIED, what="local ... orphan", why=why)
    clients: dict[str, Any] = {"daemon": str(settings.daemon)}
    if settings.use_dhcp_sources:
        clients["dhcp_sources"] = "use"
    if settings.min_sources:
        clients["min_sources"] = settings.min_sources
    return clients


def _report_clients(settings: Settings, report: Report) -> None:
    """Servers of a policy follow whatever agrees among their sources, and none from DHCP."""
    stated = {"minsources": settings.min_sources, "sourcedir": settings.use_dhcp_sources}
    for what in (what for what, is_stated in stated.items() if is_stated):
        report.whole(next(iter(report))[0], NOT_CARRIED, what=what, why="servers of a policy do not have it")


def _servers(settings: Settings, addresses: tuple[str, ...], report: Report) -> dict[str, Any] | None:
    """The part about serving; None, with a finding, where the policy cannot have it."""
    main = next(iter(report))[0]
    if not settings.networks:
        if addresses:
            report.whole(main, ADDRESS_OF_NO_SERVER)
        return None
    networks = [str(network) for network in settings.networks]
    if len(networks) > MOST_NETWORKS:
        report.whole(main, TOO_MANY_NETWORKS, count=str(len(networks)))
        return None
    if not addresses:
        report.whole(main, SERVING_NOT_CARRIED, networks=", ".join(networks))
        return None
    servers: dict[str, Any] = {"addresses": list(addresses), "allow": networks}
    return servers | ({"orphan_stratum": settings.orphan_stratum} if settings.orphan_stratum else {})
