"""One multipart document for cloud-init of our parts and of other people's."""

from collections.abc import Sequence
from email import encoders, generator
from email.message import Message
from email.mime.multipart import MIMEMultipart
from io import BytesIO

from timepolicy.formats._yaml import as_yaml
from timepolicy.formats.boothook import boothook
from timepolicy.formats.mime import BOUNDARY
from timepolicy.plan.types import AgentPlan
from timepolicy.user_data.parts import CLOUD_CONFIG, NODEADM, Part

NO_NTP_MODULE = "#cloud-config\n" + as_yaml({"ntp": {"enabled": False}})
"""Vendor-data may switch on a module of cloud-init that would write another configuration after ours."""


def joined(plans: Sequence[AgentPlan], others: Sequence[Part]) -> bytes:
    """Return a document with our parts, and behind them the parts of other user-data as they are, in their order."""
    boundary = BOUNDARY
    while any(f"--{boundary}".encode() in part.content for part in others):
        boundary += "="
    document = MIMEMultipart(boundary=boundary)
    document.attach(_entity("text/cloud-boothook", "timepolicy", boothook(plans).encode()))
    document.attach(_entity(CLOUD_CONFIG, "timepolicy.cfg", NO_NTP_MODULE.encode()))
    for part in others:
        entity = _entity(part.content_type, part.filename, part.content)
        for name, value in part.headers:
            entity[name] = value
        document.attach(entity)
    text = BytesIO()
    generator.BytesGenerator(text, mangle_from_=False, maxheaderlen=0).flatten(document)
    return text.getvalue()


def _entity(content_type: str, filename: str | None, content: bytes) -> Message:
    """One part. Lines may be longer than in mail: neither cloud-init nor nodeadm has a limit.

    nodeadm decodes no transfer encoding, so that its part stands there as it is, except that lines end with LF.
    """
    entity = Message()
    entity["Content-Type"] = content_type
    is_plain = content.isascii() and b"\0" not in content and b"\r" not in content
    if is_plain or (content_type == NODEADM and _is_utf_8(content)):
        entity["Content-Transfer-Encoding"] = "7bit" if content.isascii() else "8bit"
        entity.set_payload(content.decode("ascii", "surrogateescape"))
    else:
        entity.set_payload(content)
        encoders.encode_base64(entity)
    if filename:
        entity.add_header("Content-Disposition", "attachment", filename=filename)
    return entity


def _is_utf_8(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
