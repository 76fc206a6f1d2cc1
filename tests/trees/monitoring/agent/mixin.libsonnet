// timepolicy: monitoring of east. Edit the policy, not this file.
local groups = std.parseYaml(importstr 'rules.yaml').groups;
{
  prometheusRules+:: {
    groups+: [group for group in groups if group.name == 'timepolicy.rules'],
  },
  prometheusAlerts+:: {
    groups+: [group for group in groups if group.name == 'timepolicy.alerts'],
  },
  grafanaDashboards+:: {
    'timepolicy.json': import 'dashboard.json',
  },
}
