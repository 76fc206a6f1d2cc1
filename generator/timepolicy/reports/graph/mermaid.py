"""The drawing as a Mermaid flowchart (mermaid.js.org), which GitHub and GitLab show in a page."""

from timepolicy.reports.graph.topology import Edge, Group, Topology

NAME = "mermaid"

ARROWS = {False: "-->", True: "-.->"}


def draw(topology: Topology) -> bytes:
    """Return a flowchart, from left to right; the same bytes for the same topology."""
    lines = ["flowchart LR"]
    lines += [f'  group{place}["{_text(group)}"]' for place, group in enumerate(topology.groups)]
    lines += [_edge(edge) for edge in topology.edges]
    return ("\n".join(lines) + "\n").encode()


def _text(group: Group) -> str:
    rows = [
        f"<b>{_escaped(group.title)}</b>",
        *map(_escaped, group.members),
        *(f"<i>{_escaped(note)}</i>" for note in group.notes),
    ]
    return "<br>".join(rows)


def _edge(edge: Edge) -> str:
    return f'  group{edge.source} {ARROWS[edge.is_spare]}|"{_escaped(edge.label)}"| group{edge.target}'


def _escaped(text: str) -> str:
    """Mermaid's entities: number signs begin one, and quotation marks would end the text."""
    for character, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(character, entity)
    return text
