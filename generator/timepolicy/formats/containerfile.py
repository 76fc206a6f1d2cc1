"""A Containerfile: one layer on any image that boots with systemd (such as bootc), without files beside it.

Its here-documents need BuildKit or Buildah 1.33 (Dockerfile reference, here-documents).
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import image_script
from timepolicy.plan.snippets import render_snippet
from timepolicy.plan.types import AgentPlan
from timepolicy.tokens import Token, Verbatim

END = Token("TIMEPOLICY")
"""The delimiter of the here-document with the script, which has here-documents itself."""


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the Containerfile. Building it also installs the packages that the release lacks."""
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


FORMAT = Format(
    name="containerfile", extension="containerfile", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, write=_write
)
