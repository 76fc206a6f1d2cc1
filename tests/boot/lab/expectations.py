"""Compare a boot with the expectations of its scenario; each message has the expected and the measured value."""

import json
from collections.abc import Iterable, Iterator

from jsonschema.validators import validator_for

from tests.boot.lab.probe import RIGHT_WITHIN_S
from tests.boot.lab.result import BootResult, Start, StepOutcome
from tests.boot.lab.scenario import BootPlan, Expectation, Step
from timepolicy.resources import SCHEMAS


def broken_by_boot(plans: list[BootPlan], results: list[BootResult]) -> list[list[str]]:
    """List for each boot of a run what was expected and not seen, in it and against those before it."""
    return [
        [*broken_expectations(plan, result), *repeated(plan, result, results[:number])]
        for number, (plan, result) in enumerate(zip(plans, results, strict=True))
    ]


def broken_expectations(plan: BootPlan, result: BootResult) -> list[str]:
    """List what was expected and not seen; nothing when the boot was as it must be."""
    expect = plan.expect
    if plan.cut_power is not None:
        return [*_condition(result), *_wrong_starts(result.starts)]
    return [
        *_condition(result),
        *_numbers_of_starts(expect, result),
        *_wrong_starts(start for label in expect.started_right for start in result.starts_of(label)),
        *_delays(expect, result),
        *_blocked(expect, result),
        *_end(expect, result),
        *_node_report(expect, result),
        *unmet_steps(plan.afterwards, result.afterwards),
        *_disk(expect, result),
    ]


def _condition(result: BootResult) -> Iterator[str]:
    if not result.condition_met:
        yield "the deadline passed before all that ends the scenario had happened"


def _numbers_of_starts(expect: Expectation, result: BootResult) -> Iterator[str]:
    for label in expect.started_right:
        if (number := len(result.starts_of(label))) != 1:
            yield f"{label} must start once, and started {number} times"


def _wrong_starts(starts: Iterable[Start]) -> Iterator[str]:
    for start in starts:
        if abs(start.error_s) >= RIGHT_WITHIN_S:
            yield f"{start.label} started at {start.at_s:.1f} s with a clock wrong by {start.error_s:.3f} s"
        if not start.flag_clear:
            yield f"{start.label} started at {start.at_s:.1f} s with the kernel saying 'unsynchronised'"


def _delays(expect: Expectation, result: BootResult) -> Iterator[str]:
    limit_s = expect.started_after_answers_within_s
    if limit_s is None:
        return
    if result.answers_began_at_s is None:
        yield "no NTP server began to answer"
        return
    for label in expect.started_right:
        for start in result.starts_of(label):
            delay_s = start.at_s - result.answers_began_at_s
            if not 0 <= delay_s <= limit_s:
                yield f"{label} started {delay_s:.1f} s after answers began, not within {limit_s:.0f} s"


def _blocked(expect: Expectation, result: BootResult) -> Iterator[str]:
    if expect.blocked is None:
        return
    if result.blocked is None:
        yield "the node was not looked at while it was blocked: the deadline came first"
        return
    for label in expect.blocked.not_started:
        if label in result.blocked.started:
            yield f"{label} had started while the node had to be blocked"
    texts = {output.command: output.output for output in result.blocked.outputs} | {"console": result.blocked.console}
    for place, text in texts.items():
        for part in expect.blocked.output_has:
            if part not in text:
                yield f"while blocked, {place} did not print {part!r}, but:\n{text[-3000:]}"
    if result.blocked.login is False:
        yield "nobody could log in on the console while the node was blocked"


def _end(expect: Expectation, result: BootResult) -> Iterator[str]:
    if expect.clock_right_at_end is not None:
        off = result.end_error_s is None or abs(result.end_error_s) >= RIGHT_WITHIN_S
        right = not off and result.end_flag_clear
        if right != expect.clock_right_at_end:
            yield f"clock right at end: {right} (off by {result.end_error_s} s)"
    if expect.failed_units is not None and result.failed_units != expect.failed_units:
        yield f"failed units: {result.failed_units}, expected {expect.failed_units}"
    if expect.one_daemon and len(result.active_daemons) != 1:
        yield f"one time daemon must run, and these do: {result.active_daemons}"
    if result.login is False:
        yield "nobody could log in on the console"


def _node_report(expect: Expectation, result: BootResult) -> Iterator[str]:
    if expect.verdict is not None and result.verdict != expect.verdict:
        yield f"the node's verdict is {result.verdict!r}, expected {expect.verdict!r}"
    if result.node_report is not None:
        schema = json.loads((SCHEMAS / "report.schema.json").read_text())
        yield from (
            f"the node's report: {error.message}"
            for error in validator_for(schema)(schema).iter_errors(result.node_report)
        )


def _disk(expect: Expectation, result: BootResult) -> Iterator[str]:
    if expect.sealed and result.left_on_disk != "":
        yield f"the disk of the machine that is off is not sealed: {result.left_on_disk}"


def repeated(plan: BootPlan, result: BootResult, earlier: list[BootResult]) -> Iterator[str]:
    """List the steps whose output had to be another than in all earlier boots and was not."""
    before = {(seen.command, seen.output) for boot in earlier for seen in boot.afterwards}
    for step, seen in zip(plan.afterwards, result.afterwards, strict=False):
        if step.unlike_before and (seen.command, seen.output) in before:
            yield f"`{step.run}` printed what it had printed in an earlier boot: {seen.output}"


def unmet_steps(steps: list[Step], outcomes: list[StepOutcome]) -> Iterator[str]:
    """Say what the steps at the end of a boot were to show and did not."""
    if len(steps) != len(outcomes):
        yield "the steps afterwards could not be done: the guest takes no commands"
        return
    for step, seen in zip(steps, outcomes, strict=True):
        for part in step.has:
            if part not in seen.output:
                yield f"`{step.run}` did not print {part!r}, but:\n{seen.output}"
        for part in step.lacks:
            if part in seen.output:
                yield f"`{step.run}` printed {part!r}:\n{seen.output}"
        if step.status is not None and seen.status != step.status:
            yield f"`{step.run}` ended with status {seen.status}, not {step.status}:\n{seen.output}"
        if not seen.clock_right:
            yield f"after `{step.run}` the clock was not right within {step.clock_right_within_s} s"
