"""The provider, and the program that serves it."""

import os
import tempfile
from typing import Any

from tf import runner
from tf.function import Function
from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from timepolicy.terraform.mirror import ADDRESS
from timepolicy.terraform.render_function import Render
from timepolicy.terraform.user_data import UserData


class TimePolicy(Provider):
    """It has nothing to configure: its output depends on the policy alone."""

    def full_name(self) -> str:
        """Return the source address."""
        return ADDRESS

    def get_model_prefix(self) -> str:
        """Return what the names of its data sources begin with."""
        return "timepolicy_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:  # noqa: ARG002  # Provider's signature
        """Return the attributes of a configuration: none."""
        return Schema()

    def validate_config(self, diags: Diagnostics, config: dict[str, Any]) -> None:
        """Accept the empty configuration."""

    def configure_provider(self, diags: Diagnostics, config: dict[str, Any]) -> None:
        """Keep nothing."""

    def get_data_sources(self) -> list[type[DataSource]]:
        """Return the data sources."""
        return [UserData]

    def get_resources(self) -> list[type[Resource]]:
        """Return the resources: none, since Terraform has nothing to keep or to delete."""
        return []

    def get_functions(self) -> list[type[Function]]:
        """Return the functions."""
        return [Render]


def serve() -> None:
    """Serve Terraform until it ends the connection.

    tf keeps the connection's certificate below the home directory, which may belong to another user, be read-only or
    missing, and for days, in which a clock may jump. So each run has a home directory of its own.
    """
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        runner.run_provider(TimePolicy(), [ADDRESS])
