"""A Containerfile: one layer over any image that boots with systemd (bootc and the like). It copies no other file.

A here-document needs BuildKit or Buildah 1.33 (Dockerfile reference, here-documents).
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import image_script
from timepolicy.plan.snippets import render_snippet
from timepolicy.plan.types import AgentPlan
from timepolicy.tokens import Token, Verbatim

END = Token("TIMEPOLICY")
"""What ends the here-document around the script, which has here-documents of its own."""


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the Containerfile. The packages that the release lacks are installed while the image is built."""
    (plan,) = plans
    script = image_script(*plans)
    assert END not in script.splitlines()
    return render_snippet(
        "shell/Containerfile.j2",
        header=Verbatim(header(plans)),
        install=Verbatim(plan.install) if plan.install else None,
        end=END,
        script=Verbatim(script),
    ).encode()


FORMAT = Format(name="containerfile", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, write=_write)
