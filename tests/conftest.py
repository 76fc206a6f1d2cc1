"""What holds for every test: options, the marker `native`, and what generated tests do in CI."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.helpers", "tests.boot.lab", "bench")

from tests.helpers import assertions, programs  # noqa: E402  # the assertions of helpers count too

HERE = Path(__file__).parent
NATIVE = HERE / "native"

assertions.count_raises()
assertions.remove_stale_bytecode(HERE, HERE.parent / "pyproject.toml")

settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI") == "true":
    # the same examples each time: new ones are for a developer, who can fix what they find
    settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files that differ, and fail")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(NATIVE):
            item.add_marker(pytest.mark.native)
    if "long" not in config.getoption("markexpr"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    boots = [item for item in items if item.get_closest_marker("boot")]
    # guests come last, when other tests no longer take the processors
    items[:] = [item for item in items if not item.get_closest_marker("boot")] + boots


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    programs.running[:] = [item]
    try:
        return (yield)
    finally:
        programs.running.clear()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    with assertions.required():
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for outcome in ("skipped", "failed", "error") for report in terminalreporter.getreports(outcome)]
    missing = [names for report in reports if (names := programs.missing(report))]
    if missing:
        terminalreporter.section("missing on this machine")
        names = sorted({name for each in missing for name in each})
        terminalreporter.line(f"{', '.join(names)}: {len(missing)} tests did not run")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.helpers.schedule import Schedule  # only with pytest-xdist

    config.option.loadscopereorder = False  # guests stay last
    return Schedule(config, log)
