"""`timepolicy import`: a policy from the configuration files of a daemon."""

import sys
from pathlib import Path

import click

from timepolicy.cli.config_files import config_files, distro_option, files_argument, root_option, show
from timepolicy.cli.help import examples
from timepolicy.cli.options import output_option, refuse_to_replace
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, write
from timepolicy.configs.pipeline import import_files
from timepolicy.configs.settings import is_host
from timepolicy.facts.timezones import known_timezones


@click.command(
    "import",
    epilog=examples(
        "timepolicy import -o timepolicy.yaml chrony.conf",
        "timepolicy import --root image --distro rocky-9 image/etc/chrony.conf",
        "timepolicy import --address 10.2.12.11 --timezone Asia/Shanghai server.conf",
    ),
)
@files_argument
@distro_option
@root_option
@click.option(
    "--address",
    "addresses",
    multiple=True,
    metavar="A",
    help="The server's name or IP address as its clients know it, for files of a server.",
)
@click.option(
    "--timezone", metavar="Z", help="The timezone of the policy, which the files do not have.  [default: UTC]"
)
@reporting_options("--findings", are_product=False, forms=FOR_SEVERAL_FILES)
@output_option
def import_(  # noqa: PLR0913, PLR0917  # click passes each option by name
    files: tuple[str, ...],
    distro: str | None,
    root: Path | None,
    addresses: tuple[str, ...],
    timezone: str | None,
    reporting: Reporting,
    output: Path | None,
) -> None:
    """Print a policy made from FILEs of chrony, systemd-timesyncd or ntpd.

    It is made even if the files have mistakes, which are reported. With --strict they are also the exit status.
    """
    refuse_to_replace(output, *files)
    for address in addresses:
        if not is_host(address):
            raise click.UsageError(f"--address: `{address}` is no host name or IP address")
    if timezone is not None and timezone not in known_timezones():
        raise click.UsageError(f"--timezone: the tz database has no timezone `{timezone}`")
    imported = config_files(files, distro, root).run(import_files, addresses, timezone)
    has_errors = show(imported.reports, reporting)
    if imported.policy is not None:
        write(imported.policy.encode(), output)
    if imported.policy is None or (reporting.strict and has_errors):
        sys.exit(WRONG_POLICY)
