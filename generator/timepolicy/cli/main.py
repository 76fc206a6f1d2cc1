"""The program: its commands, and how it ends.

Exit status: 0 done, 1 the policy or a checked file is wrong, 2 the command line is wrong, 3 a file cannot be had.
"""

import sys
from typing import NoReturn

import click

from timepolicy import __version__
from timepolicy.cli.catalogue_commands import distros, schema
from timepolicy.cli.diff import diff
from timepolicy.cli.explain_commands import explain, rules
from timepolicy.cli.graph import graph
from timepolicy.cli.import_commands import import_, lint
from timepolicy.cli.init import init
from timepolicy.cli.policy_commands import plan, render, validate
from timepolicy.cli.streams import WRONG_USAGE
from timepolicy.cli.terraform import terraform
from timepolicy.request import RequestError

COMMANDS = (init, validate, render, plan, diff, graph, terraform, import_, lint, explain, rules, distros, schema)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, commands=list(COMMANDS))
@click.version_option(__version__, prog_name="timepolicy")
def cli() -> None:
    """Compile one time policy into everything that a cluster's nodes need to boot with the right time."""


def main() -> NoReturn:
    """Run the program; an interrupted or broken pipe is no traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.UsageError as error:
        error.show()
        sys.exit(WRONG_USAGE)
    except RequestError as error:
        click.UsageError(f"--{error.parameter}: {error}").show()
        sys.exit(WRONG_USAGE)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
