import logging

import pytest

from tests.boot.lab.cluster import Cluster, all_clusters
from tests.boot.lab.cluster_run import all_broken, run_cluster
from tests.boot.lab.run import results_folder

pytestmark = [pytest.mark.boot, pytest.mark.long, pytest.mark.usefixtures("able_machine")]


@pytest.mark.parametrize("cluster", all_clusters(), ids=lambda cluster: cluster.name)
def test_cluster(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bootlab")
    assert list(all_broken(run_cluster(cluster, results_folder()))) == []
