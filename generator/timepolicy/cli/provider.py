"""The program that Terraform starts as a provider: `terraform-provider-timepolicy [VERSION]`."""

import importlib.util
import os
import sys
from typing import NoReturn

import click

from timepolicy import __version__
from timepolicy.cli.streams import WRONG_USAGE

COOKIE = "TF_PLUGIN_MAGIC_COOKIE"
"""What Terraform sets for its plugins (github.com/hashicorp/terraform, docs/plugin-protocol)."""


def main() -> NoReturn:
    """Serve, or print why not, to standard output: Terraform shows nothing else of a plugin that fails."""
    reason = _reason(sys.argv[1:])
    if reason:
        click.echo(f"terraform-provider-timepolicy: {reason}", err=COOKIE not in os.environ)
        sys.exit(WRONG_USAGE)
    from timepolicy.terraform.provider import serve  # it needs an extra

    serve()
    sys.exit(0)


def _reason(words: list[str]) -> str | None:
    """Why this program cannot be the requested provider, or None."""
    if words not in ([], [__version__]):
        version = " ".join(words)
        return f"this is {__version__}, and the mirror asks for {version}; `timepolicy terraform --mirror` renews it"
    if importlib.util.find_spec("tf") is None:
        return "pip install 'timepolicy[terraform]' brings what it needs"
    if COOKIE not in os.environ:
        return "Terraform starts this program; `timepolicy terraform --mirror FOLDER` puts it where Terraform looks"
    return None
