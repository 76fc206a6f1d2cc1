"""How chronyd authenticates its sources, and itself as a server of NTS."""

from collections.abc import Iterator, Sequence

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import number_of
from timepolicy.configs.chrony.paths import config_path
from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.configs.key_files import assumed, default_key_file, is_readable, policy_path
from timepolicy.configs.settings import NOT_NEEDED, Authentication, TimeSource, not_converted
from timepolicy.configs.statement import Statement
from timepolicy.findings.wording import shortened

SERVER_FILES = ("ntsservercert", "ntsserverkey")

NEEDED_FOR_NTS = ("ntstrustedcerts", "nocerttimecheck")


def authentication_mode(configuration: ChronyConfiguration) -> str:
    """Return which sources chronyd uses by their authentication: mix, require, prefer or ignore."""
    statement = configuration.last("authselectmode")
    return statement.texts[0].lower() if statement else "mix"


def is_required(configuration: ChronyConfiguration) -> bool:
    """Return whether chronyd uses authenticated sources only."""
    return authentication_mode(configuration) == "require"


def convert_authentication(
    configuration: ChronyConfiguration, sources: Sequence[TimeSource]
) -> tuple[Authentication, list[FileFinding]]:
    """Return the authentication of a policy whose sources are `sources`, and findings about what it lacks."""
    has_key = any("key" in source.options for source in sources)
    has_nts = any("nts" in source.options for source in sources)
    keys_file, findings = _keys_file(configuration, has_key=has_key)
    certificate, key = (policy_path(configuration.last(name)) for name in SERVER_FILES)
    is_server = bool(certificate and key)
    certificates, check = configuration.all("ntstrustedcerts"), configuration.last("nocerttimecheck")
    trusted = policy_path(certificates[0]) if certificates else None
    if not has_nts:
        unused = configuration.all(*NEEDED_FOR_NTS)
        findings += [report(line, NOT_NEEDED, what=line.quote, why="no source has `nts`") for line in unused]
        trusted = check = None
    else:
        findings += _untrusted(certificates, trusted)
    updates = number_of(check.texts[0]) if check else 0
    if check and updates > 1:
        findings.append(not_converted(check, "a policy checks dates after the first update"))
    findings += _server_losses(configuration, is_server=is_server)
    findings += _mode_losses(configuration, sources)
    authentication = Authentication(
        keys_file=keys_file,
        trusted_certificates=trusted,
        checks_dates_at_once=updates < 1,
        is_required=is_required(configuration),
        certificate=certificate if is_server else None,
        key=key if is_server else None,
    )
    return authentication, findings


def _keys_file(configuration: ChronyConfiguration, *, has_key: bool) -> tuple[str | None, list[FileFinding]]:
    """The path of the key file: where none can be used, the one of the distribution's package."""
    statement = configuration.last("keyfile")
    if not has_key:
        why = "no source has a key"
        return None, [report(line, NOT_NEEDED, what=line.quote, why=why) for line in configuration.all("keyfile")]
    path = policy_path(statement)
    if path and is_readable(path, configuration.release):
        return path, []
    default = default_key_file(configuration.release, config_path(configuration.sources[0].name))
    if statement is None:
        return default, [assumed(TextRange(configuration.sources[0]), default, "no line names the file of the keys")]
    return default, [assumed(statement, default, f"nodes cannot have the file as {shortened(statement.texts[0])}")]


def _untrusted(certificates: Sequence[Statement], trusted: str | None) -> Iterator[FileFinding]:
    """Files of certificates that a policy lacks: it has one, for all sources."""
    for line in certificates[1 if trusted else 0 :]:
        yield not_converted(line, "a policy has one file of certificates, with an absolute path, for all sources")


def _server_losses(configuration: ChronyConfiguration, *, is_server: bool) -> Iterator[FileFinding]:
    for line in configuration.all(*SERVER_FILES):
        if not is_server:
            yield not_converted(line, "servers of a policy need both a certificate and a key, with absolute paths")
        elif line is not configuration.last(line.name):
            yield not_converted(line, "servers of a policy have one certificate")


def _mode_losses(configuration: ChronyConfiguration, sources: Sequence[TimeSource]) -> Iterator[FileFinding]:
    """A mode that a policy lacks, which matters only between sources of both kinds."""
    statement, mode = configuration.last("authselectmode"), authentication_mode(configuration)
    kinds = {source.is_authenticated for source in sources}
    if statement is None or mode in ("require", "prefer"):
        return
    if mode == "mix" or len(kinds) < 2:  # noqa: PLR2004  # both kinds
        yield report(statement, NOT_NEEDED, what=statement.quote, why="it has no effect on these sources")
    else:
        yield not_converted(statement, "policies let authenticated sources outvote the others")
