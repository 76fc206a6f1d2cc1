"""The archive of files for images."""

import io
import tarfile

import pytest

from tests.helpers.install_root import PLANS
from timepolicy.formats import FORMATS
from timepolicy.plan.types import AgentPlan


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_archive_is_roots_and_of_no_time(plan: AgentPlan) -> None:
    with tarfile.open(fileobj=io.BytesIO(FORMATS["rootfs"].render(plan))) as tar:
        members = tar.getmembers()
    assert {(member.uid, member.gid, member.uname, member.mtime) for member in members} == {(0, 0, "root", 0)}
    assert not [member.name for member in members if member.isdir() or member.name.startswith("/")]
    assert [member.name for member in members] == sorted(member.name for member in members)
