"""Matchers of PromQL, and the labels that the tests of the rules take for them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timepolicy.monitoring.selector import Matcher, SelectorError, example_labels, matchers

NODES = ("a:9100", "b:9100")
DEFAULTS = {"job": "node-exporter", "cluster": "east"}

FOUND = {
    "": DEFAULTS,
    'job="node"': {"job": "node", "cluster": "east"},
    ' job = "node" , ': {"job": "node", "cluster": "east"},
    'job=~"node.*"': DEFAULTS,
    'job=~"kube(let|-proxy)|node"': {"job": "kubelet", "cluster": "east"},
    r'job=~"a\\.b"': {"job": "a.b", "cluster": "east"},
    'job=~"linux.+"': {"job": "linuxx", "cluster": "east"},
    'job!="node-exporter"': {"job": "x", "cluster": "east"},
    'job!="node-exporter", job!~"x+"': None,
    'team!~"a|b"': {**DEFAULTS, "team": ""},
    'instance!~"win.*"': DEFAULTS,
    r'note="a\"b\\c\nd"': {**DEFAULTS, "note": 'a"b\\c\nd'},
    'job="a", job=~"a|b"': {"job": "a", "cluster": "east"},
}


@pytest.mark.parametrize(("text", "labels"), FOUND.items(), ids=FOUND)
def test_labels_that_match(text: str, labels: dict[str, str] | None) -> None:
    if labels is None:
        with pytest.raises(SelectorError, match="need a value of `job`"):
            example_labels(text, DEFAULTS, NODES)
    else:
        assert example_labels(text, DEFAULTS, NODES) == labels


@pytest.mark.parametrize("text", ["job", "job=a", "job='a'", 'job="a" job="b"', 'a-b="c"', 'job="', '{job="a"}', ","])
def test_what_is_no_list_of_matchers(text: str) -> None:
    with pytest.raises(SelectorError, match="is no list of matchers"):
        matchers(text)


WORDS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)


@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(["", ".*", ".+", ".", r"\\."]))
def test_alternatives_with_wildcards_have_an_example(words: list[str], end: str) -> None:
    text = f'job=~"{"|".join(word + end for word in words)}"'
    labels = example_labels(text, DEFAULTS, NODES)
    assert all(matcher.matches(labels["job"]) for matcher in matchers(text))


@given(st.text(max_size=30))
def test_no_text_is_more_than_refused(text: str) -> None:
    found: list[Matcher] = []
    with suppress(SelectorError):
        found = matchers(text)
    assert all(matcher.label in text for matcher in found)
