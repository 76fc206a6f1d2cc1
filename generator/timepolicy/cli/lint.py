"""`timepolicy lint`: whether the configuration files of a daemon are right."""

import sys
from pathlib import Path

import click

from timepolicy.cli.config_files import config_files, distro_option, files_argument, root_option, show
from timepolicy.cli.help import examples
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY
from timepolicy.configs.pipeline import lint_files


@click.command(
    epilog=examples(
        "timepolicy lint chrony.conf",
        "timepolicy lint --root image --distro rocky-9 image/etc/chrony.conf",
    )
)
@files_argument
@distro_option
@root_option
@reporting_options("--format", are_product=True, forms=FOR_SEVERAL_FILES)
def lint(files: tuple[str, ...], distro: str | None, root: Path | None, reporting: Reporting) -> None:
    """Report what is wrong in FILEs of chrony, systemd-timesyncd or ntpd.

    The files are judged as the daemon of the release reads them.
    """
    if show(config_files(files, distro, root).run(lint_files), reporting):
        sys.exit(WRONG_POLICY)
