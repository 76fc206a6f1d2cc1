"""A replacement for the provider hashicorp/cloudinit, which a test cannot download: its data source cloudinit_config.

It joins parts as the provider's documentation says, with the lines of Go's mime/multipart: CRLF in headers only.
"""

import base64
import gzip
from typing import Any

from tf import runner
from tf.blocks import SetNestedBlock
from tf.iface import DataSource, Provider
from tf.schema import Attribute, Block, Schema
from tf.types import Bool, String

BOUNDARY = "MIMEBOUNDARY"


class Config(DataSource):
    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        return "config"

    @classmethod
    def get_schema(cls) -> Any:
        of_part = [Attribute(name, String(), optional=True) for name in ("content_type", "content", "filename")]
        switches = [Attribute(name, Bool(), optional=True) for name in ("gzip", "base64_encode")]
        rendered = Attribute("rendered", String(), computed=True)
        return Schema([*switches, rendered], block_types=[SetNestedBlock("part", Block(of_part))])

    def read(self, ctx: Any, config: Any) -> Any:  # noqa: ARG002  # its signature
        text = f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"\nMIME-Version: 1.0\r\n'
        for part in config["part"]:
            text += f"\r\n--{BOUNDARY}\r\n"
            if part["filename"]:
                text += f'Content-Disposition: attachment; filename="{part["filename"]}"\r\n'
            text += "Content-Transfer-Encoding: 7bit\r\n"
            text += (
                f"Content-Type: {part['content_type'] or 'text/plain'}\r\nMime-Version: 1.0\r\n\r\n{part['content']}"
            )
        content = f"{text}\r\n--{BOUNDARY}--\r\n".encode()
        content = content if config["gzip"] is False else gzip.compress(content)
        encoded = base64.b64encode(content) if config["base64_encode"] is not False else content
        return {**config, "rendered": encoded.decode()}


class CloudInit(Provider):
    def get_model_prefix(self) -> str:
        return "cloudinit_"

    def full_name(self) -> str:
        return "cloudinit"

    def get_provider_schema(self, diags: Any) -> Any:  # noqa: ARG002  # its signature
        return Schema()

    def validate_config(self, diags: Any, config: Any) -> None: ...

    def configure_provider(self, diags: Any, config: Any) -> None: ...

    def get_data_sources(self) -> list[Any]:
        return [Config]

    def get_resources(self) -> list[Any]:
        return []


if __name__ == "__main__":
    runner.run_provider(CloudInit())
