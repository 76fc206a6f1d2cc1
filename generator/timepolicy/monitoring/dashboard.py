"""The dashboard in Grafana's classic model."""

from typing import Any

from timepolicy.monitoring.panels import LABELS, NEUTRAL, OFFSET_LIMIT, SECONDS, YES_OR_NO, Panel, panels
from timepolicy.monitoring.records import MEDIAN
from timepolicy.monitoring.settings import Settings

SCHEMA_VERSION = 42
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HEIGHTS = {"stat": 4, "timeseries": 9, "table": 12}
COLUMNS = 24
YES_AND_NO = {"0": {"text": "no", "color": "red"}, "1": {"text": "yes", "color": "green"}}
LOOKS: dict[str, dict[str, Any]] = {
    SECONDS: {"unit": "s", "decimals": 3},
    YES_OR_NO: {"mappings": [{"type": "value", "options": YES_AND_NO}], "custom.cellOptions": {"type": "color-text"}},
}
"""How a column of a table looks, by what it shows."""


def dashboard(settings: Settings) -> dict[str, Any]:
    """Return the dashboard as JSON-like data."""
    return {
        "uid": "timepolicy",
        "title": "Clocks of the nodes",
        "description": f"Policy {settings.policy}. Made by `timepolicy monitoring`.",
        "tags": ["timepolicy"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": _variables(settings)},
        "annotations": {"list": []},
        "panels": _placed(panels(settings), settings),
    }


def _variables(settings: Settings) -> list[dict[str, Any]]:
    """The clusters include the one without a label, as in a Prometheus of one cluster."""
    clusters = f"label_values({MEDIAN}, {settings.scope.cluster})"
    return [
        {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
        {
            "name": "cluster",
            "label": "Cluster",
            "type": "query",
            "datasource": SOURCE,
            "query": {"query": clusters, "refId": "cluster"},
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": ["All"], "value": ["$__all"]},
        },
    ]


def _placed(rows: tuple[Panel, ...], settings: Settings) -> list[dict[str, Any]]:
    """From left to right, and below where a row is full."""
    placed, x, y, height = [], 0, 0, 0
    for number, panel in enumerate(rows, start=1):
        if x + panel.width > COLUMNS:
            x, y, height = 0, y + height, 0
        height = max(height, HEIGHTS[panel.kind])
        place = {"x": x, "y": y, "w": panel.width, "h": HEIGHTS[panel.kind]}
        placed.append({"id": number, "gridPos": place, **_panel(panel, settings)})
        x += panel.width
    return placed


def _panel(panel: Panel, settings: Settings) -> dict[str, Any]:
    is_range = panel.kind == "timeseries"
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": SOURCE,
            "expr": query.expression,
            "legendFormat": query.legend,
            "instant": not is_range,
            "range": is_range,
            "format": "table" if panel.kind == "table" else "time_series",
        }
        for index, query in enumerate(panel.queries)
    ]
    common: dict[str, Any] = {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "targets": targets,
    }
    if panel.kind == "table":
        return common | _table(panel, settings)
    defaults = {"unit": panel.unit, "thresholds": _thresholds(panel, settings)}
    if panel.kind == "stat":
        options: dict[str, Any] = {
            "colorMode": "background" if panel.colors != NEUTRAL else "none",
            "graphMode": "none",
        }
        options |= {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
        return common | {"options": options, "fieldConfig": {"defaults": defaults, "overrides": []}}
    style = {"thresholdsStyle": {"mode": "line" if panel.colors == OFFSET_LIMIT else "off"}, "showPoints": "never"}
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": panel.colors == NEUTRAL}}
    options |= {"tooltip": {"mode": "multi", "sort": "desc"}}
    return common | {"options": options, "fieldConfig": {"defaults": {**defaults, "custom": style}, "overrides": []}}


def _thresholds(panel: Panel, settings: Settings) -> dict[str, Any]:
    """A threshold colors what is not less, hence `None` for the lowest."""
    green, orange, red = "green", "orange", "red"
    steps: list[tuple[str, float | None]] = [(green, None)]
    if panel.colors == OFFSET_LIMIT and panel.kind == "stat":
        steps += [(orange, settings.warning), (red, settings.critical)]
    elif panel.colors == OFFSET_LIMIT:
        limits = (-settings.critical, -settings.warning, settings.warning, settings.critical)
        steps = [(red, None), *zip((orange, green, orange, red), limits, strict=True)]
    elif panel.colors != NEUTRAL:
        steps += [(red, 1)]
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in steps]}


def _table(panel: Panel, settings: Settings) -> dict[str, Any]:
    """One row a node: Grafana names the value of query A `Value #A`, and joins the rows by the labels they share."""
    columns = {f"Value #{chr(ord('A') + index)}": query for index, query in enumerate(panel.queries)}
    hidden = [name for name, query in columns.items() if query.shows == LABELS]
    order = ["nodename", "instance", settings.scope.cluster, *columns, "daemon", "policy", "digest", "release", "role"]
    titles = {name: query.legend for name, query in columns.items() if name not in hidden}
    organize = {
        "excludeByName": dict.fromkeys(["Time", *hidden], True),
        "indexByName": {name: index for index, name in enumerate(order)},
        "renameByName": {"nodename": "Node", **titles},
    }
    return {
        "transformations": [{"id": "merge", "options": {}}, {"id": "organize", "options": organize}],
        "options": {"showHeader": True, "sortBy": [{"displayName": panel.queries[0].legend, "desc": True}]},
        "fieldConfig": {
            "defaults": {"custom": {"filterable": True}},
            "overrides": [
                _override(query.legend, LOOKS[query.shows]) for query in panel.queries if query.shows in LOOKS
            ],
        },
    }


def _override(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    rows = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": rows}
