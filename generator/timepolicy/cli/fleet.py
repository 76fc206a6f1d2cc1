"""`timepolicy fleet`: every node's clock as Prometheus knows it; with --digest, a gate for roll-outs."""

import gc
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import cluster_label_option
from timepolicy.cli.reporting import wants_color
from timepolicy.cli.streams import WRONG_POLICY, encoded, fail, report, write
from timepolicy.fleet.http_config import HttpConfig, HttpConfigError, read_http_config
from timepolicy.fleet.measure import Fleet, measure
from timepolicy.fleet.node import Limits, Verdict
from timepolicy.fleet.prometheus import Prometheus, PrometheusError
from timepolicy.fleet.report import csv_report, json_report, summary, text_report
from timepolicy.fleet.scope import Scope

PAUSE_S = 5
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _seconds(_context: click.Context, _option: click.Parameter, text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a duration such as 30s or 10m")
    return float(match[1]) * UNITS[match[2]]


def _url(_context: click.Context, _option: click.Parameter, url: str) -> str:
    if not re.fullmatch(r"https?://[!-~]+", url) or "@" in url:
        raise click.BadParameter("it must begin with http:// or https://; credentials belong into --http-config")
    return re.sub(r"(/graph|/query)?/*([?#].*)?$", "", url)


def _digests(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    digests = frozenset(part for value in values for part in value.split(",") if part)
    if wrong := [digest for digest in digests if not re.fullmatch(r"[0-9a-f]{16}", digest)]:
        raise click.BadParameter(f"{wrong[0]!r} is not a digest; `timepolicy plan --digest` prints them")
    if values and not digests:
        raise click.BadParameter("it is empty; the policy has no node that reports a digest")
    return digests


@click.command(
    epilog=examples(
        "timepolicy fleet --prometheus http://prometheus:9090",
        "timepolicy fleet --prometheus http://prometheus:9090 --bad --format csv",
    )
)
@click.option("--prometheus", "url", required=True, callback=_url, metavar="URL", help="The Prometheus to ask.")
@click.option(
    "--http-config", type=click.Path(path_type=Path), help="Authentication and TLS, as in Prometheus' `http_config`."
)
@click.option(
    "--selector", default="", show_default=False, metavar="MATCHERS", help="Only these series: 'job=\"node\"'."
)
@cluster_label_option
@click.option("--warn-offset", default="30s", callback=_seconds, help="Warn about a clock this far from the median.")
@click.option(
    "--critical-offset", default="120s", callback=_seconds, help="A clock this far from the median is critical."
)
@click.option("--bad", is_flag=True, help="Only nodes with a problem; Prometheus filters them.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "csv"]), default="text", help="The form of the output."
)
@click.option("--html", metavar="FILE", help="Write a page for browsers, which needs no network, to this file.")
@click.option("--max-unknown", type=click.IntRange(0), help="Fail where more nodes than this cannot be seen.")
@click.option(
    "--digest",
    "digests",
    multiple=True,
    callback=_digests,
    help="Fail until all nodes run this plan and pass their checks.",
)
@click.option("--wait", default="0s", callback=_seconds, help="How long to wait until --digest is fulfilled.")
@click.option("--watch", is_flag=True, help="Show it again every 5 s, until interrupted.")
@click.option("--timeout", default="30s", callback=_seconds, help="How long to wait for the answer to a query.")
def fleet(  # noqa: PLR0913, PLR0917  # click passes each option by name
    url: str,
    http_config: Path | None,
    selector: str,
    cluster_label: str,
    warn_offset: float,
    critical_offset: float,
    bad: bool,
    format_: str,
    html: str | None,
    max_unknown: int | None,
    digests: frozenset[str],
    wait: float,
    watch: bool,
    timeout: float,
) -> None:
    """Show the clock of every node that Prometheus scrapes, the worst first.

    Exit status 1 means that a node or a cluster is critical, that more than --max-unknown nodes cannot be seen, or that
    not every node runs --digest and is right; 3 that Prometheus cannot be asked.
    """
    limits = Limits(warn_offset, critical_offset, digests)
    _refuse_contradictions(limits, wait, timeout, is_watch=watch, is_page=html is not None)
    config = _http_config(http_config)

    def look() -> Fleet:
        server = Prometheus(url, config, timeout)
        gc.disable()  # there are no cycles to find, and looking for them takes a third of the time
        try:
            seen = measure(server, Scope(selector, cluster_label), limits, only_bad=bad)
        finally:
            gc.enable()
            gc.freeze()  # nor later, in what was measured
        seen.warnings = server.warnings
        if not seen.total:
            raise PrometheusError(f"{url} has no metric node_time_seconds: scrape a node_exporter, or see --selector")
        return seen

    seen = _look(look, lambda seen: _fails(seen, max_unknown), wait, watch)
    if html:
        from timepolicy.fleet.page import html_page

        write(html_page(seen).encode(), None if html == "-" else Path(html))
        report(summary(seen))
    else:
        write(_output(seen, format_), None)
    sys.exit(WRONG_POLICY if _fails(seen, max_unknown) else 0)


def _refuse_contradictions(limits: Limits, wait: float, timeout: float, *, is_watch: bool, is_page: bool) -> None:
    if wait and not limits.digests:
        raise click.UsageError("--wait: it waits for --digest; name one")
    if is_watch and (wait or is_page):
        raise click.UsageError("--watch: it cannot be combined with --wait and --html")
    if timeout <= 0 or limits.critical < limits.warning:
        raise click.UsageError("--timeout must be more than 0, and --critical-offset not less than --warn-offset")


def _http_config(path: Path | None) -> HttpConfig:
    try:
        return read_http_config(path) if path else HttpConfig()
    except HttpConfigError as error:
        fail(str(error))


def _look(look: Callable[[], Fleet], failed: Callable[[Fleet], bool], wait: float, watch: bool) -> Fleet:
    """Measure once, or until it no longer fails; under `watch` until interrupted. Exits where Prometheus fails."""
    deadline = time.monotonic() + wait
    while True:
        try:
            seen = look()
        except PrometheusError as error:
            if not watch and time.monotonic() + PAUSE_S > deadline:
                fail(str(error))
            report(f"timepolicy: {error}; retrying\n")
        else:
            if watch:
                clear = b"\x1b[H\x1b[J" if sys.stdout.isatty() else b""
                write(clear + _output(seen, "text"), None)
            elif not failed(seen) or time.monotonic() + PAUSE_S > deadline:
                return seen
            else:
                report(summary(seen))
        time.sleep(PAUSE_S)


def _fails(seen: Fleet, max_unknown: int | None) -> bool:
    unknown = seen.count(Verdict.UNKNOWN)
    worst = max((verdict for verdict, _ in seen.problems), default=Verdict.OK)
    if seen.limits.digests:
        wrong = seen.count(Verdict.WARNING) + seen.count(Verdict.CRITICAL)
        return bool(wrong or seen.warnings) or unknown > (max_unknown or 0) or worst > Verdict.UNKNOWN
    too_many = max_unknown is not None and unknown > max_unknown
    return too_many or seen.count(Verdict.CRITICAL) > 0 or worst is Verdict.CRITICAL


def _output(seen: Fleet, format_: str) -> bytes:
    if format_ == "json":
        return encoded(json_report(seen))
    if format_ == "csv":
        return csv_report(seen).encode()
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    columns = shutil.get_terminal_size().columns if is_terminal else None
    return text_report(seen, columns, color=wants_color("auto", sys.stdout, os.environ)).encode()
