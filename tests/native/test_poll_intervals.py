"""TP096: how often a chronyd asks a source whose `maxpoll` is below its default of `minpoll`."""

from pathlib import Path

import pytest

from tests.boot.lab.network import Network
from tests.helpers.chronyd import chronyc, chronyd
from tests.helpers.programs import need, need_root
from timepolicy.rules.sources import CHRONYD_MIN_POLL
from timepolicy.tokens import Duration


@pytest.mark.parametrize(
    ("options", "interval"),
    [
        ("maxpoll 4", "64s"),
        ("maxpoll 6", "64s"),
        ("minpoll 4 maxpoll 4", "16s"),
        ("", "64s"),
    ],
)
def test_chronyd_raises_a_longest_interval_below_its_shortest(options: str, interval: str, tmp_path: Path) -> None:
    need("ip")
    need("chronyc")
    need_root()
    with Network([]) as network, chronyd(network, tmp_path, [f"server 192.0.2.1 {options}"]) as socket:
        row = next(line for line in chronyc(socket, ["sources"]) if "192.0.2.1" in line)
    seconds = 2 ** int(row.split()[3])
    assert f"{seconds}s" == interval
    assert (Duration.parse(f"{seconds}s") == CHRONYD_MIN_POLL) == ("minpoll" not in options)
