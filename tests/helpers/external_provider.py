"""A replacement for the provider hashicorp/external, which a test cannot download: its one data source.

It does what the provider's documentation says: run `program` with the query as JSON on standard input, take a flat
object of strings from standard output, and on any other exit status than 0 fail with what standard error says.
"""

import json
import subprocess
from typing import Any

from tf import runner
from tf.iface import DataSource, Provider
from tf.schema import Attribute, Schema
from tf.types import List, Map, String


class External(DataSource):
    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        return ""  # the type is `external`, without more

    @classmethod
    def get_schema(cls) -> Any:
        return Schema(
            attributes=[
                Attribute("program", List(String()), required=True),
                Attribute("query", Map(String()), optional=True),
                Attribute("working_dir", String(), optional=True),
                Attribute("id", String(), computed=True),
                Attribute("result", Map(String()), computed=True),
            ]
        )

    def read(self, ctx: Any, config: Any) -> Any:
        query = json.dumps(config.get("query") or {})
        done = subprocess.run(config["program"], input=query, capture_output=True, text=True, check=False)
        if done.returncode:
            ctx.diagnostics.add_error("External Program Execution Failed", done.stderr, path=["program"])
            return None
        result = json.loads(done.stdout)
        if not isinstance(result, dict) or not all(isinstance(value, str) for value in result.values()):
            ctx.diagnostics.add_error("Unexpected External Program Results", "no flat object of strings")
            return None
        return {**config, "id": "-", "result": result}


class Stub(Provider):
    def get_model_prefix(self) -> str:
        return "external"

    def full_name(self) -> str:
        return "hashicorp/external"

    def get_provider_schema(self, diags: Any) -> Any:  # noqa: ARG002  # its signature
        return Schema()

    def validate_config(self, diags: Any, config: Any) -> None: ...

    def configure_provider(self, diags: Any, config: Any) -> None: ...

    def get_data_sources(self) -> list[Any]:
        return [External]

    def get_resources(self) -> list[Any]:
        return []


if __name__ == "__main__":
    runner.run_provider(Stub())
