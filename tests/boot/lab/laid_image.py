"""What guests are made of where a scenario or a cluster has an `image`: a tree laid over it, or what Packer builds."""

import logging
from pathlib import Path

from tests.boot.lab import packer
from tests.boot.lab.golden import lay_over
from tests.boot.lab.image import GuestKind, Image, ensure_image
from tests.boot.lab.network import Network
from tests.boot.lab.scenario import LaidImage
from tests.boot.lab.user_data import render

log = logging.getLogger("bootlab")


def laid_image(laid: LaidImage, guest: GuestKind, network: Network, folder: Path) -> Image:
    """Return the image in `folder`, made now if it is not there yet."""
    made = folder / "image"
    if made.exists():
        return Image(made)
    if laid.by == "packer":
        log.info("Packer builds the image")
        return packer.build(laid.policy, guest, network, folder)
    return lay_over(ensure_image(guest), render(laid.policy, guest, "rootfs"), made, sealed=laid.sealed)


def ingredients(laid: LaidImage, guest: GuestKind) -> list[str]:
    """Return all that such an image is made of, beside the guest's own."""
    return [render(laid.policy, guest, "rootfs").hex(), *(packer.ingredients() if laid.by == "packer" else [])]
