"""How chrony authenticates sources and itself (chrony.conf(5), chrony.keys(5))."""

from collections.abc import Iterator

from timepolicy.distros.release import Chrony, Release
from timepolicy.findings import wording
from timepolicy.findings.finding import Finding, error
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role
from timepolicy.source import Place
from timepolicy.tokens import AbsolutePath, Token

OWN_FILES = ("/etc/timepolicy/", f"{UNIT_FOLDER}/", "/usr/local/sbin/timepolicy-")
"""Prefixes of the files that every node gets, whatever its daemon."""

FILE_IS_OURS = error(
    "TP065",
    "timepolicy itself writes `{file}` on {release}: one content would overwrite the other",
    "name another file, such as /etc/chrony/chrony.keys",
)
NTS_MISSING = error(
    "TP280",
    "chrony on {release} is not known to be built with NTS: the node would never get time from this source",
    "authenticate with `key`, or override the source for {release}",
)
FILE_NOT_READABLE = error(
    "TP287",
    "chronyd cannot read `{file}` on {release}: its AppArmor profile allows only what is below {folders}",
    "put the file below /etc/chrony",
)

Line = tuple[Token | AbsolutePath | int, ...]
"""A directive and its arguments."""


def lines(policy: Policy, state_folder: AbsolutePath) -> Iterator[Line]:
    """Yield the directives. chronyd keeps cookies and its NTS server's keys in `state_folder` over a restart."""
    authentication, nts = policy.authentication, policy.servers.nts if policy.role is Role.SERVER else None
    if authentication.keys_file:
        yield Token("keyfile"), authentication.keys_file
    if authentication.trusted_certificates:
        yield Token("ntstrustedcerts"), authentication.trusted_certificates
    if nts:
        yield Token("ntsservercert"), nts.certificate
        yield Token("ntsserverkey"), nts.key
    if _nts_places(policy):
        yield Token("ntsdumpdir"), state_folder
        if not authentication.checks_dates_at_once:
            yield Token("nocerttimecheck"), 1
    if authentication.is_required:
        yield Token("authselectmode"), Token("require")


def files(policy: Policy) -> tuple[File, ...]:
    """Return the file with the keys that the node needs, if they are given; chronyd reads it while it is still root."""
    authentication = policy.authentication
    if not (authentication.keys and authentication.keys_file and policy.keys_used):
        return ()
    content = authentication.keys.of(policy.keys_used)
    return (File(path=authentication.keys_file, content=content, mode=0o600),)


def unsupported(policy: Policy, release: Release, chrony: Chrony) -> Iterator[Finding]:
    """Yield an error where this release's chrony has no NTS, cannot read a file, or would lose one to timepolicy."""
    if not chrony.nts:
        for place in _nts_places(policy):
            yield NTS_MISSING.at(place, release=release.key)
    for path, file in _files(policy).items():
        place = policy.origin(path)
        if file == chrony.config or file.startswith(OWN_FILES):
            yield FILE_IS_OURS.at(place, release=release.key, file=file)
        if not file.startswith(chrony.readable):
            folders = wording.listed([folder.rstrip("/") for folder in chrony.readable], "and")
            yield FILE_NOT_READABLE.at(place, release=release.key, file=file, folders=folders)


def _nts_places(policy: Policy) -> list[Place]:
    """Where the policy asks for NTS on a node of this role: the cluster's servers share one setting."""
    servers = [policy.origin("servers.nts")] if policy.servers.nts else []
    outside = [source for source in policy.sources if source.options.nts and not source.in_cluster]
    return servers + [policy.origin(f"{source.origin.path}.nts") for source in outside]


def _files(policy: Policy) -> dict[str, AbsolutePath]:
    """The files that chronyd reads on a node of this role, by their paths in the policy."""
    authentication, nts = policy.authentication, policy.servers.nts
    files = {
        "authentication.keys_file": authentication.keys_file,
        "authentication.trusted_certificates": authentication.trusted_certificates,
    }
    if nts and policy.role is Role.SERVER:
        files |= {"servers.nts.certificate": nts.certificate, "servers.nts.key": nts.key}
    return {path: file for path, file in files.items() if file}
