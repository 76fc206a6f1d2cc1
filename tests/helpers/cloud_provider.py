"""Replacements for the providers of clouds, which a test cannot download: the resources that our examples use.

`cloud_provider.py NAME` serves the provider NAME. Its resources have the attributes and blocks of the provider's
documentation that the examples use, and refuse user-data that the cloud would refuse: badly encoded, or too large.
"""

import base64
import binascii
import sys
from collections.abc import Callable
from typing import Any

from tf import runner
from tf.blocks import SetNestedBlock
from tf.iface import DataSource, Provider, Resource
from tf.schema import Attribute, Block, Schema
from tf.types import Bool, List, Map, Number, String

STRING, NUMBER, BOOL, STRINGS = String(), Number(), Bool(), Map(String())

Shape = dict[str, Any]
"""Each attribute with its type, and each block with its shape."""

State = dict[str, Any]

AWS = {"name_prefix": STRING, "image_id": STRING, "user_data": STRING}
AZURE = {
    **dict.fromkeys(("name", "resource_group_name", "location", "sku", "admin_username", "custom_data"), STRING),
    "instances": NUMBER,
    "admin_ssh_key": {"username": STRING, "public_key": STRING},
    "source_image_reference": dict.fromkeys(("publisher", "offer", "sku", "version"), STRING),
    "os_disk": {"storage_account_type": STRING, "caching": STRING},
    "network_interface": {
        "name": STRING,
        "primary": BOOL,
        "ip_configuration": {"name": STRING, "primary": BOOL, "subnet_id": STRING},
    },
}
GOOGLE = {
    "name_prefix": STRING,
    "machine_type": STRING,
    "metadata": STRINGS,
    "disk": {"source_image": STRING},
    "network_interface": {"network": STRING},
}
OPENSTACK = {
    "name": STRING,
    "image_name": STRING,
    "flavor_name": STRING,
    "user_data": STRING,
    "network": {"name": STRING},
}
LIBVIRT_DISK = {"name": STRING, "user_data": STRING}
LIBVIRT_DOMAIN = {"name": STRING, "memory": NUMBER, "cloudinit": STRING}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"this is no base64: {error}") from error


RESOURCES: dict[str, dict[str, tuple[Shape, Callable[[State], bytes], int]]] = {
    "aws": {"launch_template": (AWS, lambda state: _decoded(state["user_data"]), 16_384)},
    "azurerm": {
        "linux_virtual_machine_scale_set": (AZURE, lambda state: _decoded(state["custom_data"]), 65_535),
    },
    "google": {
        "compute_instance_template": (GOOGLE, lambda state: state["metadata"]["user-data"].encode(), 262_144),
    },
    "openstack": {
        "compute_instance_v2": (OPENSTACK, lambda state: base64.b64encode(state["user_data"].encode()), 65_535),
    },
    "libvirt": {
        "cloudinit_disk": (LIBVIRT_DISK, lambda state: state["user_data"].encode(), 1 << 20),
        "domain": (LIBVIRT_DOMAIN, lambda _: b"", 0),
    },
}
"""For each provider its resources: the shape, what the cloud receives as user-data, and its limit in bytes."""


def _block(shape: Shape) -> Block:
    attributes = [Attribute(name, kind, optional=True) for name, kind in shape.items() if not isinstance(kind, dict)]
    blocks = [SetNestedBlock(name, _block(kind)) for name, kind in shape.items() if isinstance(kind, dict)]
    return Block(attributes, blocks)


class _Resource(Resource):
    """One resource of a cloud; the subclasses created below say which."""

    name: str
    shape: Shape
    received: Callable[[State], bytes]
    limit: int

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        return cls.name

    @classmethod
    def get_schema(cls) -> Any:
        block = _block(cls.shape)
        return Schema([*block.attributes, Attribute("id", STRING, computed=True)], block_types=block.block_types)

    def create(self, ctx: Any, planned: State) -> State | None:
        try:
            size = len(type(self).received(planned))
        except (KeyError, ValueError) as error:
            ctx.diagnostics.add_error("Refused", str(error))
            return None
        if size > self.limit:
            ctx.diagnostics.add_error("Refused", f"{size} bytes of user-data are more than {self.limit}")
            return None
        return {**planned, "id": "made"}

    def read(self, ctx: Any, current: State) -> State:  # noqa: ARG002  # its signature
        return current

    def update(self, ctx: Any, current: State, planned: State) -> State | None:  # noqa: ARG002
        return self.create(ctx, planned)

    def delete(self, ctx: Any, current: State) -> None: ...


class Images(DataSource):
    """The images of an account, of which there is one: `aws_ami`."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        return "ami"

    @classmethod
    def get_schema(cls) -> Any:
        filters = [Attribute("owners", List(STRING), optional=True), Attribute("most_recent", BOOL, optional=True)]
        block = Block([Attribute("name", STRING, required=True), Attribute("values", List(STRING), required=True)])
        return Schema([*filters, Attribute("id", STRING, computed=True)], block_types=[SetNestedBlock("filter", block)])

    def read(self, ctx: Any, config: State) -> State:  # noqa: ARG002  # its signature
        return {**config, "id": "ami-made-by-packer"}


class Cloud(Provider):
    def __init__(self, name: str) -> None:
        self.name = name

    def get_model_prefix(self) -> str:
        return f"{self.name}_"

    def full_name(self) -> str:
        return self.name

    def get_provider_schema(self, diags: Any) -> Any:  # noqa: ARG002  # its signature
        return Schema()

    def validate_config(self, diags: Any, config: Any) -> None: ...

    def configure_provider(self, diags: Any, config: Any) -> None: ...

    def get_data_sources(self) -> list[Any]:
        return [Images] if self.name == "aws" else []

    def get_resources(self) -> list[Any]:
        return [
            type(name, (_Resource,), {"name": name, "shape": shape, "received": staticmethod(received), "limit": limit})
            for name, (shape, received, limit) in RESOURCES[self.name].items()
        ]


if __name__ == "__main__":
    runner.run_provider(Cloud(sys.argv[1]))
