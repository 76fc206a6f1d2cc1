"""The image of guests where a scenario or a cluster has `image`: with files installed into it, or built by Packer."""

import logging
from pathlib import Path

from tests.boot.lab import packer
from tests.boot.lab.golden import install_tree
from tests.boot.lab.image import GuestKind, Image, ensure_image
from tests.boot.lab.network import Network
from tests.boot.lab.scenario import PreparedImage
from tests.boot.lab.user_data import render

log = logging.getLogger("bootlab")


def prepared_image(prepared: PreparedImage, guest: GuestKind, network: Network, folder: Path) -> Image:
    """Return the image in `folder`, built now if it is missing."""
    image = folder / "image"
    if image.exists():
        return Image(image)
    if prepared.by == "packer":
        log.info("Packer builds the image")
        return packer.build(prepared.policy, guest, network, folder)
    return install_tree(ensure_image(guest), render(prepared.policy, guest, "rootfs"), image, sealed=prepared.sealed)


def ingredients(prepared: PreparedImage, guest: GuestKind) -> list[str]:
    """Return the input of such an image, except for the image of the guest."""
    return [render(prepared.policy, guest, "rootfs").hex(), *(packer.ingredients() if prepared.by == "packer" else [])]
