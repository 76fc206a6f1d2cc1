"""One multipart document for cloud-init of our boothook and of other people's parts."""

from collections.abc import Sequence
from email import encoders, generator
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from io import BytesIO

from timepolicy.formats.boothook import boothook
from timepolicy.formats.mime import BOUNDARY
from timepolicy.plan.types import AgentPlan
from timepolicy.user_data.parts import Part

LONGEST_LINE = 998
"""Of text that is not encoded (RFC 5322, 2.1.1). cloud-init reads the longer lines of our boothook, as in `mime`."""


def joined(plans: Sequence[AgentPlan], others: Sequence[Part]) -> bytes:
    """Return a document with the boothook, and behind it the parts of other user-data as they are, in their order."""
    boundary = BOUNDARY
    while any(f"--{boundary}".encode() in part.content for part in others):
        boundary += "="
    document = MIMEMultipart(boundary=boundary)
    for part in (Part.of("text/cloud-boothook", "timepolicy", boothook(plans).encode()), *others):
        entity = MIMENonMultipart(*part.content_type.split("/", 1))
        is_plain = part.content.isascii() and b"\0" not in part.content
        if is_plain and (part.filename == "timepolicy" or max(map(len, part.content.split(b"\n"))) <= LONGEST_LINE):
            entity.set_payload(part.content.decode("ascii"))
            entity["Content-Transfer-Encoding"] = "7bit"
        else:
            entity.set_payload(part.content)
            encoders.encode_base64(entity)
        if part.filename:
            entity.add_header("Content-Disposition", "attachment", filename=part.filename)
        document.attach(entity)
    text = BytesIO()
    generator.BytesGenerator(text, mangle_from_=False, maxheaderlen=0).flatten(document)
    return text.getvalue()
