"""What chrony authenticates sources and clients with (chrony.conf(5), chrony.keys(5))."""

from collections.abc import Iterator

from timepolicy.distros.release import Chrony, Release
from timepolicy.facts.chrony_options import needs
from timepolicy.findings import wording
from timepolicy.findings.finding import Finding, Rule
from timepolicy.findings.register.authentication import FILE_NOT_READABLE, NTS_MISSING
from timepolicy.findings.register.targets import FILE_IS_OURS, OPTION_TOO_NEW
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.policy.model import Origin, Policy
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Token

OURS = ("/etc/timepolicy/", f"{UNIT_FOLDER}/", "/usr/local/sbin/timepolicy-")
"""Where every node has files of ours, whatever its daemon."""

Line = tuple[Token | AbsolutePath | int, ...]


def lines(policy: Policy, state_folder: AbsolutePath) -> tuple[Line, ...]:
    """Return the directives; cookies and the server's keys are kept in `state_folder` over a restart of chronyd."""
    return tuple(_lines(policy, state_folder))


def _lines(policy: Policy, state_folder: AbsolutePath) -> Iterator[Line]:
    authentication, nts = policy.authentication, policy.servers.nts if policy.role is Role.SERVER else None
    if authentication.keys_file:
        yield Token("keyfile"), authentication.keys_file
    if authentication.trusted_certificates:
        yield Token("ntstrustedcerts"), authentication.trusted_certificates
    if nts:
        yield Token("ntsservercert"), nts.certificate
        yield Token("ntsserverkey"), nts.key
    if _uses_nts(policy):
        yield Token("ntsdumpdir"), state_folder
        if not authentication.checks_dates_at_once:
            yield Token("nocerttimecheck"), 1
    if authentication.is_required:
        yield Token("authselectmode"), Token("require")


def files(policy: Policy) -> tuple[File, ...]:
    """Return the file of the keys that the node needs, if they are given; chronyd reads it while it is still root."""
    authentication = policy.authentication
    if not (authentication.keys and authentication.keys_file and policy.keys_used):
        return ()
    content = authentication.keys.of(policy.keys_used)
    return (File(path=authentication.keys_file, content=content, mode=0o600),)


def objections(policy: Policy, release: Release, chrony: Chrony) -> Iterator[Finding]:
    """What this release's chrony cannot authenticate, may not read, or would take its own files for."""
    if not chrony.nts:
        for origin in _nts_origins(policy):
            yield _objection(NTS_MISSING, origin, release=release.key)
    needed = needs("authselectmode")
    if policy.authentication.is_required and needed and chrony.version < needed:
        values = {"option": "require_authentication", "needed": str(needed), "version": str(chrony.version)}
        yield _objection(OPTION_TOO_NEW, policy.origin("require_authentication"), release=release.key, **values)
    for path, file in _files(policy).items():
        if file == chrony.config or file.startswith(OURS):
            yield _objection(FILE_IS_OURS, policy.origin(path), release=release.key, file=file)
        if not file.startswith(chrony.readable):
            folders = wording.listed([folder.rstrip("/") for folder in chrony.readable], "and")
            values = {"file": file, "folders": folders}
            yield _objection(FILE_NOT_READABLE, policy.origin(path), release=release.key, **values)


def _uses_nts(policy: Policy) -> bool:
    return any(True for _ in _nts_origins(policy))


def _nts_origins(policy: Policy) -> Iterator[Origin]:
    if policy.servers.nts:
        yield policy.origin("servers.nts")
    for source in policy.sources:
        if source.options.nts and not source.in_cluster:
            yield policy.origin(f"{source.origin.path}.nts")


def _files(policy: Policy) -> dict[str, AbsolutePath]:
    """The files that chronyd reads on a node of this role, by their places in the policy."""
    authentication, nts = policy.authentication, policy.servers.nts
    named = {
        "authentication.keys_file": authentication.keys_file,
        "authentication.trusted_certificates": authentication.trusted_certificates,
    }
    if nts and policy.role is Role.SERVER:
        named |= {"servers.nts.certificate": nts.certificate, "servers.nts.key": nts.key}
    return {path: file for path, file in named.items() if file}


def _objection(rule: Rule, origin: Origin, **values: str) -> Finding:
    return Finding(rule=rule, span=origin.span, path=origin.path, values=values)
