"""The shells that install a plan, and a root directory for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.doctor import Cluster, cluster_in
from tests.helpers.install_root import STUB
from tests.helpers.programs import need, need_root


@pytest.fixture(params=["dash", "bash --posix", "busybox sh"])
def shell(request: pytest.FixtureRequest) -> str:
    need(str(request.param).split()[0])
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    need_root()
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub/systemctl").write_text(STUB)
    (tmp_path / "stub/systemctl").chmod(0o755)
    return tmp_path


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with cluster_in(tmp_path) as made:
        yield made
