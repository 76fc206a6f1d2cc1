"""Keys that are given to a command, by a file or the environment."""

from collections.abc import Callable

import click
from click.core import ParameterSource

from timepolicy.cli.policy_file import read_bytes
from timepolicy.policy.keys import Keys, MalformedKeyError, read_keys
from timepolicy.product import Product

VARIABLE = "TIMEPOLICY_KEYS_FILE"

keys_option: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--keys",
    envvar=VARIABLE,
    metavar="FILE",
    help=f"Symmetric keys to lay on the node, as chronyd's keyfile has them; {VARIABLE} names them too.",
)


def keys_of(path: str | None) -> Keys | None:
    """Return the keys in a file; exits where there are none."""
    if path is None:
        return None
    try:
        return read_keys(read_bytes(path).decode("ascii"))
    except MalformedKeyError as error:
        raise click.UsageError(f"--keys: {path}: {error}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"--keys: {path} is not ASCII") from None


def stop_unless_laid(made: Product, keys: Keys | None) -> None:
    """Exit where keys are given, and no node of the product needs one; the environment gives them to every policy."""
    is_stated = click.get_current_context().get_parameter_source("keys") is ParameterSource.COMMANDLINE
    if keys is not None and is_stated and not made.is_secret:
        raise click.UsageError("--keys: no source of the policy has a `key` from `authentication.keys_file` there")
