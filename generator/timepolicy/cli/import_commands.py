"""The commands about files that time daemons read already."""

import sys
from pathlib import Path

import click

from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, fail, read_bytes, write
from timepolicy.configs.files import Tree, text_of
from timepolicy.configs.read import read_files
from timepolicy.configs.report import Report
from timepolicy.configs.settings import Settings, is_host
from timepolicy.configs.write import policy_text
from timepolicy.facts.timezones import known_timezones
from timepolicy.findings.forms import FOR_PEOPLE
from timepolicy.findings.register.imports import ABOUT_CARRYING
from timepolicy.request import release_named

files_argument = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=str))
distro_option = click.option("--distro", metavar="D", help="The release that the files are for.")
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the node's files are: look there for what the files bring in; / on the node itself.",
)


@click.command("import")
@files_argument
@distro_option
@root_option
@click.option(
    "--address", "addresses", multiple=True, metavar="A", help="The address by which clients ask this server."
)
@click.option("--timezone", metavar="Z", help="The timezone, which the files do not say. UTC when left out.")
@reporting_options("--findings", are_product=False, forms=FOR_SEVERAL_FILES)
def import_(  # noqa: PLR0913, PLR0917  # click passes each option by name
    files: tuple[str, ...],
    distro: str | None,
    root: Path | None,
    addresses: tuple[str, ...],
    timezone: str | None,
    reporting: Reporting,
) -> None:
    """Make a policy of chrony's, systemd-timesyncd's or ntpd's FILEs, whatever is wrong with them."""
    _check_words(addresses, timezone)
    settings, report = _read(files, distro, root)
    text = policy_text(settings, addresses, timezone, report) if settings else None
    _show(report, reporting)
    if text is None:
        sys.exit(WRONG_POLICY)
    write(text.encode(), None)


@click.command()
@files_argument
@distro_option
@root_option
@reporting_options("--format", are_product=True, forms=FOR_SEVERAL_FILES)
def lint(files: tuple[str, ...], distro: str | None, root: Path | None, reporting: Reporting) -> None:
    """Say what is wrong with chrony's, systemd-timesyncd's or ntpd's FILEs."""
    report = _read(files, distro, root)[1].without(ABOUT_CARRYING)
    if _show(report, reporting):
        sys.exit(WRONG_POLICY)


def _read(files: tuple[str, ...], distro: str | None, root: Path | None) -> tuple[Settings | None, Report]:
    """What the files say; exits where one cannot be read."""
    report, release = Report(), release_named(distro) if distro else None
    sources = [text_of("<stdin>" if name == "-" else name, read_bytes(name)) for name in dict.fromkeys(files)]
    try:
        return read_files(sources, Tree(root), release, report), report
    except OSError as error:
        fail(f"cannot read {error.filename}: {error.strerror}")


def _show(report: Report, reporting: Reporting) -> bool:
    """Report the findings of each file that has any; return whether one is an error."""
    errors: list[bool] = []
    for source, findings in report:
        if errors and len(findings) and reporting.form == FOR_PEOPLE:
            click.echo(err=True)
        if len(findings):
            errors.append(reporting.show(findings, source))
    return any(errors)


def _check_words(addresses: tuple[str, ...], timezone: str | None) -> None:
    for address in addresses:
        if not is_host(address):
            raise click.UsageError(f"--address: `{address}` is no host name or IP address")
    if timezone is not None and timezone not in known_timezones():
        raise click.UsageError(f"--timezone: the tz database has no timezone `{timezone}`")
