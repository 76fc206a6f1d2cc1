"""The provider, and how it is served."""

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
    """It has nothing to configure: what it makes comes from the policy alone."""

    def full_name(self) -> str:
        """Return the source address."""
        return ADDRESS

    def get_model_prefix(self) -> str:
        """Return what the names of its data sources begin with."""
        return "timepolicy_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:  # noqa: ARG002  # its signature
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
        """Return the resources: none, since nothing is made that would have to be kept or deleted."""
        return []

    def get_functions(self) -> list[type[Function]]:
        """Return the functions."""
        return [Render]


def serve() -> None:
    """Answer Terraform until it says that it is done.

    tf keeps the connection's certificate below the home directory, which may be somebody else's, read-only or missing,
    and for days, through which a clock may jump: here it has one of its own each time.
    """
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        runner.run_provider(TimePolicy(), [ADDRESS])
