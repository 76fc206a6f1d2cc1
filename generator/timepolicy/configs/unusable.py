"""Sources of a file that no node could use: no policy accepts them, so they are not converted."""

from dataclasses import replace

from timepolicy.configs.file_findings import FileFinding, TextRange, loss
from timepolicy.configs.settings import NOT_CONVERTED, Settings, TimeSource
from timepolicy.facts.refclocks import other_kind
from timepolicy.facts.special_hosts import is_of_family, no_server
from timepolicy.source import Source


def without_unusable(settings: Settings, main: Source) -> tuple[Settings, list[FileFinding]]:
    """Return the settings without such sources and clocks, and a finding about the file `main` for each of these."""
    reasons = {source.host: reason for source in settings.sources if (reason := _reason(source))}
    clocks = {device: f"the device {kind}" for device in settings.clocks if (kind := other_kind(device))}
    findings = [loss(TextRange(main), NOT_CONVERTED, what=what, why=why) for what, why in (reasons | clocks).items()]
    sources = tuple(source for source in settings.sources if source.host not in reasons)
    return replace(
        settings, sources=sources, clocks=tuple(device for device in settings.clocks if device not in clocks)
    ), findings


def _reason(source: TimeSource) -> str | None:
    fault = no_server(source.host, may_be_own="port" in source.options)
    if fault is not None:
        return f"this is {fault[0]}"
    family = str(source.options.get("family", ""))
    return f"chronyd refuses an address with `{family}`" if family and not is_of_family(source.host, family) else None
