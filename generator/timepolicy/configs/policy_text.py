"""From settings to the text of a policy, whose comments list what it lacks of the files."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from timepolicy.configs.file_findings import FileFinding, FileReport, TextRange, loss, report
from timepolicy.configs.settings import NOT_CONVERTED, NOT_NEEDED, Settings
from timepolicy.configs.unusable import without_unusable
from timepolicy.distros.release import DaemonName
from timepolicy.document.scalars import reading_of
from timepolicy.findings.finding import error, warning
from timepolicy.findings.forms.text import render_lines
from timepolicy.policy.model import EXTRA_KEYS
from timepolicy.source import Source

TOO_MANY_NETWORKS = warning(
    "TP220",
    "the access list has {count} networks, but a policy has at most {limit}: the policy has no servers",
    "write `servers` by hand, with fewer and larger networks in `allow`",
)
SERVING_NOT_CONVERTED = warning(
    "TP252",
    "these files serve {networks}, but do not say at which address: the policy has no servers",
    "name the address that clients use with --address; once for each server that has these files",
)
NOTHING_TO_CONVERT = error(
    "TP255",
    "these files name no source of time that a policy can use: no policy is written",
    "name a server that nodes may use, or write a policy by hand; `timepolicy init` prints one to start with",
)
ADDRESS_OF_NO_SERVER = warning(
    "TP256",
    "--address is given, but these files let no client in: the policy has no servers",
    "remove --address, or let the networks of your clients in",
)

BY_DEFAULT = "no line refuses it, and nodes of a policy serve nobody; for a server, name its address with --address"

MOST_NETWORKS = 64
"""Networks in `servers.allow` of a policy, as its schema has it."""

PolicyData = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Indents lists below their keys, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # PyYAML's signature
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quote a host named `n`, which some YAML readers read as false: a policy must be the same for all of them."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if reading_of(text) else None)


_Dumper.add_representer(str, _text)


def policy_data(
    settings: Settings, addresses: Sequence[str], timezone: str, main: Source
) -> tuple[PolicyData | None, list[FileFinding]]:
    """Return a policy as plain data, None if it has no source of time; findings are about the file `main`.

    `addresses` are those of the server that the files are for, as its clients know it.
    """
    settings, unusable = without_unusable(settings, main)
    servers, findings = _servers(settings, addresses, main)
    findings += unusable
    authentication = settings.authentication
    data: PolicyData = {"timezone": timezone}
    upstreams = [*(source.to_data() for source in settings.sources), *({"phc": device} for device in settings.clocks)]
    if upstreams:
        data["upstreams"] = upstreams
    clients = _clients(settings)
    if settings.extra:
        key = EXTRA_KEYS[DaemonName(settings.daemon)]
        (servers or clients)["extra"] = {key: list(settings.extra)}
    if servers:
        data["servers"] = servers
        lost: dict[str, object] = {
            "min_sources": settings.min_sources,
            "dhcp_sources": settings.use_dhcp_sources,
            "listen": not settings.listens,
        }
        why = "servers of a policy do not have it"
    else:
        data["clients"] = clients
        lost = {"orphan_stratum": settings.orphan_stratum, "nts": authentication.certificate}
        why = "only servers of a policy have it"
    findings += [loss(TextRange(main), NOT_CONVERTED, what=what, why=why) for what, is_set in lost.items() if is_set]
    if authentication.to_data():
        data["authentication"] = authentication.to_data()
    if authentication.is_required:
        if servers and "nts" not in servers:
            why = "the servers of a policy authenticate each other with it, and these files name no key for that"
            findings.append(loss(TextRange(main), NOT_CONVERTED, what="require_authentication", why=why))
        else:
            data["require_authentication"] = True
    if settings.step:
        data["step"] = dict(settings.step)
    has_source = any(source.votes for source in settings.sources) or settings.clocks
    has_time = has_source or "orphan_stratum" in data.get("servers", {})
    if not has_time:
        findings.append(report(TextRange(main), NOTHING_TO_CONVERT))
    return data if has_time else None, findings


def policy_text(data: PolicyData, comments: Iterable[str]) -> str:
    """Return a policy as YAML, below comments."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"# {_plain(line)}\n" for line in comments) + "\n" + text


def losses(reports: Iterable[FileReport]) -> Iterator[str]:
    """Yield a line for each finding."""
    for file in reports:
        yield from render_lines(file.findings, file.source).splitlines()


def _clients(settings: Settings) -> PolicyData:
    """The part about clients, without lines of `extra`, which servers may get instead."""
    clients: PolicyData = {"daemon": str(settings.daemon)}
    if settings.use_dhcp_sources:
        clients["dhcp_sources"] = "use"
    if not settings.listens:
        clients["listen"] = "none"
    if settings.min_sources:
        clients["min_sources"] = settings.min_sources
    return clients


def _servers(settings: Settings, addresses: Sequence[str], main: Source) -> tuple[PolicyData | None, list[FileFinding]]:
    """The part about serving; None, with a finding, if the policy cannot have it."""
    place, networks = TextRange(main), [str(network) for network in settings.networks]
    if not networks:
        return None, [report(place, ADDRESS_OF_NO_SERVER)] if addresses else []
    if len(networks) > MOST_NETWORKS:
        return None, [loss(place, TOO_MANY_NETWORKS, count=str(len(networks)), limit=str(MOST_NETWORKS))]
    if not addresses and settings.serves_by_default:
        return None, [report(place, NOT_NEEDED, what="serving anyone", why=BY_DEFAULT)]
    if not addresses:
        return None, [loss(place, SERVING_NOT_CONVERTED, networks=", ".join(networks))]
    servers: PolicyData = {"addresses": list(addresses), "allow": networks}
    if settings.orphan_stratum:
        servers["orphan_stratum"] = settings.orphan_stratum
    if settings.authentication.certificate:
        servers["nts"] = {"certificate": settings.authentication.certificate, "key": settings.authentication.key}
    return servers, []


def _plain(text: str) -> str:
    """`text` with a sign for each character that YAML does not allow in a comment, or reads as the end of its line."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
