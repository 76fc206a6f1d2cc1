"""The examples in the help of `timepolicy fleet`, with a real Prometheus in place of the one that they name."""

import re
import shlex
from pathlib import Path

from tests.helpers.command_line import timepolicy
from tests.helpers.fleet import Made, scraped
from tests.helpers.programs import need

URL = "http://prometheus:9090"


def test_the_examples_of_fleet_run(tmp_path: Path) -> None:
    text = timepolicy("fleet", "--help").stdout.decode()
    examples = re.findall(r"^    timepolicy (.*)$", text.partition("\n  Examples:\n")[2], flags=re.MULTILINE)
    assert len(examples) > 1
    with scraped(need("prometheus"), tmp_path, {f"right{number}": Made() for number in range(3)}) as url:
        for example in examples:
            assert URL in example
            done = timepolicy(*shlex.split(example.replace(URL, url)))
            assert (done.returncode, done.stderr) == (0, b"")
            assert done.stdout
