"""The picture of a policy, in both forms: goldens to the byte, and what must hold of any picture."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import ROOT, TREES
from tests.helpers.command_line import policy_file, timepolicy
from tests.helpers.golden_files import assert_golden
from timepolicy.reports.graph import mermaid, svg
from timepolicy.reports.graph.topology import Edge, Group, Topology

UNHURRIED = settings(deadline=None)

CASES = sorted((TREES / "graph").glob("*.yaml"))
SVG = "{http://www.w3.org/2000/svg}"

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
GROUPS = st.builds(
    Group,
    title=TEXTS,
    members=st.lists(TEXTS, max_size=5).map(tuple),
    notes=st.lists(TEXTS, max_size=5).map(tuple),
    column=st.integers(0, 2),
)


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    groups = tuple(draw(st.lists(GROUPS, min_size=1, max_size=6)))
    places = st.integers(0, len(groups) - 1)
    edges = st.lists(st.builds(Edge, source=places, target=places, label=TEXTS, is_spare=st.booleans()), max_size=6)
    return Topology(name=draw(TEXTS), groups=groups, edges=tuple(draw(edges)))


def drawn(policy: Path | str, form: str) -> str:
    done = timepolicy("graph", str(policy), "--format", form)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("form", ["mermaid", "svg"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_golden(case: Path, form: str, update_golden: bool) -> None:
    assert_golden(case.with_suffix(f".{form}"), drawn(case, form), update_golden)


def test_the_picture_of_the_servers_page_is_the_examples(update_golden: bool) -> None:
    path = "examples/server-tier/graph.svg"
    assert f"(../{path})" in (ROOT / "docs/servers.md").read_text()
    assert_golden(ROOT / path, drawn("examples/server-tier/timepolicy.yaml", "svg"), update_golden)


def test_a_wrong_policy_has_no_picture(tmp_path: Path) -> None:
    done = timepolicy("graph", policy_file(tmp_path, "timezone: UTC\nupstreams: [a, a]\n"))
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_policy_that_no_release_can_have_says_why(tmp_path: Path) -> None:
    text = "timezone: UTC\nupstreams: [{pool: a.example, max_unreach: 9}]\nclients: {daemon: systemd-timesyncd}\n"
    done = timepolicy("graph", policy_file(tmp_path, text))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[" in done.stderr


def rectangles(picture: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each; the first is the paper."""
    found = []
    for element in picture.iter(f"{SVG}rect"):
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        found.append((x, y, x + float(element.get("width", 0)), y + float(element.get("height", 0))))
    return found


@UNHURRIED
@given(topologies())
def test_boxes_lie_on_the_paper_and_apart(topology: Topology) -> None:
    paper, *boxes = rectangles(ElementTree.fromstring(svg.draw(topology)))
    assert len(boxes) == len(topology.groups)
    for left, top, right, bottom in boxes:
        assert 0 < left < right < paper[2]
        assert 0 < top < bottom < paper[3]
    for one, other in combinations(boxes, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


@UNHURRIED
@given(topologies())
def test_every_text_is_in_the_picture(topology: Topology) -> None:
    picture = ElementTree.fromstring(svg.draw(topology))
    texts = [element.text for element in picture.iter(f"{SVG}text")]
    expected = [text for group in topology.groups for text in (group.title, *group.members, *group.notes)]
    assert sorted(map(str, texts)) == sorted([*expected, *(edge.label for edge in topology.edges)])


@UNHURRIED
@given(topologies())
def test_mermaid_has_a_line_for_each_thing_and_no_text_that_ends_early(topology: Topology) -> None:
    head, *lines = mermaid.draw(topology).decode().splitlines()
    assert head == "flowchart LR"
    assert len(lines) == len(topology.groups) + len(topology.edges)
    assert all(line.count('"') == 2 for line in lines)
