"""The program: its commands, and how it ends.

Exit status: 0 done, 1 the policy or a checked file is wrong, 2 the command line is wrong, 3 a file cannot be read or
written; 130 interrupted, 141 nobody reads standard output any more, as shells report SIGINT and SIGPIPE.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from timepolicy import __version__
from timepolicy.cli.streams import WRONG_USAGE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "init": "Print a policy to start with.",
    "validate": "Check each POLICY on every release and in every role.",
    "fmt": "Write each POLICY in its normal form, with its comments.",
    "render": "Compile POLICY for one kind of node.",
    "show": "Show what one node gets: what it does, and its files.",
    "plan": "Show what each kind of node gets, with sizes.",
    "diff": "Show what changes on which nodes from policy OLD to NEW.",
    "graph": "Draw which nodes take time from which.",
    "terraform": "Answer Terraform's external data source.",
    "import": "Print a policy made from FILEs of chrony, systemd-timesyncd or ntpd.",
    "lint": "Report what is wrong in FILEs of chrony, systemd-timesyncd or ntpd.",
    "fleet": "Show the clock of every node that Prometheus scrapes, the worst first.",
    "monitoring": "Write rules, alerts and a dashboard about the clocks of POLICY's nodes.",
    "compliance": "Judge the nodes of POLICY by the time rules of a benchmark.",
    "explain": "Explain a rule, or where the lines of a file come from.",
    "rules": "List every rule with its code, severity and title.",
    "distros": "List the distribution releases, and what is assumed about them.",
    "doctor": "Examine nodes by ssh and say why they do not keep the right time.",
    "schema": "Print the JSON Schema of policies, or a reference made from it.",
}
"""Each command and its help in one line: a list of commands must not load them all. A command's module has its name."""


class Commands(click.Group):
    """Loads the module of a command only when the command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # the signature is click's
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command from its module; None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        name = "import_" if cmd_name == "import" else cmd_name
        command: click.Command = getattr(import_module(f"timepolicy.cli.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` begin with; without one, raise click.UsageError with the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from timepolicy.document.spelling import nearest

            name = nearest(args[0], COMMANDS)
            hint = f"did you mean {name}?" if name else "`timepolicy --help` lists them"
            raise click.UsageError(f"there is no command {args[0]}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with `incomplete`, and the options of the program."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, prog_name="timepolicy")
def cli() -> None:
    """Compile one time policy into everything that a cluster's nodes need to boot with the right time."""


def main() -> NoReturn:
    """Run the program; an interrupt or a closed pipe ends it without a traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.UsageError as error:
        error.show()
        sys.exit(WRONG_USAGE)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except ValueError as error:
        from timepolicy.request import RequestError

        if not isinstance(error, RequestError):
            raise
        click.UsageError(f"--{error.parameter}: {error}").show()
        sys.exit(WRONG_USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
