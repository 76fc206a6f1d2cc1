"""The drawing as SVG 1.1, made without a browser, a font or a network."""

from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from timepolicy.reports.graph.topology import Edge, Group, Topology

NAME = "svg"

MARGIN, ROW, PADDING = 24.0, 18.0, 12.0
COLUMN_GAP, GROUP_GAP = 170.0, 28.0
CHARACTER = 7.3
"""The width of a character of the 13 px sans-serif font; wider than almost all, since fonts differ."""

FONT = {"font-family": "Helvetica, Arial, sans-serif", "font-size": "13", "fill": "#1f2328"}
FILLS = ("#ddf4ff", "#dafbe1", "#fff8c5")
"""By column: sources outside, servers, clients."""

LABEL = {"text-anchor": "middle", "stroke": "#ffffff", "stroke-width": "6", "paint-order": "stroke"}
"""White around letters that cross a line."""

LINE = {"stroke": "#57606a", "stroke-width": "1.5", "fill": "none", "marker-end": "url(#arrow)"}


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a group is, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


def draw(topology: Topology) -> bytes:
    """Return the picture; the same bytes for the same topology."""
    boxes = _layout(topology)
    lowest = max((box.bottom for box in boxes), default=0.0)
    width = max((box.right for box in boxes), default=0.0) + MARGIN
    height = lowest + MARGIN + (ROW * 2 if any(edge.is_spare for edge in topology.edges) else 0)
    picture = _picture(topology.name, width, height)
    for edge in topology.edges:
        _draw_edge(picture, edge, boxes, lowest)
    for group, box in zip(topology.groups, boxes, strict=True):
        _draw_group(picture, group, box)
    indent(picture)
    return f"{tostring(picture, encoding='unicode')}\n".encode()


def _layout(topology: Topology) -> list[_Box]:
    """Columns from left to right, each centred on the tallest."""
    groups, boxes, left = topology.groups, dict[int, _Box](), MARGIN
    places = sorted(range(len(groups)), key=lambda place: groups[place].column)
    columns = [list(column) for _, column in groupby(places, key=lambda place: groups[place].column)]
    tallest = max((_column_height([groups[place] for place in column]) for column in columns), default=0.0)
    for column in columns:
        width = max(_width(groups[place]) for place in column)
        top = MARGIN + (tallest - _column_height([groups[place] for place in column])) / 2
        for place in column:
            boxes[place] = _Box(left, top, width, _height(groups[place]))
            top = boxes[place].bottom + GROUP_GAP
        left += width + COLUMN_GAP
    return [boxes[place] for place in range(len(groups))]


def _height(group: Group) -> float:
    return (1 + len(group.members) + len(group.notes)) * ROW + PADDING * 2 - 4


def _width(group: Group) -> float:
    return max(len(text) for text in (group.title, *group.members, *group.notes)) * CHARACTER + PADDING * 2


def _column_height(groups: list[Group]) -> float:
    return sum(map(_height, groups)) + GROUP_GAP * (len(groups) - 1)


def _picture(name: str, width: float, height: float) -> Element:
    size = {"width": f"{width:g}", "height": f"{height:g}"}
    picture = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "viewBox": f"0 0 {width:g} {height:g}"})
    SubElement(picture, "title").text = f"{name}: which nodes take time from which"
    shape = {"viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "8", "markerHeight": "8", "orient": "auto"}
    marker = SubElement(SubElement(picture, "defs"), "marker", {"id": "arrow", **shape})
    SubElement(marker, "path", {"d": "M0 0 L8 4 L0 8 z", "fill": "#57606a"})
    SubElement(picture, "rect", {**size, "rx": "8", "fill": "#ffffff"})
    return picture


def _draw_group(picture: Element, group: Group, box: _Box) -> None:
    place = {"x": f"{box.x:g}", "y": f"{box.y:g}", "width": f"{box.width:g}", "height": f"{box.height:g}"}
    SubElement(picture, "rect", {**place, "rx": "6", "fill": FILLS[group.column], "stroke": "#57606a"})
    styles: list[dict[str, str]] = [{"font-weight": "bold"}]
    styles += [{}] * len(group.members) + [{"font-style": "italic", "fill": "#57606a"}] * len(group.notes)
    texts = (group.title, *group.members, *group.notes)
    for number, (text, style) in enumerate(zip(texts, styles, strict=True)):
        _write(picture, text, box.x + PADDING, box.y + PADDING + 10 + number * ROW, style)


def _draw_edge(picture: Element, edge: Edge, boxes: list[_Box], lowest: float) -> None:
    source, target = boxes[edge.source], boxes[edge.target]
    if edge.is_spare:
        # below everything: there may be servers between the two
        depth, start = lowest + ROW, source.x + source.width / 2
        line = f"M{start:g} {source.bottom:g} V{depth:g} H{target.x - PADDING * 2:g}"
        line += f" V{target.bottom - PADDING:g} H{target.x - 2:g}"
        SubElement(picture, "path", {**LINE, "d": line, "stroke-dasharray": "5 4"})
        _write(picture, edge.label, (source.right + target.x) / 2, depth + 4, {**LABEL})
        return
    SubElement(
        picture, "path", {**LINE, "d": f"M{source.right:g} {source.middle:g} L{target.x - 2:g} {target.middle:g}"}
    )
    middle = (source.middle + target.middle) / 2
    _write(picture, edge.label, (source.right + target.x) / 2, middle + 4, {**LABEL})


def _write(picture: Element, text: str, x: float, y: float, style: dict[str, str]) -> None:
    SubElement(picture, "text", {**FONT, **style, "x": f"{x:g}", "y": f"{y:g}"}).text = text
