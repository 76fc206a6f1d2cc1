"""An alert as data: what fires it, what it says, and the series that show both in its test."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ALERT_PAGE = "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md"
NODE = (
    '{{ with printf "node_uname_info{instance=%q}" $labels.instance | query }}{{ . | first | label "nodename" }}'
    "{{ else }}{{ $labels.instance }}{{ end }}"
)
"""The name of the node of an alert, or where none is known its address, which is what `instance` often is."""

PLACEHOLDER = re.compile(r"\{(\w+)(?::(\.\df))?\}")


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a test, in promtool's notation with a sample each minute.

    `metric` may have labels of its own; those of the node come on top.
    """

    metric: str
    values: str
    node: str = "a"


def number(value: float) -> str:
    """Return a number for PromQL and promtool, to the microsecond and without an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def clock(offset: float = 0, node: str = "a") -> Series:
    """Return the clock of a node that is `offset` seconds ahead."""
    return Series("node_time_seconds", f"{number(offset)}+60x90", node)


def constant(metric: str, value: float, node: str = "a") -> Series:
    """Return a series that does not change."""
    return Series(metric, f"{number(value)}x90", node)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """An alert. `lasts` is for how many minutes the expression must hold.

    A placeholder of summary and description is a label, `cluster` whatever the label's name is, `instance` the node's
    name, or `value` with a format such as `.1f`. `fires` are series that fire it, with `value`, on the node `a`, or on
    no node for an alert about a cluster; `labels` are those that it has besides. `quiet` are the series one notch
    below. `below` is the value of the warning that fires one notch below a critical alert of the same name.
    """

    name: str
    severity: str
    expression: str
    lasts: int
    summary: str
    description: str
    fires: tuple[Series, ...]
    value: float
    quiet: tuple[Series, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    below: float | None = None
    is_about_cluster: bool = False

    def annotations(self, cluster_label: str) -> dict[str, str]:
        """Return the annotations as templates of Prometheus."""

        def template(match: re.Match[str]) -> str:
            if match[1] == "value":
                return f'{{{{ printf "%{match[2]}" $value }}}}'
            label = cluster_label if match[1] == "cluster" else match[1]
            return NODE if label == "instance" else f"{{{{ $labels.{label} }}}}"

        return self._annotations(template)

    def annotations_of_example(self, labels: Mapping[str, str], value: float) -> dict[str, str]:
        """Return the annotations of an alert with `labels` and `value`."""
        return self._annotations(lambda match: format(value, match[2]) if match[1] == "value" else labels[match[1]])

    def _annotations(self, filled: Callable[[re.Match[str]], str]) -> dict[str, str]:
        texts = {"summary": self.summary, "description": self.description}
        texts = {name: PLACEHOLDER.sub(filled, text) for name, text in texts.items()}
        return {**texts, "runbook_url": f"{ALERT_PAGE}#{self.name.lower()}"}
