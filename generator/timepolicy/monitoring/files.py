"""The files that `timepolicy monitoring` writes."""

import json
from typing import Any

from timepolicy.fleet.node import STALE_S
from timepolicy.formats._yaml import as_yaml
from timepolicy.monitoring.dashboard import dashboard
from timepolicy.monitoring.readiness import MONITOR, SCRIPT, custom_plugin_monitor, node_readiness_rule
from timepolicy.monitoring.rules import prometheus_rule, rule_groups, rule_tests
from timepolicy.monitoring.settings import Settings
from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import Verbatim

RULES, DASHBOARD = "rules.yaml", "dashboard.json"

CHART_ARGUMENTS = (
    "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|var/lib/docker/.+|var/lib/kubelet/.+)($|/)",
    "--collector.filesystem.fs-types-exclude=^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl"
    "|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs"
    "|erofs)$",
)
"""The chart's own `extraArgs` of node_exporter, since a list in a values file replaces them."""

HOST_ROOT = "/host/root"
"""Where the chart mounts the node's root file system."""


def monitoring_files(settings: Settings) -> dict[str, str]:
    """Return the files by their paths below the folder that the command writes; the same for the same settings."""
    title = f"# timepolicy: monitoring of {settings.policy}. Edit the policy, not this file.\n"
    resources = ["prometheusrule.yaml"]
    documents = {
        RULES: rule_groups(settings),
        "rules_test.yaml": rule_tests(settings, RULES),
        resources[0]: prometheus_rule(settings),
        "kustomization.yaml": _kustomization(
            resources, "timepolicy-dashboard", [f"timepolicy.json={DASHBOARD}"], {"grafana_dashboard": "1"}
        ),
        "alertmanager.yaml": _inhibit_rules(settings),
        "values-kube-prometheus-stack.yaml": _chart_values(settings),
    }
    rules, alerts = (_as_jsonnet([group]) for group in rule_groups(settings)["groups"])
    files = {
        DASHBOARD: _as_json(dashboard(settings)),
        "mixin.libsonnet": render_snippet(
            "monitoring/mixin.libsonnet.j2", policy=settings.policy, rules=rules, alerts=alerts
        ),
    }
    if settings.textfile_dirs:  # with the agent: what asks it on the node
        documents |= {
            "node-readiness/kustomization.yaml": _kustomization(
                ["nodereadinessrule.yaml"], "timepolicy-clock", [MONITOR, SCRIPT], {}
            ),
            "node-readiness/nodereadinessrule.yaml": node_readiness_rule(),
        }
        files |= {
            f"node-readiness/{MONITOR}": _as_json(custom_plugin_monitor()),
            f"node-readiness/{SCRIPT}": render_snippet(f"monitoring/{SCRIPT}.j2", stale=STALE_S),
        }
    texts = {name: f"{title}{as_yaml(document, indent=2)}" for name, document in documents.items()}
    return dict(sorted((texts | files).items()))


def _chart_values(settings: Settings) -> dict[str, Any]:
    """Have the chart kube-prometheus-stack read the agent's metrics, and rules of any name."""
    directories = [f"--collector.textfile.directory={HOST_ROOT}{path}" for path in settings.textfile_dirs]
    bridge = {"prometheus-node-exporter": {"extraArgs": [*CHART_ARGUMENTS, *directories]}} if directories else {}
    return {**bridge, "prometheus": {"prometheusSpec": {"ruleSelectorNilUsesHelmValues": False}}}


def _inhibit_rules(settings: Settings) -> dict[str, Any]:
    """Have Alertmanager keep a warning silent while the same alert of the same node or cluster is critical."""
    ours = 'alertname=~"Timepolicy.+"'
    rule = {
        "source_matchers": [ours, 'severity="critical"'],
        "target_matchers": [ours, 'severity="warning"'],
        "equal": ["alertname", settings.scope.cluster, "job", "instance"],
    }
    return {"inhibit_rules": [rule]}


def _kustomization(resources: list[str], name: str, files: list[str], labels: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
        "configMapGenerator": [{"name": name, "files": files}],
        "generatorOptions": {"disableNameSuffixHash": True, **({"labels": labels} if labels else {})},
    }


def _as_json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _as_jsonnet(groups: list[dict[str, Any]]) -> Verbatim:
    """Return the groups as JSON, which Jsonnet includes; its own reader of YAML fails on text of several lines."""
    return Verbatim(json.dumps(groups, indent=2, ensure_ascii=False).replace("\n", "\n    "))
