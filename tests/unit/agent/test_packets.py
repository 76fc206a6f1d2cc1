"""What the agent makes of packets and of sets of answers, whatever they are."""

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


offsets = st.floats(min_value=-1e8, max_value=1e8)
distances = st.floats(min_value=0.0001, max_value=1)


@given(st.lists(distances, min_size=2, max_size=5), st.lists(offsets, max_size=4))
def test_a_truthful_majority_is_believed(truthful: list[float], lies: list[float]) -> None:
    """Truthful answers are right within their distance; fewer liars, however placed, do not pull the result away."""
    lies = lies[: len(truthful) - 1]
    good = [
        Answer(f"good{n}", "", 1000 + (-1) ** n * distance * 0.9, distance, None) for n, distance in enumerate(truthful)
    ]
    bad = [Answer(f"bad{n}", "", 1000 + lie, 0.001, None) for n, lie in enumerate(lies)]
    agreeing, low, high = selection(bad + good, 0.0)
    assert agreeing * 2 > len(good + bad)
    assert abs((low + high) / 2 - 1000) <= max(truthful) * 2


def test_no_answers_agree_on_nothing() -> None:
    assert selection([], 0.05)[0] == 0
