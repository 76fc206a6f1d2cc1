"""The rules of Prometheus, in its own form and as a PrometheusRule, and the tests of the alerts for promtool."""

import json
from typing import Any

from timepolicy.monitoring.alert import Alert, Series
from timepolicy.monitoring.clock_alerts import clock_alerts
from timepolicy.monitoring.cluster_alerts import cluster_alerts
from timepolicy.monitoring.records import records
from timepolicy.monitoring.settings import PORT, Settings
from timepolicy.monitoring.verification_alerts import verification_alerts

RECORDS, ALERTS = "timepolicy.rules", "timepolicy.alerts"
"""The names of the groups."""

MARGIN_MIN = 20
"""How long after its duration an alert is asked for: series that end do so after ten minutes, and are seen for five."""


def alerts(settings: Settings) -> tuple[Alert, ...]:
    """Return all alerts that can fire."""
    return clock_alerts(settings) + verification_alerts(settings) + cluster_alerts(settings)


def rule_groups(settings: Settings) -> dict[str, Any]:
    """Return the groups of rules, as a file of rules has them."""
    recorded = records(settings.scope, has_agent=bool(settings.textfile_dirs))
    return {
        "groups": [
            {"name": RECORDS, "rules": [{"record": name, "expr": text} for name, text in recorded.items()]},
            {"name": ALERTS, "rules": [_rule(alert, settings) for alert in alerts(settings)]},
        ]
    }


def _rule(alert: Alert, settings: Settings) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expression,
        **({"for": f"{alert.lasts}m"} if alert.lasts else {}),
        "labels": {"severity": alert.severity},
        "annotations": alert.annotations(settings.scope.cluster),
    }


def prometheus_rule(settings: Settings) -> dict[str, Any]:
    """Return the rules as the resource of the Prometheus operator."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "timepolicy", "labels": {"app.kubernetes.io/name": "timepolicy"}},
        "spec": rule_groups(settings),
    }


def rule_tests(settings: Settings, rule_file: str) -> dict[str, Any]:
    """Return promtool's tests: each alert fires, and one notch below nothing does but a less severe one."""
    rows = alerts(settings)
    names = list(dict.fromkeys(alert.name for alert in rows))
    tests = []
    for alert in rows:
        severities = [alert.severity] if alert.below is None else ["warning", alert.severity]
        fired = [_expected(alert, settings, severity, alert.value) for severity in severities]
        quiet: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        if alert.below is not None:
            quiet = {alert.name: [_expected(alert, settings, "warning", alert.below)]}
        title = f"{alert.name}, {alert.severity}"
        tests.append(_test(f"{title}, fires", alert, alert.fires, settings, {alert.name: fired}))
        tests.append(_test(f"{title}, one notch below", alert, alert.quiet, settings, quiet))
    return {"rule_files": [rule_file], "evaluation_interval": "1m", "tests": tests}


def _expected(alert: Alert, settings: Settings, severity: str, value: float) -> dict[str, Any]:
    cluster = settings.scope.cluster
    keys = {key: text for key, text in _labels("a", settings).items() if key in (cluster, "job", "instance")}
    labels = {cluster: keys[cluster]} if alert.is_about_cluster else keys
    labels = {**labels, **alert.labels, "severity": severity}
    texts = {**labels, "cluster": keys[cluster]}
    return {"exp_labels": labels, "exp_annotations": alert.annotations_of_example(texts, value)}


def _test(
    name: str, alert: Alert, series: tuple[Series, ...], settings: Settings, expected: dict[str, Any]
) -> dict[str, Any]:
    minute = f"{alert.lasts + MARGIN_MIN}m"
    rows = [{"eval_time": minute, "alertname": alertname, "exp_alerts": rows} for alertname, rows in expected.items()]
    inputs = [{"series": _named(row, settings), "values": row.values} for row in series]
    return {"name": name, "interval": "1m", "input_series": inputs, "alert_rule_test": rows}


def _named(row: Series, settings: Settings) -> str:
    metric, _, own = row.metric.rstrip("}").partition("{")
    labels = ",".join(f"{name}={json.dumps(value)}" for name, value in _labels(row.node, settings).items())
    return f"{metric}{{{','.join(filter(None, (labels, own)))}}}"


def _labels(node: str, settings: Settings) -> dict[str, str]:
    return {**settings.labels, "instance": f"{node}{PORT}"}
