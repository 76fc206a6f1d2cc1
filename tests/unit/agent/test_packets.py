"""What the agent makes of packets and of sets of answers, whatever they are."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timepolicy.agent.measurement import selection
from timepolicy.agent.ntp import Answer, read_answer, unix_time

NONCE = bytes(range(8))


@given(st.binary(max_size=100))
def test_any_packet_is_judged(packet: bytes) -> None:
    answer = read_answer("a", "192.0.2.1", packet, {NONCE: 0.0}, 0.1, 16)
    assert answer is None or packet[24:32] == NONCE


@given(st.binary(min_size=24, max_size=24), st.binary(min_size=16, max_size=60))
def test_any_answer_to_our_question_is_judged(head: bytes, tail: bytes) -> None:
    packet = bytes([head[0] & 0xF8 | 4]) + head[1:] + NONCE + tail
    answer = read_answer("a", "192.0.2.1", packet, {NONCE: 0.0}, 0.1, 16)
    assert answer is not None
    if not answer.problem:
        assert 0 < packet[1] < 16
        assert packet[0] >> 6 != 3
        assert answer.distance >= 0


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        (bytes(4), "answered, but unsynchronised (stratum 0, leap 3)"),
        (b"INIT", "answered, but unsynchronised (stratum 0, leap 3)"),
        (b"STEP", "answered, but unsynchronised (stratum 0, leap 3)"),
        (b"RATE", "answer refused (RATE)"),
        (b"DENY", "answer refused (DENY)"),
        (b"RSTR", "answer refused (RSTR)"),
    ],
    ids=["a chronyd without time", "an ntpd that starts", "an ntpd that steps", "RATE", "DENY", "RSTR"],
)
def test_only_some_kiss_codes_are_refusals(reference: bytes, problem: str) -> None:
    """RFC 5905, 7.4; chronyd without time answers with no reference at all."""
    packet = b"\xe4\0\6\xec" + bytes(8) + reference + bytes(8) + NONCE + bytes(16)
    answer = read_answer("a", "192.0.2.1", packet, {NONCE: 0.0}, 0.1, 16)
    assert answer is not None
    assert answer.problem == problem


@pytest.mark.parametrize(
    ("seconds", "fraction", "unix"),
    {
        "2026": (3_976_000_000, 0, 1_767_011_200.0),
        "the last second of era 0": (2**32 - 1, 2**31, 2_085_978_495.5),
        "the first second of era 1, in 2036": (0, 0, 2_085_978_496.0),
        "2040": (125_000_000, 0, 2_210_978_496.0),
    }.values(),
    ids=["2026", "end of era 0", "start of era 1", "2040"],
)
def test_stamps_of_both_eras(seconds: int, fraction: int, unix: float) -> None:
    stamp = struct.unpack("!Q", struct.pack("!II", seconds, fraction))[0]
    assert unix_time(stamp) == pytest.approx(unix, abs=1e-5)


def test_an_honest_majority_is_believed() -> None:
    """100,000 elections: honest answers are right within what they claim, liars say and claim anything.

    Then the believed time is in an honest interval, and the truth is within the bound of its error.
    """
    chance = random.Random(5905)
    truth, slack = 1000.0, 0.01
    for _ in range(100_000):
        honest = [
            (distance := 10 ** chance.uniform(-5, 0.4), chance.uniform(-distance, distance))
            for _ in range(chance.randint(1, 6))
        ]
        lies = [
            (10 ** chance.uniform(-7, 0.4), chance.choice((1, -1)) * 10 ** chance.uniform(-5, chance.choice((1, 8))))
            for _ in range(chance.randrange(len(honest)))
        ]
        answers = [Answer("", "", truth + offset, distance, None) for distance, offset in honest + lies]
        chance.shuffle(answers)
        agreeing, middle, bound = selection(answers, slack)
        assert agreeing >= len(honest)
        assert any(abs(middle - truth - offset) <= distance + slack + 1e-6 for distance, offset in honest)
        assert abs(middle - truth) <= bound + 1e-6


@pytest.mark.parametrize(
    ("intervals", "agreeing", "middle", "bound"),
    {
        "one": ([(5, 1)], 1, 5, 1),
        "equal ones": ([(5, 1), (5, 1)], 2, 5, 1),
        "two that touch": ([(5, 1), (7, 1)], 2, 6, 0),
        "two apart": ([(5, 1), (9, 1)], 1, 7, 3),
        "three, one far away": ([(5, 1), (5.5, 1), (99, 1)], 2, 5.25, 0.75),
        "three: the truth may be in any two": ([(0, 3), (2, 3), (4, 3)], 3, 2, 3),
        "a small claim beside three": ([(0, 1), (0, 1), (0, 1), (0.9, 0)], 4, 0.9, 1.9),
    }.values(),
    ids=str,
)
def test_selection(intervals: list[tuple[float, float]], agreeing: int, middle: float, bound: float) -> None:
    answers = [Answer("", "", epoch, distance, None) for epoch, distance in intervals]
    assert selection(answers, 0)[0] == agreeing
    assert selection(answers, 0)[1:] == pytest.approx((middle, bound))


def test_no_answers_agree_on_nothing() -> None:
    assert selection([], 0.05)[0] == 0
